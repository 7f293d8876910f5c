import Ledger
import SettlementDomain
import TestSupport
import Testing

@Suite("Benefits over time: years, categories, policies, ages")
struct BenefitYearTests {
    private let mid = Town.date(20_261_001)

    @Test("outpatient, chronic outpatient and inpatient each have their own yearly use")
    func categories() throws {
        var town = Town()
        town.register([
            .policy(Town.policy(from: mid)),
            .chronic(
                ChronicRegistration(
                    person: Town.person,
                    disease: ChronicDisease(code: Town.diabetes, from: Town.date(20_260_101)))),
        ])
        #expect(town.visit(50_000, on: Town.today).settled?.split.deductible.fen == 20_000)
        let chronic = town.visit(
            50_000, .chronicOutpatient, on: Town.today, diagnosis: Town.diabetes)
        #expect(chronic.settled?.split.deductible.fen == 5_000)
        #expect(chronic.settled?.split.pooled.fen == 36_000)
        #expect(town.visit(50_000, .inpatient, on: Town.today).settled?.split.pooled.fen == 16_000)
        #expect(town.used(2026).deductibleUsed.fen == 20_000)
        #expect(town.used(2026, .chronicOutpatient).deductibleUsed.fen == 5_000)
        #expect(town.used(2026, .inpatient).deductibleUsed.fen == 30_000)
        #expect(town.used(2026, .inpatient).stays == 1 && town.used(2026).stays == 0)
    }

    @Test("a visit of 31 December settled in January counts in the year of the visit")
    func turnOfTheYear() throws {
        var town = Town()
        town.register([.policy(Town.policy(from: mid))])
        town.visit(15_000, on: Town.today)
        town.close(until: Town.date(20_270_105))
        let late = town.visit(8_000, on: Town.date(20_261_231))
        #expect(late.settled?.split.deductible.fen == 5_000)
        #expect(late.settled?.accumulator?.key.year == 2026)
        let fresh = town.visit(8_000, on: Town.date(20_270_101))
        #expect(fresh.settled?.split.deductible.fen == 8_000)
        #expect(town.used(2026).deductibleUsed.fen == 20_000)
        #expect(town.used(2027).deductibleUsed.fen == 8_000)
    }

    @Test("a refund in the next year gives back to the year from which it was taken")
    func refundNextYear() throws {
        var town = Town()
        town.register([.policy(Town.policy(from: mid))])
        let old = try #require(town.visit(50_000, on: Town.today).settled?.id)
        town.close(until: Town.date(20_270_105))
        town.visit(3_000, on: Town.date(20_270_105))
        let refund = town.decide(
            .refund(
                RefundCommand(
                    settlement: old, card: Town.card,
                    lines: [RefundLine(line: 0, quantity: nil, traceCodes: [])], total: nil)),
            at: Town.hospital, on: Town.date(20_270_105))
        #expect(refund.undone?.accumulator?.key.year == 2026)
        #expect(town.used(2026) == Accumulators())
        #expect(town.used(2027).deductibleUsed.fen == 3_000)
    }

    @Test("a policy that begins in mid-year decides later visits; what was used stays used")
    func midYear() throws {
        var town = Town()
        town.register([.policy(Town.policy(from: mid))])
        let before = town.visit(15_000, on: Town.date(20_260_930))
        #expect(before.settled?.policyVersion.rawValue == 1)
        #expect(before.settled?.split.deductible.fen == 10_000)
        let after = town.visit(15_000, on: mid)
        #expect(after.settled?.policyVersion.rawValue == 2)
        // 200.00 of the new deductible less the 100.00 that the old one took.
        #expect(after.settled?.split.deductible.fen == 10_000)
        #expect(after.settled?.split.pooled.fen == 3_000)
        #expect(town.used(2026).deductibleUsed.fen == 20_000)
        #expect(town.used(2026).pooledUsed.fen == 6_500)
    }

    @Test("a resident is an adult from the eighteenth birthday on, by birth and service date alone")
    func comesOfAge() throws {
        var town = Town()
        town.register([.policy(Town.policy(from: mid))])
        town.addMinor()
        let day = Town.date(20_261_122)
        let minor = town.visit(10_000, on: day, card: Town.minorCard)
        #expect(minor.settled?.split.pooled.fen == 9_000)
        let adult = town.visit(10_000, on: Town.today, card: Town.minorCard)
        #expect(adult.settled?.split.deductible.fen == 10_000)
        #expect(adult.settled?.split.pooled == .zero)
        // The registration is untouched, and a visit before the birthday is still a minor's.
        #expect(town.rows.persons[Town.minor]?.person.category == .minor)
        let again = town.visit(10_000, on: day, card: Town.minorCard)
        #expect(again.settled?.split.pooled.fen == 9_000)
    }

    @Test("an employee's category is as registered at any age: retirement is a decision")
    func retirement() {
        var person = Town.insured(Town.owner, "99010019300505003").person
        #expect(person.asOf(Town.today, adultAge: 18).category == .active)
        person.category = .retired
        #expect(person.asOf(Town.date(19_500_101), adultAge: 18).category == .retired)
    }

    @Test("a chronic visit is refused with 57 unless the person is registered for the disease")
    func chronic() {
        var town = Town()
        town.register([.policy(Town.policy(from: mid))])
        func visit(_ diagnosis: DiseaseCode?, on day: CivilDate = Town.today) -> Outcome {
            town.visit(10_000, .chronicOutpatient, on: day, diagnosis: diagnosis)
        }
        #expect(visit(nil).reason == .chronicNotRegistered)
        #expect(visit(Town.diabetes).code == .notPermittedToPerson)
        town.register([
            .chronic(
                ChronicRegistration(
                    person: Town.person,
                    disease: ChronicDisease(
                        code: Town.diabetes, from: Town.date(20_261_102),
                        until: Town.date(20_261_123))))
        ])
        #expect(visit(Town.diabetes).code.isApproval)
        #expect(visit(Town.asthma).detail.contains("not registered for it on 2026-11-23"))
        #expect(visit(Town.diabetes, on: Town.date(20_261_101)).reason == .chronicNotRegistered)
        // The person's own import keeps the registration.
        let row = Town.insured(Town.person, "99010019800101001")
        #expect(town.results(of: [.person(row)]) == [.unchanged])
        #expect(visit(Town.diabetes).code.isApproval)
    }

    @Test("the second and third stay of a year have the policy's later deductibles")
    func stays() throws {
        var town = Town()
        town.register([.policy(Town.policy(from: mid))])
        func stay(_ day: CivilDate = Town.today) throws -> SettlementAnswer {
            try #require(town.visit(50_000, .inpatient, on: day).settled)
        }
        #expect(try stay().split.deductible.fen == 30_000)
        let second = try stay()
        #expect(second.split.deductible.fen == 15_000)
        #expect(try stay().split.deductible.fen == 7_000)
        #expect(try stay().split.deductible.fen == 7_000)
        let void = town.void(try #require(second.id), fen: 50_000)
        #expect(void.code == .approved)
        #expect(town.used(2026, .inpatient).stays == 3)
        town.close(until: Town.date(20_270_105))
        #expect(try stay(Town.date(20_270_104)).split.deductible.fen == 30_000)
        #expect(try stay(Town.date(20_261_231)).split.deductible.fen == 7_000)
    }

    @Test("after random visits, refunds and voids each year's use is what stands of its visits")
    func random() throws {
        let seed = TestSeed.drawn("benefits")
        var random = SplitMix(seed: seed)
        var town = Town()
        town.register([
            .policy(Town.policy(from: mid)),
            .chronic(
                ChronicRegistration(
                    person: Town.person,
                    disease: ChronicDisease(code: Town.asthma, from: Town.date(20_260_101)))),
        ])
        var made: [(id: SettlementID, fen: Int64)] = []
        for step in 0..<400 {
            if step == 150 { town.close(until: Town.date(20_270_228)) }
            if step == 300 { town.close(until: Town.date(20_270_301)) }
            let today = town.rows.reference.businessDate
            switch Int.random(in: 0..<10, using: &random) {
            case 0..<6:
                let fen = Int64.random(in: 1...40_000, using: &random)
                let types: [VisitType] = [.outpatient, .chronicOutpatient, .inpatient]
                let answer = town.visit(
                    fen, types[Int.random(in: 0..<3, using: &random)],
                    on: today.adding(days: -Int.random(in: 0..<120, using: &random)),
                    diagnosis: Town.asthma)
                if let id = answer.settled?.id { made.append((id, fen)) }
            case 6..<8:
                guard let sale = made.randomElement(using: &random) else { break }
                _ = town.void(sale.id, fen: sale.fen, on: today)
            default:
                guard let sale = made.randomElement(using: &random) else { break }
                town.decide(
                    .refund(
                        RefundCommand(
                            settlement: sale.id, card: Town.card,
                            lines: [
                                RefundLine(
                                    line: 0,
                                    quantity: Quantity(
                                        thousandths: Int64.random(in: 1...900, using: &random)),
                                    traceCodes: [])
                            ], total: nil)), at: Town.hospital, on: today)
            }
        }
        let kept = town.rows.accumulators.mapValues(\.used).filter { $0.value != Accumulators() }
        #expect(kept == town.sumsOfLiveSettlements, "seed \(seed)")
        #expect(Set(kept.keys.map(\.year)) == [2026, 2027], "seed \(seed)")
        #expect(Set(kept.keys.map(\.category)).count == 3, "seed \(seed)")
    }

    @Test("several visits of a year use deductible and pooled fund as their order says")
    func order() throws {
        let seed = TestSeed.drawn("benefits")
        var random = SplitMix(seed: seed)
        var town = Town()
        var (deductible, pooled): (Int64, Int64) = (0, 0)
        for _ in 0..<60 {
            let fen = Int64.random(in: 1...9_000, using: &random)
            let split = try #require(town.visit(fen, on: Town.today).settled?.split)
            let own = min(fen, 10_000 - deductible)
            let paid = min(((fen - own) * 7 + 5) / 10, 100_000 - pooled)
            #expect(split.deductible.fen == own && split.pooled.fen == paid, "seed \(seed)")
            deductible += own
            pooled += paid
        }
        #expect(town.used(2026).deductibleUsed.fen == deductible, "seed \(seed)")
        #expect(town.used(2026).pooledUsed.fen == pooled, "seed \(seed)")
    }
}
