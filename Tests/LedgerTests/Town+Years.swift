import Ledger
import SettlementDomain

extension Town {
    static let minor = person(103)
    static let minorCard = card("622848000000077")
    static let diabetes = make("E11.9") { DiseaseCode("E11.9") }
    static let asthma = make("J45") { DiseaseCode("J45") }

    static func ratio(_ tenThousandths: Int64) -> Ratio {
        make("ratio") { Ratio(tenThousandths: tenThousandths) }
    }

    /// The second version: chronic visits, minors at 90 %, stays with deductibles of their own.
    static func policy(from day: CivilDate, version: UInt32 = 2) -> PolicyRow {
        PolicyRow(
            policy: Policy(
                region: region, version: PolicyVersion(rawValue: version), effectiveFrom: day,
                visitBenefits: [
                    .outpatient: .outpatient, .chronicOutpatient: .chronicOutpatient,
                    .inpatient: .inpatient,
                ],
                benefits: [
                    BenefitRule(deductible: Money(fen: 20_000), ratio: ratio(6000)),
                    BenefitRule(
                        benefit: .chronicOutpatient, deductible: Money(fen: 5_000),
                        ratio: ratio(8000)),
                    BenefitRule(category: .minor, deductible: .zero, ratio: ratio(9000)),
                    BenefitRule(
                        benefit: .inpatient, insuranceType: .employee,
                        deductible: Money(fen: 30_000), ratio: ratio(8000),
                        laterDeductibles: [Money(fen: 15_000), Money(fen: 7_000)]),
                ],
                caps: [
                    CapRule(pooledCap: Money(fen: 100_000)),
                    CapRule(benefit: .inpatient, pooledCap: Money(fen: 500_000)),
                ],
                chronicDiseases: [diabetes, asthma]))
    }

    /// A resident born on 23 November 2008, registered as a minor.
    mutating func addMinor() {
        var row = Town.insured(Town.minor, "99010020081123001")
        row.person.insuranceType = .resident
        row.person.category = .minor
        register([
            .person(row),
            .card(
                CardRow(
                    number: Town.minorCard, person: Town.minor, state: .active,
                    expires: Town.date(20_301_231), verification: Town.pin, triesFailed: 0)),
        ])
    }

    /// A visit of one line at the hospital, given on a day; what was answered.
    @discardableResult
    mutating func visit(
        _ fen: Int64, _ type: VisitType = .outpatient, on day: CivilDate,
        card: CardNumber = Town.card, diagnosis: DiseaseCode? = nil
    ) -> Outcome {
        var command = Town.bill([Item(fen: fen)], visit: type)
        command.card = card
        command.serviceDate = day
        command.diagnosis = diagnosis
        return decide(
            .settle(command), at: Town.hospital, on: rows.reference.businessDate)
    }

    /// Ends the business date, and begins another.
    mutating func close(until next: CivilDate) {
        let outcome = decide(
            .closeDay(rows.reference.businessDate, next: next), at: Town.hospital)
        precondition(outcome.code.isApproval, outcome.detail)
    }

    /// What a person has used of a year.
    func used(
        _ year: UInt16, _ category: BenefitCategory = .outpatient, of person: PersonID = person
    ) -> Accumulators {
        rows.accumulators[AccumulatorKey(person: person, year: year, category: category)]?.used
            ?? Accumulators()
    }

    /// For each year and category, what the settlements that stand have taken.
    var sumsOfLiveSettlements: [AccumulatorKey: Accumulators] {
        var sums: [AccumulatorKey: Accumulators] = [:]
        for row in rows.settlements.values {
            guard let key = row.accumulatorKey else { continue }
            sums[key, default: Accumulators()].add(row.standing)
            sums[key, default: Accumulators()].countStay(
                key.category, was: false, is: row.standing.total > .zero)
        }
        return sums.filter { $0.value != Accumulators() }
    }
}

extension Outcome {
    var settled: SettlementAnswer? {
        if case .settlement(let answer) = payload { answer } else { nil }
    }
}
