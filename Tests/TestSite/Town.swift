import Ledger
import SettlementDomain

/// An invented pooling region: institutions of every kind, a terminal of every role, a policy.
public enum Town {
    /// The business date of every store that is made of the town.
    public static let today = made(CivilDate(yyyymmdd: 2026_11_23))
    /// The day before it.
    public static let yesterday = today.adding(days: -1)
    /// From when catalog and policy are in force.
    public static let firstDay = made(CivilDate(yyyymmdd: 2026_01_01))
    /// The only region.
    public static let region = made(RegionCode(rawValue: 999_001))
    /// The supplementary plan of the policy.
    public static let plan = made(PlanID("CORP-1"))

    /// Two pharmacies; the first has several terminals.
    public static let pharmacy = made(InstitutionID("P99900100001"))
    /// The other pharmacy.
    public static let otherPharmacy = made(InstitutionID("P99900100002"))
    /// A pharmacy whose contract is suspended.
    public static let suspendedPharmacy = made(InstitutionID("P99900100003"))
    /// A hospital of level 3 that does not vaccinate.
    public static let hospital = made(InstitutionID("H99900100003"))
    /// A hospital of level 1 that does.
    public static let smallHospital = made(InstitutionID("H99900100001"))
    /// A community clinic.
    public static let clinic = made(InstitutionID("H99900100002"))
    /// A vaccination clinic.
    public static let vaccinationClinic = made(InstitutionID("V99900100001"))
    /// The insurance agency.
    public static let agency = made(InstitutionID("A99900100001"))
    /// A bank that collects contributions.
    public static let bank = made(InstitutionID("B99900100001"))
    /// An employer.
    public static let employer = made(InstitutionID("E99900100001"))

    /// Every institution.
    public static let institutions: [InstitutionRow] = [
        institution(pharmacy, .pharmacy), institution(otherPharmacy, .pharmacy),
        institution(suspendedPharmacy, .pharmacy, contract: .suspended),
        institution(hospital, .hospital, .level3),
        institution(smallHospital, .hospital, .level1, vaccinates: true),
        institution(clinic, .clinic, .level1),
        institution(vaccinationClinic, .vaccinationClinic), institution(agency, .agency),
        institution(bank, .bank), institution(employer, .employer),
    ]

    /// The terminals of the town, named by where they stand.
    public enum Terminal {
        /// At the first pharmacy.
        public static let pharmacy = made(TerminalID("P0000001"))
        /// At the first pharmacy too.
        public static let secondPharmacy = made(TerminalID("P0000002"))
        /// At the other pharmacy.
        public static let otherPharmacy = made(TerminalID("P0000003"))
        /// At the pharmacy whose contract is suspended.
        public static let suspendedPharmacy = made(TerminalID("P0000004"))
        /// At the hospital of level 3.
        public static let hospital = made(TerminalID("H0000003"))
        /// At the hospital of level 1, which vaccinates.
        public static let smallHospital = made(TerminalID("H0000001"))
        /// At the community clinic.
        public static let clinic = made(TerminalID("C0000001"))
        /// At the vaccination clinic.
        public static let vaccination = made(TerminalID("V0000001"))
        /// The agency's window.
        public static let counter = made(TerminalID("A0000001"))
        /// The agency's portal.
        public static let gateway = made(TerminalID("G0000001"))
        /// At the bank.
        public static let collector = made(TerminalID("B0000001"))
        /// At the employer.
        public static let employer = made(TerminalID("E0000001"))
        /// Pharmacy terminals for tests under load.
        public static let load = (1...4).map { made(TerminalID("L000000\($0)")) }
    }

    /// Every terminal.
    public static let terminals: [TerminalRow] =
        [
            terminal(Terminal.pharmacy, pharmacy, .pharmacy),
            terminal(Terminal.secondPharmacy, pharmacy, .pharmacy),
            terminal(Terminal.otherPharmacy, otherPharmacy, .pharmacy),
            terminal(Terminal.suspendedPharmacy, suspendedPharmacy, .pharmacy),
            terminal(Terminal.hospital, hospital, .hospital),
            terminal(Terminal.smallHospital, smallHospital, .hospital),
            terminal(Terminal.clinic, clinic, .hospital),
            terminal(Terminal.vaccination, vaccinationClinic, .vaccination),
            terminal(Terminal.counter, agency, .counter),
            terminal(Terminal.gateway, agency, .gateway),
            terminal(Terminal.collector, bank, .collector),
            terminal(Terminal.employer, employer, .employer),
        ] + Terminal.load.map { terminal($0, pharmacy, .pharmacy) }

    /// The policy of the worked example in the domain's page, with one supplementary plan.
    public static let policy = Policy(
        region: region, version: PolicyVersion(rawValue: 1), effectiveFrom: firstDay,
        visitBenefits: [
            .outpatient: .outpatient, .emergency: .outpatient,
            .chronicOutpatient: .chronicOutpatient, .inpatient: .inpatient,
        ],
        benefits: [
            BenefitRule(deductible: Money(fen: 180_000), ratio: ratio(7_000)),
            BenefitRule(benefit: .inpatient, deductible: Money(fen: 80_000), ratio: ratio(8_500)),
            BenefitRule(benefit: .chronicOutpatient, deductible: .zero, ratio: ratio(8_000)),
        ],
        caps: [
            CapRule(
                pooledCap: Money(fen: 2_000_000), largeRatio: ratio(6_000),
                largeCap: Money(fen: 20_000_000))
        ],
        plans: [
            SupplementaryPlan(id: plan, ratio: ratio(5_000), annualCap: Money(fen: 100_000))
        ],
        contributions: contributions)

    /// 9.8 and 2 %, of which 2 % go to the account; two unpaid months suspend coverage.
    public static let contributions = ContributionTerms(
        rates: [
            ContributionRate(category: .active, employer: ratio(980), individual: ratio(200))
        ],
        baseFloor: Money(fen: 600_000), baseCeiling: Money(fen: 3_300_000),
        credits: [CreditBand(category: .active, ageFrom: 0, ofBase: ratio(200))],
        retirees: [RetireeBand(ageFrom: 0, monthly: Money(fen: 10_000))], residents: [],
        interest: ratio(150),
        arrears: ArrearsRule(
            suspendedAfterMonths: 2, countedFrom: firstDay, restored: .immediately))

    /// Twenty invented persons, each with a card, a PIN and 1,000.00 in the account.
    public static let patients = (1...20).map { Patient($0, balance: 100_000) }

    /// Everything but the patients, in an order in which it can be registered.
    public static var registrations: [Registration] {
        institutions.map(Registration.institution) + terminals.map(Registration.terminal) + [
            .catalog(CatalogRow(effectiveFrom: firstDay, catalog: catalog)),
            .policy(PolicyRow(policy: policy)),
        ]
    }

    /// An institution of the region.
    public static func institution(
        _ id: InstitutionID, _ kind: InstitutionKind, _ level: InstitutionLevel = .unrated,
        contract: ContractState = .active, vaccinates: Bool = false
    ) -> InstitutionRow {
        InstitutionRow(
            institution: Institution(
                id: id, name: "虚构机构\(id.text.suffix(2))", kind: kind, level: level,
                contract: contract, vaccinates: vaccinates, region: region))
    }

    /// A terminal that is not blocked.
    public static func terminal(
        _ id: TerminalID, _ institution: InstitutionID, _ role: Role
    ) -> TerminalRow {
        TerminalRow(id: id, institution: institution, role: role, blocked: false)
    }

    /// A ratio of that many ten-thousandths.
    public static func ratio(_ tenThousandths: Int64) -> Ratio {
        made(Ratio(tenThousandths: tenThousandths))
    }

    /// The value, which the caller knows to be well formed.
    public static func made<Value>(_ value: Value?) -> Value {
        guard let value else { preconditionFailure("an invented value is malformed") }
        return value
    }
}
