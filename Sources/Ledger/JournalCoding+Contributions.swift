import SettlementDomain

extension ContributionPeriod: Journaled {
    /// Appends the number `yyyymm`.
    public func write(to writer: inout ByteWriter) {
        writer.unsigned(UInt64(yyyymm))
    }

    /// Reads the number; a month above 12 is a fault.
    public init(from reader: inout ByteReader) throws(CodingFault) {
        let offset = reader.offset
        guard let period = ContributionPeriod(yyyymm: try reader.integer()) else {
            throw CodingFault(offset: offset, expected: "a period, yyyymm")
        }
        self = period
    }
}

extension ContributionRate: Journaled {
    /// Appends category and both rates.
    public func write(to writer: inout ByteWriter) {
        writer.choice(category)
        employer.write(to: &writer)
        individual.write(to: &writer)
    }

    /// Reads a rate.
    public init(from reader: inout ByteReader) throws(CodingFault) {
        self.init(
            category: try reader.choice(), employer: try Ratio(from: &reader),
            individual: try Ratio(from: &reader))
    }
}

extension CreditBand: Journaled {
    /// Appends category, age and share.
    public func write(to writer: inout ByteWriter) {
        writer.choice(category)
        writer.unsigned(UInt64(clamping: ageFrom))
        ofBase.write(to: &writer)
    }

    /// Reads a band.
    public init(from reader: inout ByteReader) throws(CodingFault) {
        self.init(
            category: try reader.choice(), ageFrom: try reader.integer(),
            ofBase: try Ratio(from: &reader))
    }
}

extension RetireeBand: Journaled {
    /// Appends age and amount.
    public func write(to writer: inout ByteWriter) {
        writer.unsigned(UInt64(clamping: ageFrom))
        monthly.write(to: &writer)
    }

    /// Reads a band.
    public init(from reader: inout ByteReader) throws(CodingFault) {
        self.init(ageFrom: try reader.integer(), monthly: try Money(from: &reader))
    }
}

extension ResidentAmount: Journaled {
    /// Appends category and amount.
    public func write(to writer: inout ByteWriter) {
        writer.choice(category)
        yearly.write(to: &writer)
    }

    /// Reads an amount.
    public init(from reader: inout ByteReader) throws(CodingFault) {
        self.init(category: try reader.choice(), yearly: try Money(from: &reader))
    }
}

extension ArrearsRule: Journaled {
    /// Appends months, first day and restoration.
    public func write(to writer: inout ByteWriter) {
        writer.unsigned(UInt64(clamping: suspendedAfterMonths))
        countedFrom.write(to: &writer)
        writer.choice(restored)
    }

    /// Reads a rule.
    public init(from reader: inout ByteReader) throws(CodingFault) {
        self.init(
            suspendedAfterMonths: try reader.integer(),
            countedFrom: try CivilDate(from: &reader), restored: try reader.choice())
    }
}

extension ContributionTerms: Journaled {
    /// Appends the terms in the order of their keys.
    public func write(to writer: inout ByteWriter) {
        writer.values(rates)
        writer.unsigned(UInt64(clamping: payableAheadMonths))
        baseFloor.write(to: &writer)
        baseCeiling.write(to: &writer)
        writer.values(credits)
        writer.values(retirees)
        writer.values(residents)
        interest.write(to: &writer)
        writer.optionalValue(arrears)
    }

    /// Reads terms.
    public init(from reader: inout ByteReader) throws(CodingFault) {
        self.init(
            rates: try reader.values(), payableAheadMonths: try reader.integer(),
            baseFloor: try Money(from: &reader), baseCeiling: try Money(from: &reader),
            credits: try reader.values(), retirees: try reader.values(),
            residents: try reader.values(), interest: try Ratio(from: &reader),
            arrears: try reader.optionalValue())
    }
}

extension ContributionStanding: Journaled {
    /// Appends employer, month and days where they are known.
    public func write(to writer: inout ByteWriter) {
        writer.optionalValue(employer)
        writer.optionalValue(paidThrough)
        writer.optionalValue(suspendedFrom)
        writer.optionalValue(coveredFrom)
    }

    /// Reads a standing.
    public init(from reader: inout ByteReader) throws(CodingFault) {
        self.init(
            employer: try reader.optionalValue(), paidThrough: try reader.optionalValue(),
            suspendedFrom: try reader.optionalValue(), coveredFrom: try reader.optionalValue())
    }
}

extension ContributionRow: Journaled {
    /// Appends the contribution.
    public func write(to writer: inout ByteWriter) {
        key.person.write(to: &writer)
        key.period.write(to: &writer)
        base.write(to: &writer)
        employerPart.write(to: &writer)
        individualPart.write(to: &writer)
        credited.write(to: &writer)
        paidDate.write(to: &writer)
        collector.write(to: &writer)
        writer.optionalValue(employer)
    }

    /// Reads a contribution.
    public init(from reader: inout ByteReader) throws(CodingFault) {
        let key = ContributionKey(
            person: try PersonID(from: &reader), period: try ContributionPeriod(from: &reader))
        self.init(
            key: key, base: try Money(from: &reader), employerPart: try Money(from: &reader),
            individualPart: try Money(from: &reader), credited: try Money(from: &reader),
            paidDate: try CivilDate(from: &reader), collector: try InstitutionID(from: &reader),
            employer: try reader.optionalValue())
    }
}
