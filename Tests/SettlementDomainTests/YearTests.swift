import SettlementDomain
import Testing

@Suite("A year of visits")
struct YearTests {
    private func visit(_ fen: Int64, _ policy: Policy, _ used: inout Accumulators) throws -> Split {
        let line = SortedLine(line: 0, amount: Money(fen: fen), reason: .levelA)
        let split = try #require(
            Splitter.split(
                [line], visit: Fixtures.visit(), policy: policy, used: used,
                account: AccountFunds(balance: .zero)))
        used.add(split)
        return split
    }

    @Test("deductible and pooled sums of the year depend on what was in scope, not on the order")
    func order() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = Seeded(seed: seed)
        let policy = try Fixtures.policy(deductible: 180_000, ratio: 7000, pooledCap: 350_000)
        for _ in 0..<300 {
            // Tens of fen: 70 % of them are whole, so that no visit is rounded.
            var bills = (0..<8).map { _ in 10 * (1 + random.below(12_000)) }
            var years: Set<[Int64]> = []
            for _ in 0..<4 {
                var used = Accumulators()
                for bill in bills { _ = try visit(bill, policy, &used) }
                years.insert([used.deductibleUsed.fen, used.pooledUsed.fen])
                let sum = bills.reduce(0, +)
                #expect(used.deductibleUsed.fen == min(sum, 180_000), "seed \(seed)")
                let pooled = min((sum - used.deductibleUsed.fen) / 10 * 7, 350_000)
                #expect(used.pooledUsed.fen == pooled, "seed \(seed)")
                bills.shuffle(using: &random)
            }
            #expect(years.count == 1, "seed \(seed)")
        }
    }

    @Test("the same visits in the same order give the same year, to the fen")
    func deterministic() throws {
        var random = Seeded(seed: 11)
        let policy = try Fixtures.policy(deductible: 777, ratio: 3333, pooledCap: 5000)
        let bills = (0..<40).map { _ in 1 + random.below(3000) }
        var (first, second) = (Accumulators(), Accumulators())
        for bill in bills {
            #expect(try visit(bill, policy, &first) == visit(bill, policy, &second))
        }
        #expect(first == second)
        #expect(first.deductibleUsed.fen == 777)
        #expect(first.pooledUsed.fen == 5000)
    }

    @Test("the visit that reaches the pooled cap opens the second layer, up to its own cap")
    func layers() throws {
        let policy = try Fixtures.policy(
            deductible: 1000, ratio: 7000, pooledCap: 7000, largeRatio: 5000, largeCap: 3000)
        var used = Accumulators()
        let splits = try [500, 5500, 10_000, 4000, 9999].map { try visit($0, policy, &used) }
        #expect(splits.map(\.deductible.fen) == [500, 500, 0, 0, 0])
        #expect(splits.map(\.pooled.fen) == [0, 3500, 3500, 0, 0])
        #expect(splits.map(\.large.fen) == [0, 0, 2500, 500, 0])
        #expect(used.largeUsed.fen == 3000)
    }

    @Test("without a cap that cuts in, rounding alone opens no second layer")
    func roundingIsNoCap() throws {
        let policy = try Fixtures.policy(deductible: 0, ratio: 1000, largeRatio: 10_000)
        for fen in Int64(1)...200 {
            var used = Accumulators()
            #expect(try visit(fen, policy, &used).large == .zero)
        }
    }

    @Test("taking back one settlement leaves the accumulators of the others")
    func takeBack() throws {
        let plan = SupplementaryPlan(
            id: try #require(PlanID("CORP-A")), ratio: .one, annualCap: Money(fen: 900))
        let policy = try Fixtures.policy(deductible: 100, plans: [plan])
        let person = try Fixtures.person(plans: [plan.id])
        let line = SortedLine(line: 0, amount: Money(fen: 1000), reason: .levelA)
        var used = Accumulators()
        let splits = try (0..<4).map { _ in
            let split = try #require(
                Splitter.split(
                    [line], visit: Fixtures.visit(person: person), policy: policy, used: used,
                    account: AccountFunds(balance: .zero)))
            used.add(split)
            return split
        }
        #expect(used.used(by: plan.id).fen == 900)
        var without = Accumulators()
        for split in splits[1...] { without.add(split) }
        used.remove(splits[0])
        #expect(used == without)
    }
}
