import CardSecurity
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
            planRatio: 5_000, planCap: 12_000, tracesFrom: 5),
        ModelPolicy(
            version: 2, from: 6,
            employee: ModelPolicy.Terms(
                deductible: 4_000, ratio: 7_250, pooledCap: 30_000, largeRatio: 8_500,
                largeCap: 30_000),
            resident: ModelPolicy.Terms(
                deductible: 1_000, ratio: 6_667, pooledCap: 15_000, largeRatio: 5_000,
                largeCap: 15_000),
            planRatio: 3_333, planCap: 9_000, tracesFrom: 5),
    ]

    let persons: [ModelPerson] = [
        ModelPerson(
            isWoman: false, isEmployee: true, hasPlan: true, hasAccount: true, pin: 1,
            owners: [(1, 15_000, nil), (4, nil, nil)]),
        ModelPerson(isWoman: true, isEmployee: true, hasPlan: false, hasAccount: true, pin: 2),
        ModelPerson(
            isWoman: true, isEmployee: false, hasPlan: false, hasAccount: false, pin: 3,
            owners: [(1, nil, 4_000)]),
        ModelPerson(
            isWoman: false, isEmployee: false, hasPlan: true, hasAccount: false, pin: 4,
            owners: [(0, 8_000, 3_000), (4, 20_000, nil)]),
        ModelPerson(isWoman: true, isEmployee: true, hasPlan: false, hasAccount: true, pin: 5),
        ModelPerson(
            isWoman: false, isEmployee: true, hasPlan: true, hasAccount: true, isSuspended: true,
            pin: 6),
    ]

    let institutions = [
        ModelInstitution(kind: .pharmacy), ModelInstitution(kind: .hospital),
        ModelInstitution(kind: .vaccination), ModelInstitution(kind: .pharmacy),
    ]

    /// The institution of each terminal.
    let terminals = [0, 0, 1, 1, 2, 3]

    var model: Model {
        Model(
            items: items, policies: policies, newYears: [6], terminals: terminals,
            persons: persons, institutions: institutions, today: Self.firstDay)
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
        checked(TerminalID("T000000\(number + 1)"))
    }

    static func card(_ person: Int?) -> CardNumber {
        checked(CardNumber.completing("62284800000000\(person.map { $0 } ?? 9)"))
    }

    static func institution(_ number: Int) -> InstitutionID {
        checked(InstitutionID("H9901000000\(number + 1)"))
    }

    static func ledgerKey(_ key: ModelKey) -> RequestKey {
        RequestKey(terminal: terminal(key.terminal), date: date(key.day), stan: UInt32(key.stan))
    }

    static func modelKey(_ key: RequestKey) -> ModelKey {
        ModelKey(
            terminal: (Int(String(key.terminal.text.suffix(1))) ?? 0) - 1, day: day(key.date),
            stan: Int(key.stan))
    }

    static func verification(_ person: Int, _ pin: Int) -> PINVerification {
        PINVerification(keyID: 1, high: UInt64(pin), low: card(person).digits)
    }

    /// The name of an account among the store's sums.
    static func account(_ account: ModelAccount) -> String {
        func type(_ isEmployee: Bool) -> InsuranceType { isEmployee ? .employee : .resident }
        let ledger: LedgerAccount =
            switch account {
            case .individual: .individual(person(0))
            case .collector: .contributions(collector)
            case .plan: .supplement(plan)
            case .pool(let isEmployee): .pool(region, type(isEmployee))
            case .large(let isEmployee): .large(region, type(isEmployee))
            case .institution(let number): .institution(institution(number))
            }
        return ledger.sumName
    }
}
