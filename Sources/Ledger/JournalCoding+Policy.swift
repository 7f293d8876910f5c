import SettlementDomain

extension BenefitRule: Journaled {
    /// Appends the keys that are named, deductible and ratio.
    public func write(to writer: inout ByteWriter) {
        writer.optional(benefit) { $0.choice($1) }
        writer.optional(insuranceType) { $0.choice($1) }
        writer.optional(category) { $0.choice($1) }
        writer.optional(level) { $0.choice($1) }
        deductible.write(to: &writer)
        ratio.write(to: &writer)
        writer.values(laterDeductibles)
    }

    /// Reads a rule.
    public init(from reader: inout ByteReader) throws(CodingFault) {
        self.init(
            benefit: try reader.optionalChoice(), insuranceType: try reader.optionalChoice(),
            category: try reader.optionalChoice(), level: try reader.optionalChoice(),
            deductible: try Money(from: &reader), ratio: try Ratio(from: &reader),
            laterDeductibles: try reader.values())
    }
}

extension CapRule: Journaled {
    /// Appends the keys that are named, the caps and the large ratio.
    public func write(to writer: inout ByteWriter) {
        writer.optional(benefit) { $0.choice($1) }
        writer.optional(insuranceType) { $0.choice($1) }
        pooledCap.write(to: &writer)
        largeRatio.write(to: &writer)
        largeCap.write(to: &writer)
    }

    /// Reads a rule.
    public init(from reader: inout ByteReader) throws(CodingFault) {
        self.init(
            benefit: try reader.optionalChoice(), insuranceType: try reader.optionalChoice(),
            pooledCap: try Money(from: &reader), largeRatio: try Ratio(from: &reader),
            largeCap: try Money(from: &reader))
    }
}

extension SupplementaryPlan: Journaled {
    /// Appends id, ratio and cap.
    public func write(to writer: inout ByteWriter) {
        id.write(to: &writer)
        ratio.write(to: &writer)
        annualCap.write(to: &writer)
    }

    /// Reads id, ratio and cap.
    public init(from reader: inout ByteReader) throws(CodingFault) {
        self.init(
            id: try PlanID(from: &reader), ratio: try Ratio(from: &reader),
            annualCap: try Money(from: &reader))
    }
}

extension Practice: Journaled {
    /// Appends the flags in the order of their declaration.
    public func write(to writer: inout ByteWriter) {
        writer.flag(accountPaysOverLimitAtHospitals)
        writer.flag(accountPaysNonCatalogAtHospitals)
        writer.flag(accountPaysDisinfectants)
        writer.flag(accountPaysHealthProducts)
        writer.flag(accountPaysCheckups)
        writer.flag(familyPaysVaccines)
        writer.flag(familyHasGrandparents)
        writer.flag(familyHasSiblings)
    }

    /// Reads the flags.
    public init(from reader: inout ByteReader) throws(CodingFault) {
        self.init(
            accountPaysOverLimitAtHospitals: try reader.flag(),
            accountPaysNonCatalogAtHospitals: try reader.flag(),
            accountPaysDisinfectants: try reader.flag(),
            accountPaysHealthProducts: try reader.flag(),
            accountPaysCheckups: try reader.flag(), familyPaysVaccines: try reader.flag(),
            familyHasGrandparents: try reader.flag(), familyHasSiblings: try reader.flag())
    }
}

/// One visit type that the pooled fund pays.
private struct VisitBenefit: Journaled {
    var visit: VisitType
    var benefit: BenefitCategory

    init(visit: VisitType, benefit: BenefitCategory) {
        self.visit = visit
        self.benefit = benefit
    }

    func write(to writer: inout ByteWriter) {
        writer.choice(visit)
        writer.choice(benefit)
    }

    init(from reader: inout ByteReader) throws(CodingFault) {
        self.init(visit: try reader.choice(), benefit: try reader.choice())
    }
}

extension Policy: Journaled {
    /// Appends the policy, its visit types in the order of their numbers.
    public func write(to writer: inout ByteWriter) {
        region.write(to: &writer)
        version.write(to: &writer)
        effectiveFrom.write(to: &writer)
        writer.values(
            visitBenefits.map { VisitBenefit(visit: $0, benefit: $1) }
                .sorted { $0.visit.rawValue < $1.visit.rawValue })
        writer.values(benefits)
        writer.values(caps)
        writer.values(plans)
        writer.optionalValue(traceCodesRequiredFrom)
        practice.write(to: &writer)
        writer.optionalValue(contributions)
        writer.unsigned(UInt64(clamping: adultAge))
        writer.flag(chronicDiseases != nil)
        writer.values(chronicDiseases ?? [])
        claims.write(to: &writer)
    }

    /// Reads a policy; visit types that are not in the order of their numbers, each once, are a fault.
    public convenience init(from reader: inout ByteReader) throws(CodingFault) {
        let region = try RegionCode(from: &reader)
        let version = try PolicyVersion(from: &reader)
        let effectiveFrom = try CivilDate(from: &reader)
        var visitBenefits: [VisitType: BenefitCategory] = [:]
        var last: UInt8?
        for pair in try reader.values(VisitBenefit.self) {
            guard last.map({ $0 < pair.visit.rawValue }) ?? true else {
                throw CodingFault(offset: reader.offset, expected: "visit types in their order")
            }
            last = pair.visit.rawValue
            visitBenefits[pair.visit] = pair.benefit
        }
        self.init(
            region: region, version: version, effectiveFrom: effectiveFrom,
            visitBenefits: visitBenefits, benefits: try reader.values(),
            caps: try reader.values(), plans: try reader.values(),
            traceCodesRequiredFrom: try reader.optionalValue(),
            practice: try Practice(from: &reader), contributions: try reader.optionalValue(),
            adultAge: Int(try reader.integer(UInt8.self)),
            chronicDiseases: try reader.chronicDiseases(), claims: try ClaimTerms(from: &reader))
    }
}

extension ClaimTerms: Journaled {
    /// Appends the three deadlines.
    public func write(to writer: inout ByteWriter) {
        writer.unsigned(UInt64(clamping: submitDays))
        writer.unsigned(UInt64(clamping: documentDays))
        writer.unsigned(UInt64(clamping: decisionDays))
    }

    /// Reads the three deadlines.
    public init(from reader: inout ByteReader) throws(CodingFault) {
        self.init(
            submitDays: Int(try reader.integer(UInt16.self)),
            documentDays: Int(try reader.integer(UInt16.self)),
            decisionDays: Int(try reader.integer(UInt16.self)))
    }
}

extension PolicyRow: Journaled {
    /// Appends the policy.
    public func write(to writer: inout ByteWriter) {
        policy.write(to: &writer)
    }

    /// Reads a policy.
    public init(from reader: inout ByteReader) throws(CodingFault) {
        self.init(policy: try Policy(from: &reader))
    }
}

extension ByteReader {
    /// Whether a policy lists chronic diseases, and the list.
    fileprivate mutating func chronicDiseases() throws(CodingFault) -> [DiseaseCode]? {
        let isListed = try flag()
        let codes: [DiseaseCode] = try values()
        guard isListed || codes.isEmpty else {
            throw CodingFault(offset: offset, expected: "no diseases where none are listed")
        }
        return isListed ? codes : nil
    }

    mutating func optionalChoice<Value: RawRepresentable>(
        _ type: Value.Type = Value.self
    ) throws(CodingFault) -> Value? where Value.RawValue: FixedWidthInteger {
        try flag() ? try choice(Value.self) : nil
    }
}
