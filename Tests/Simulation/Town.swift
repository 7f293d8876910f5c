import Ledger
import SettlementDomain

/// The small invented town that is simulated: what the model knows in numbers, the ledger in rows.
///
/// Days are counted from 2026-12-26; the year, the policy and the catalog change on day 6.
struct Town {
    static let base = checked(CivilDate(yyyymmdd: 20_261_226))
    static let firstDay = 3
    static let region = checked(RegionCode(rawValue: 990_100))
    static let collector = "opening"
    static let plan = checked(PlanID("CORP-A"))

    let items: [ModelItem] = [
        ModelItem(code: code(0), kind: .medicine, level: .a),
        ModelItem(code: code(1), kind: .medicine, level: .b, selfPay: 1_000, ceiling: 280_000),
        ModelItem(code: code(2), kind: .medicine, level: .none),
        ModelItem(code: code(3), kind: .service, level: .a),
        ModelItem(code: code(4), kind: .service, level: .b, selfPay: 333, ceiling: 1_100_000),
        ModelItem(code: code(5), kind: .vaccine2, level: .none),
        ModelItem(code: code(6), kind: .vaccine1, level: .none),
        ModelItem(code: code(7), kind: .cosmetic, level: .none),
        ModelItem(code: code(8), kind: .health, level: .none),
        ModelItem(code: code(9), kind: .disinfectant, level: .none),
        ModelItem(code: code(10), kind: .medicine, level: .a, isForWomen: true),
        ModelItem(code: code(11), kind: .supply, level: .a, most: (3_000, 7)),
        ModelItem(code: code(12), kind: .supply, level: .none, accountAllowed: false),
        ModelItem(code: code(13), kind: .supply, level: .b, selfPay: 2_000, from: 6),
    ]

    let policies = [
        ModelPolicy(
            version: 1, from: -1_000,
            employee: ModelPolicy.Terms(
                deductible: 5_000, ratio: 7_000, pooledCap: 40_000, largeRatio: 6_000,
                largeCap: 50_000),
            resident: ModelPolicy.Terms(
                deductible: 3_000, ratio: 5_500, pooledCap: 20_000, largeRatio: 0, largeCap: 0),
            employeeInpatient: ModelPolicy.Terms(
                deductible: 8_000, laterDeductibles: [4_000, 1_500], ratio: 8_500,
                pooledCap: 60_000, largeRatio: 7_000, largeCap: 80_000),
            residentInpatient: ModelPolicy.Terms(
                deductible: 6_000, ratio: 6_000, pooledCap: 30_000, largeRatio: 5_000,
                largeCap: 20_000),
            planRatio: 5_000, planCap: 12_000, tracesFrom: 5,
            contributions: ModelContributionTerms(
                employer: 980, individual: 200, floor: 300_000, ceiling: 1_500_000,
                bands: [(0, 200), (46, 333)], yearly: 38_000, ahead: 0, suspendedAfter: 1,
                countedFrom: 2026 * 12 + 11, restoresNextMonth: true)),
        ModelPolicy(
            version: 2, from: 6,
            employee: ModelPolicy.Terms(
                deductible: 4_000, ratio: 7_250, pooledCap: 30_000, largeRatio: 8_500,
                largeCap: 30_000),
            resident: ModelPolicy.Terms(
                deductible: 1_000, ratio: 6_667, pooledCap: 15_000, largeRatio: 5_000,
                largeCap: 15_000),
            employeeInpatient: ModelPolicy.Terms(
                deductible: 7_000, laterDeductibles: [3_333], ratio: 8_333, pooledCap: 50_000,
                largeRatio: 9_000, largeCap: 40_000),
            residentInpatient: ModelPolicy.Terms(
                deductible: 5_000, ratio: 6_250, pooledCap: 25_000, largeRatio: 4_000,
                largeCap: 10_000),
            planRatio: 3_333, planCap: 9_000, tracesFrom: 5,
            contributions: ModelContributionTerms(
                employer: 875, individual: 225, floor: 310_000, ceiling: 1_600_000,
                bands: [(0, 180), (47, 299)], yearly: 40_000, ahead: 1, suspendedAfter: 1,
                countedFrom: 2026 * 12 + 11, restoresNextMonth: false)),
    ]

    let persons: [ModelPerson] = [
        ModelPerson(
            isWoman: false, isEmployee: true, hasPlan: true, hasAccount: true, employer: 6,
            owners: [
                ModelLink(person: 1, yearly: 15_000), ModelLink(person: 4),
            ]),
        ModelPerson(
            isWoman: true, isEmployee: true, hasPlan: false, hasAccount: true, employer: 6),
        ModelPerson(
            isWoman: true, isEmployee: false, hasPlan: false, hasAccount: false,
            owners: [ModelLink(person: 1, daily: 4_000)]),
        ModelPerson(
            isWoman: false, isEmployee: false, hasPlan: true, hasAccount: false, birthYear: 2004,
            owners: [
                ModelLink(person: 0, yearly: 8_000, daily: 3_000),
                ModelLink(person: 4, yearly: 20_000),
            ]),
        ModelPerson(isWoman: true, isEmployee: true, hasPlan: false, hasAccount: true),
        ModelPerson(
            isWoman: false, isEmployee: true, hasPlan: true, hasAccount: true,
            suspension: ModelSuspension()),
    ]

    /// One for each person to begin with; that of the third is good for a few days only.
    var cards: [Int: ModelCard] {
        Dictionary(
            uniqueKeysWithValues: persons.indices.map { number in
                (
                    number,
                    ModelCard(person: number, expires: number == 2 ? 7 : 3_000, pin: number + 1)
                )
            })
    }

    let institutions = [
        ModelInstitution(kind: .pharmacy), ModelInstitution(kind: .hospital),
        ModelInstitution(kind: .vaccination), ModelInstitution(kind: .pharmacy),
        ModelInstitution(kind: .agency), ModelInstitution(kind: .bank),
        ModelInstitution(kind: .employer),
    ]

    /// The institution of each terminal.
    let terminals = [0, 0, 1, 1, 2, 3, 4, 4, 5, 6]
    let roles: [ModelRole] = [
        .pharmacy, .pharmacy, .hospital, .hospital, .vaccination, .pharmacy, .counter, .gateway,
        .collector, .employer,
    ]

    /// The first terminals are those that sell.
    let sellers = 6

    /// As options name them.
    static let terminalNumbers = 0..<10

    var model: Model {
        Model(
            items: items, policies: policies, newYears: [6], terminals: terminals, roles: roles,
            persons: persons, cards: cards, institutions: institutions, today: Self.firstDay)
    }

    static func checked<Value>(_ value: Value?) -> Value {
        guard let value else { preconditionFailure("the simulated town is not valid") }
        return value
    }

    static func code(_ item: Int) -> String {
        "XS01AA" + String(repeating: "0", count: 14 - String(item).count) + String(item)
    }

    static func date(_ day: Int) -> CivilDate { base.adding(days: day) }
    static func day(_ date: CivilDate) -> Int { base.days(to: date) }
    static func person(_ number: Int) -> PersonID {
        checked(PersonID(rawValue: UInt64(101 + number)))
    }
    static func terminal(_ number: Int) -> TerminalID {
        checked(TerminalID("T00000\(number + 11)"))
    }

    static func card(_ number: Int?) -> CardNumber {
        checked(CardNumber.completing("622848000000\(1_000 + (number ?? 999))"))
    }

    static func number(of card: CardNumber) -> Int { Int(card.digits / 10 % 10_000) - 1_000 }

    static func institution(_ number: Int) -> InstitutionID {
        checked(InstitutionID("H9901000000\(number + 1)"))
    }

    static func institutionNumber(_ text: String) -> Int { (Int(text.suffix(1)) ?? 0) - 1 }
    static func terminalNumber(_ text: String) -> Int { (Int(text.suffix(2)) ?? 0) - 11 }

    static func ledgerKey(_ key: ModelKey) -> RequestKey {
        RequestKey(terminal: terminal(key.terminal), date: date(key.day), stan: UInt32(key.stan))
    }

    static func modelKey(_ key: RequestKey) -> ModelKey {
        ModelKey(
            terminal: terminalNumber(key.terminal.text), day: day(key.date),
            stan: Int(key.stan))
    }

    static func verification(_ card: Int, _ pin: Int) -> PINVerification {
        PINVerification(keyID: 1, high: UInt64(pin), low: self.card(card).digits)
    }

    /// The name of an account among the store's sums.
    static func account(_ account: ModelAccount) -> String {
        func type(_ isEmployee: Bool) -> InsuranceType { isEmployee ? .employee : .resident }
        let ledger: LedgerAccount =
            switch account {
            case .individual: .individual(person(0))
            case .collector(nil): .contributions(collector)
            case .collector(let number?): .contributions(institution(number).text)
            case .bank: .bank
            case .reimbursement(let number): .reimbursement(person(number))
            case .plan: .supplement(plan)
            case .pool(let isEmployee): .pool(region, type(isEmployee))
            case .large(let isEmployee): .large(region, type(isEmployee))
            case .institution(let number): .institution(institution(number))
            }
        return ledger.sumName
    }
}
