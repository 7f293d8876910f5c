import SettlementDomain
import Testing

@Suite("Splitting")
struct SplitTests {
    private func workedExample() throws -> Split {
        let lines = [
            SortedLine(line: 0, amount: try Fixtures.yuan("100.00"), reason: .levelA),
            SortedLine(
                line: 1, amount: try Fixtures.yuan("300.00"), reason: .levelB,
                priceCeiling: UnitPrice(yuan: "280"),
                firstSelfPay: Fixtures.ratio(1000)),
            SortedLine(line: 2, amount: try Fixtures.yuan("40.00"), reason: .notInPaymentScope),
            SortedLine(line: 3, amount: try Fixtures.yuan("500.00"), reason: .cosmetic),
        ]
        return try #require(
            Splitter.split(
                lines, visit: Fixtures.visit(), policy: Fixtures.policy(),
                used: Accumulators(deductibleUsed: Fixtures.yuan("1750.00")),
                account: AccountFunds(balance: Fixtures.yuan("120.00"))))
    }

    @Test("29: the worked example of the domain page, to the fen")
    func golden() throws {
        let split = try workedExample()
        #expect(split.deductible == (try Fixtures.yuan("50.00")))
        #expect(split.pooled == (try Fixtures.yuan("211.40")))
        #expect(split.large == .zero)
        #expect(split.scopeSelfPay == (try Fixtures.yuan("90.60")))
        #expect(split.total == (try Fixtures.yuan("940.00")))
        #expect(split.personal == (try Fixtures.yuan("728.60")))
        #expect(split.payable == (try Fixtures.yuan("228.60")))
        #expect(split.cash == (try Fixtures.yuan("608.60")))
        #expect(split.shortfall == (try Fixtures.yuan("108.60")))
        #expect(split.parts.map(\.pooled.description) == ["60.06", "151.34", "0.00", "0.00"])
        #expect(split.parts.map(\.account.description) == ["20.96", "78.04", "21.00", "0.00"])
        #expect(split.parts.map(\.inScope.description) == ["100.00", "252.00", "0.00", "0.00"])
        #expect(split.brokenIdentity() == nil)
    }

    @Test("29: three level-b lines of 0.05 at 10 % have first self-pay 0.03 in all")
    func roundedThenSummed() throws {
        let lines = (0..<3).map {
            SortedLine(
                line: $0, amount: Money(fen: 5), reason: .levelB,
                firstSelfPay: Fixtures.ratio(1000))
        }
        let split = try #require(
            Splitter.split(
                lines, visit: Fixtures.visit(), policy: Fixtures.policy(), used: Accumulators(),
                account: AccountFunds(balance: .zero)))
        #expect(split.firstSelfPay.fen == 3)
    }

    @Test("29: the published scan and the published inpatient bill")
    func published() throws {
        let scan = SortedLine(
            line: 0, amount: try Fixtures.yuan("120.00"), reason: .levelB,
            priceCeiling: UnitPrice(yuan: "110"), firstSelfPay: Fixtures.ratio(1000))
        let (visit, nobody) = (try Fixtures.visit(), AccountFunds(balance: .zero))
        let one = try #require(
            Splitter.split(
                [scan], visit: visit, policy: Fixtures.policy(), used: Accumulators(),
                account: nobody))
        #expect(one.overLimit == (try Fixtures.yuan("10.00")))
        #expect(one.firstSelfPay == (try Fixtures.yuan("11.00")))
        #expect(one.inScope == (try Fixtures.yuan("99.00")))
        let bill = [
            SortedLine(line: 0, amount: try Fixtures.yuan("296.20"), reason: .notInPaymentScope),
            SortedLine(
                line: 1, amount: try Fixtures.yuan("5226.10"), reason: .levelB,
                firstSelfPay: Fixtures.ratio(1000)),
            SortedLine(line: 2, amount: try Fixtures.yuan("270.23"), reason: .levelA),
        ]
        let inpatient = try #require(
            Splitter.split(
                bill, visit: visit,
                policy: Fixtures.policy(
                    deductible: 80_000, ratio: 10_000, pooledCap: 310_654, largeRatio: 0),
                used: Accumulators(), account: nobody))
        #expect(inpatient.total == (try Fixtures.yuan("5792.53")))
        #expect(inpatient.firstSelfPay == (try Fixtures.yuan("522.61")))
        #expect(inpatient.inScope == (try Fixtures.yuan("4973.72")))
        #expect(inpatient.scopeSelfPay == (try Fixtures.yuan("1067.18")))
        #expect(inpatient.personal == (try Fixtures.yuan("2685.99")))
    }

    @Test("a balance or a limit below zero gives nothing, and takes nothing")
    func negativeFunds() throws {
        let line = SortedLine(line: 0, amount: Money(fen: 100), reason: .notInPaymentScope)
        let owner = try #require(PersonID(rawValue: 7))
        for account in [
            AccountFunds(balance: Money(fen: -5)),
            AccountFunds(balance: Money(fen: 5), limit: Money(fen: -1)),
        ] {
            let split = try #require(
                Splitter.split(
                    [line], visit: Fixtures.visit(), policy: Fixtures.policy(),
                    used: Accumulators(), account: account,
                    family: [FamilyFund(owner: owner, available: Money(fen: -9))]))
            #expect(split.account == .zero)
            #expect(split.owners.isEmpty)
            #expect(split.cash.fen == 100)
        }
    }

    @Test("a change of one fen in any total or any column of a part breaks an identity")
    func identitiesBreak() throws {
        let split = try workedExample()
        let totals: [WritableKeyPath<Split, Money>] = [
            \.total, \.fullSelfPay, \.overLimit, \.firstSelfPay, \.inScope, \.deductible, \.pooled,
            \.large, \.scopeSelfPay, \.supplement, \.personal, \.excluded, \.account, \.family,
            \.cash,
        ]
        let columns: [WritableKeyPath<LinePart, Money>] = [
            \.amount, \.fullSelfPay, \.overLimit, \.firstSelfPay, \.inScope, \.pooled, \.large,
            \.supplement, \.account, \.family, \.cash,
        ]
        for fen in [Int64(1), -1] {
            for total in totals {
                var changed = split
                changed[keyPath: total].fen += fen
                #expect(changed.brokenIdentity() != nil)
            }
            for column in columns {
                var changed = split
                changed.parts[1][keyPath: column].fen += fen
                #expect(changed.brokenIdentity() != nil)
            }
        }
        var moved = split
        moved.parts[3].account.fen += 1
        moved.parts[3].cash.fen -= 1
        #expect(moved.brokenIdentity() == "part: excluded is cash")
        var doubled = split
        doubled.payable = split.personal
        #expect(doubled.brokenIdentity() != nil)
        var huge = split
        huge.total = Money(fen: .max)
        #expect(huge.brokenIdentity() == "0 <= amount <= limit")
    }

    @Test("an empty bill splits into nothing")
    func empty() throws {
        let split = try #require(
            Splitter.split(
                [], visit: Fixtures.visit(), policy: Fixtures.policy(), used: Accumulators(),
                account: AccountFunds(balance: .limit)))
        #expect(split == Split())
    }

    @Test("whatever sorting makes of random lines, parts sum to lines and identities hold")
    func sortedAndSplit() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = Seeded(seed: seed)
        let limits: [[Restriction]] = [
            [], [.maxDays(3)], [.maxQuantity(.one, perDays: 7), .maxDays(14)],
            [.maxHoursPerDay(2)], [.sex(.female)],
        ]
        let entries = try ItemKind.allCases.flatMap { kind in
            try limits.enumerated().map { number, restrictions in
                try Fixtures.entry(
                    "\(kind.rawValue)-\(number)", kind, number % 2 == 0 ? .a : .b,
                    firstSelfPay: 1500, restrictions: restrictions)
            }
        }
        let catalog = Catalog(version: CatalogVersion(rawValue: 1), entries: entries)
        let (visit, policy) = (try Fixtures.visit(), try Fixtures.policy(deductible: 500))
        for round in 0..<5000 {
            let lines = (0...random.below(5)).map { _ in
                Fixtures.line(
                    entries[Int(random.below(Int64(entries.count)))].code,
                    fen: 1 + random.below(9000), thousandths: 1 + random.below(4000),
                    courseDays: UInt32(random.below(9)))
            }
            let sorted = Sorting.sort(lines, visit: visit, catalog: catalog, policy: policy)
            var (sums, quantities) = (lines.map { _ in Money.zero }, lines.map { _ in Int64(0) })
            for part in sorted {
                sums[part.line] += part.amount
                quantities[part.line] += part.quantity.thousandths
            }
            let split = Splitter.split(
                sorted, visit: visit, policy: policy, used: Accumulators(),
                account: AccountFunds(balance: Money(fen: random.below(9000))))
            guard sums == lines.map(\.amount), quantities == lines.map(\.quantity.thousandths),
                let split, split.brokenIdentity() == nil
            else {
                Issue.record("seed \(seed), bill \(round)")
                return
            }
        }
    }
}
