import Ledger
import SettlementDomain

extension Town {
    /// The value, which the test itself wrote and so must be one.
    static func make<Value>(_ name: String, _ value: () -> Value?) -> Value {
        guard let value = value() else { preconditionFailure("\(name) is not valid") }
        return value
    }

    static func date(_ yyyymmdd: Int32) -> CivilDate {
        make("\(yyyymmdd)") { CivilDate(yyyymmdd: yyyymmdd) }
    }

    static func terminal(_ text: String) -> TerminalID { make(text) { TerminalID(text) } }

    static func person(_ id: UInt64) -> PersonID { make("\(id)") { PersonID(rawValue: id) } }

    static func code(_ text: String) -> ItemCode { make(text) { ItemCode(text) } }

    static func card(_ leading: String) -> CardNumber {
        make(leading) { CardNumber.completing(leading) }
    }

    static let region = make("region") { RegionCode(rawValue: 990_100) }

    /// An ID number of these 17 digits, with its check digit.
    static func idNumber(_ leading: String) -> IDNumber {
        make(leading) {
            "0123456789X".lazy.compactMap { IDNumber(leading + String($0)) }.first
        }
    }

    /// A person of this ID number: employee, active, with an account.
    static func insured(_ id: PersonID, _ leading: String) -> PersonRow {
        let idNumber = idNumber(leading)
        return PersonRow(
            person: Person(
                id: id, sex: idNumber.sex, birthDate: idNumber.birthDate,
                insuranceType: .employee, category: .active, region: region),
            name: "测试人", idNumber: idNumber, frozen: false)
    }

    static func institution(
        _ id: String, _ name: String, _ kind: InstitutionKind, _ level: InstitutionLevel,
        contract: ContractState = .active
    ) -> InstitutionRow {
        InstitutionRow(
            institution: Institution(
                id: make(id) { InstitutionID(id) }, name: name, kind: kind, level: level,
                contract: contract,
                permittedVisitTypes: kind == .pharmacy
                    ? VisitTypes([.pharmacyPurchase]) : .all,
                region: region))
    }

    static func terminalRow(
        _ id: TerminalID, _ institution: String, _ role: Role, blocked: Bool = false
    ) -> TerminalRow {
        TerminalRow(
            id: id, institution: make(institution) { InstitutionID(institution) }, role: role,
            blocked: blocked)
    }

    static func credit(_ person: PersonID, _ fen: Int64, _ reference: String) -> CreditRow {
        CreditRow(
            key: CreditKey(person: person, reference: reference), amount: Money(fen: fen),
            collector: "opening")
    }

    /// Deductible 100.00, 70 %, cap 1,000.00, then 50 % up to 2,000.00.
    static let policy = Policy(
        region: region, version: PolicyVersion(rawValue: 1), effectiveFrom: date(20_260_101),
        visitBenefits: [.outpatient: .outpatient, .inpatient: .inpatient],
        benefits: [
            BenefitRule(
                deductible: Money(fen: 10_000),
                ratio: make("ratio") { Ratio(tenThousandths: 7000) })
        ],
        caps: [
            CapRule(
                pooledCap: Money(fen: 100_000),
                largeRatio: make("ratio") { Ratio(tenThousandths: 5000) },
                largeCap: Money(fen: 200_000))
        ],
        traceCodesRequiredFrom: date(20_270_101))

    static let medicine = code("XA01AA000A001010100001")
    static let limited = code("XA01AA000A001010100002")
    static let whitening = code("990000000000001")

    static let catalog = Catalog(
        version: CatalogVersion(rawValue: 1),
        entries: [
            CatalogEntry(
                code: medicine, name: "medicine", kind: .westernMedicine, level: .a,
                effectiveFrom: date(20_260_101)),
            CatalogEntry(
                code: limited, name: "limited", kind: .westernMedicine, level: .a,
                restrictions: [
                    .maxQuantity(Quantity(thousandths: 2000), perDays: 7)
                ], effectiveFrom: date(20_260_101)),
            CatalogEntry(
                code: whitening, name: "whitening", kind: .nonTreatment, level: .none,
                accountAllowed: false, nonTreatment: .cosmetic,
                effectiveFrom: date(20_260_101)),
        ])

    /// A bill of one line: so many units of an item at a price in fen.
    static func bill(
        _ item: RequestLine.Item = .code(medicine), units: Int64 = 1, fen: Int64,
        visit: VisitType = .pharmacyPurchase, partial: Bool = false,
        trace: [String] = [], digest: UInt64 = 0
    ) -> SettleCommand {
        SettleCommand(
            card: card, proof: .value(pin), visitType: visit,
            total: Money(fen: fen * units), catalogVersion: CatalogVersion(rawValue: 1),
            lines: [
                RequestLine(
                    item: item, quantity: Quantity(thousandths: units * 1000),
                    unitPrice: UnitPrice(tenThousandths: fen * 100),
                    amount: Money(fen: fen * units), courseDays: nil,
                    traceCodes: trace.map { text in make(text) { TraceCode(text) } })
            ],
            serviceDate: nil, partialAllowed: partial, accountLimit: nil, quoteDigest: digest)
    }
}

extension RegistrationResult {
    var isRefused: Bool {
        if case .refused = self { true } else { false }
    }
}
