import SettlementDomain
import Testing

/// The invented region, people, places and items of these tests.
enum Fixtures {
    static let region = RegionCode(rawValue: 999_001)
    static let day = date(2026_11_23)

    static func date(_ yyyymmdd: Int32) -> CivilDate {
        CivilDate(yyyymmdd: yyyymmdd) ?? .first
    }

    static func ratio(_ tenThousandths: Int64) -> Ratio {
        Ratio(tenThousandths: tenThousandths) ?? .zero
    }

    static func yuan(_ text: String) throws -> Money {
        try #require(Money(yuan: text))
    }

    static func code(_ text: String) throws -> ItemCode {
        try #require(ItemCode(text))
    }

    static func person(
        id: UInt64 = 110_000_001, sex: Sex = .male, born: Int32 = 1980_05_12,
        insurance: InsuranceType = .employee, category: PersonCategory = .active,
        coverage: CoverageStatus = .active, plans: [PlanID] = []
    ) throws -> Person {
        Person(
            id: try #require(PersonID(rawValue: id)), sex: sex, birthDate: date(born),
            insuranceType: insurance, category: category, region: try #require(region),
            coverage: coverage, plans: plans)
    }

    static func institution(
        _ kind: InstitutionKind, _ level: InstitutionLevel = .level3, vaccinates: Bool = false
    ) throws -> Institution {
        Institution(
            id: try #require(InstitutionID("H99900100003")), name: "Invented", kind: kind,
            level: level, vaccinates: vaccinates, region: try #require(region))
    }

    static func visit(
        _ kind: InstitutionKind = .hospital, _ type: VisitType = .outpatient,
        level: InstitutionLevel = .level3, vaccinates: Bool = false, person: Person? = nil,
        on day: CivilDate = day
    ) throws -> Visit {
        Visit(
            person: try person ?? Self.person(),
            institution: try institution(kind, level, vaccinates: vaccinates), type: type,
            serviceDate: day)
    }

    /// Deductible 1,800.00, ratio 70 %, cap 20,000.00, large 60 % up to 200,000.00, for everyone.
    static func policy(
        deductible: Int64 = 180_000, ratio tenThousandths: Int64 = 7000,
        pooledCap: Int64 = 2_000_000, largeRatio: Int64 = 6000, largeCap: Int64 = 20_000_000,
        plans: [SupplementaryPlan] = [], traceCodesRequiredFrom: CivilDate? = nil,
        practice: Practice = .standard
    ) throws -> Policy {
        Policy(
            region: try #require(region), version: PolicyVersion(rawValue: 7),
            effectiveFrom: date(2026_01_01),
            visitBenefits: [
                .outpatient: .outpatient, .emergency: .outpatient,
                .chronicOutpatient: .chronicOutpatient, .inpatient: .inpatient,
            ],
            benefits: [
                BenefitRule(deductible: Money(fen: deductible), ratio: ratio(tenThousandths))
            ],
            caps: [
                CapRule(
                    pooledCap: Money(fen: pooledCap), largeRatio: ratio(largeRatio),
                    largeCap: Money(fen: largeCap))
            ],
            plans: plans, traceCodesRequiredFrom: traceCodesRequiredFrom, practice: practice)
    }

    static func entry(
        _ code: String = "XA000000000000000000001", _ kind: ItemKind = .westernMedicine,
        _ level: PaymentLevel = .a, firstSelfPay: Int64 = 0, accountAllowed: Bool = true,
        nonTreatment: NonTreatmentCategory? = nil, restrictions: [Restriction] = [],
        from: Int32 = 2026_01_01, to: Int32? = nil
    ) throws -> CatalogEntry {
        CatalogEntry(
            code: try self.code(code), name: "invented item", kind: kind, level: level,
            firstSelfPay: ratio(firstSelfPay), accountAllowed: accountAllowed,
            nonTreatment: nonTreatment, restrictions: restrictions, effectiveFrom: date(from),
            effectiveTo: to.map(date))
    }

    static func line(
        _ code: ItemCode, fen: Int64 = 10_000, thousandths: Int64 = 1000, courseDays: UInt32? = nil,
        traceCodes: [TraceCode] = []
    ) -> BillLine {
        BillLine(
            code: code, quantity: Quantity(thousandths: thousandths),
            unitPrice: UnitPrice(tenThousandths: fen * 100_000 / thousandths),
            amount: Money(fen: fen), courseDays: courseDays, traceCodes: traceCodes)
    }

    /// The reason of one whole unit of this entry.
    static func reason(
        _ entry: CatalogEntry, _ visit: Visit, _ policy: Policy
    ) throws -> SortingReason {
        let sorted = Sorting.sort(
            [line(entry.code)], visit: visit,
            catalog: Catalog(version: CatalogVersion(rawValue: 1), entries: [entry]),
            policy: policy)
        #expect(sorted.count == 1)
        return try #require(sorted.first).reason
    }
}
