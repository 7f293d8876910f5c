import SettlementDomain
import Testing

/// Random bills, people and limits; small numbers often, so that edges meet.
private struct Generator {
    var random: Seeded
    let policies: [Policy]
    let visits: [Visit]
    let plans: [PlanID]
    let owners: [PersonID]

    init(seed: UInt64) throws {
        random = Seeded(seed: seed)
        let plans = [try #require(PlanID("CORP-A")), try #require(PlanID("GIFT-B"))]
        self.plans = plans
        owners = try (1...4).map { try #require(PersonID(rawValue: $0)) }
        var policies: [Policy] = []
        for _ in 0..<64 {
            policies.append(try Self.policy(&random, plans))
        }
        self.policies = policies
        visits = try [InstitutionKind.hospital, .clinic, .pharmacy].flatMap { kind in
            try [[], [plans[0]], plans].map { enrolled in
                try Fixtures.visit(kind, person: Fixtures.person(plans: enrolled))
            }
        }
    }

    private static func policy(_ random: inout Seeded, _ plans: [PlanID]) throws -> Policy {
        try Fixtures.policy(
            deductible: random.below(20_000), ratio: random.below(10_001),
            pooledCap: random.below(random.once(in: 2) ? 5000 : 500_000),
            largeRatio: random.below(10_001), largeCap: random.below(50_000),
            plans: plans.map {
                SupplementaryPlan(
                    id: $0, ratio: Fixtures.ratio(random.below(10_001)),
                    annualCap: Money(fen: random.below(8000)))
            },
            practice: Practice(
                accountPaysOverLimitAtHospitals: random.once(in: 2),
                familyPaysVaccines: random.once(in: 2)))
    }

    mutating func amount() -> Money {
        switch random.below(8) {
        case 0: Money(fen: 1 + random.below(3))
        case 1: Money(fen: 1 + random.below(10_000_000_000_000))
        default: Money(fen: 1 + random.below(30_000))
        }
    }

    mutating func lines() -> [SortedLine] {
        let reasons: [SortingReason] = [
            .levelA, .levelB, .levelB, .notInPaymentScope, .vaccineCategory2, .cosmetic,
        ]
        return (0...random.below(7)).map { position in
            let amount = amount()
            let reason = reasons[Int(random.below(6))]
            var line = SortedLine(
                line: Int(position), quantity: Quantity(thousandths: 1 + random.below(5000)),
                amount: amount, reason: reason)
            if reason == .levelB { line.firstSelfPay = Fixtures.ratio(random.below(10_001)) }
            if reason.itemClass == .catalog, random.once(in: 3) {
                line.priceCeiling = UnitPrice(tenThousandths: random.below(2_000_000))
            }
            return line
        }
    }

    mutating func used() -> Accumulators {
        Accumulators(
            deductibleUsed: Money(fen: random.below(20_000)),
            pooledUsed: Money(fen: random.below(5000)), largeUsed: Money(fen: random.below(5000)),
            planUsed: random.once(in: 2)
                ? [PlanShare(plan: plans[0], amount: Money(fen: random.below(9000)))] : [])
    }

    mutating func split() throws -> Split {
        let policy = policies[Int(random.below(64))]
        let visit = visits[Int(random.below(Int64(visits.count)))]
        let family = (0..<random.below(4)).map {
            FamilyFund(owner: owners[Int($0)], available: Money(fen: random.below(20_000)))
        }
        let limit = random.once(in: 4) ? Money(fen: random.below(5000)) : nil
        let account = AccountFunds(balance: Money(fen: random.below(60_000)), limit: limit)
        let (lines, used) = (lines(), used())
        let split = try #require(
            Splitter.split(
                lines, visit: visit, policy: policy, used: used, account: account, family: family))
        checkLimits(split, policy, used, account, family)
        return split
    }

    private func checkLimits(
        _ split: Split, _ policy: Policy, _ used: Accumulators, _ account: AccountFunds,
        _ family: [FamilyFund]
    ) {
        let cap = policy.caps[0]
        if split.account > account.available || split.account > split.payable
            || split.pooled > cap.pooledCap.remaining(after: used.pooledUsed)
            || split.large > cap.largeCap.remaining(after: used.largeUsed)
        {
            Issue.record("a payer pays more than it may: \(split)")
        }
        for share in split.owners {
            let fund = family.first { $0.owner == share.owner }
            if share.amount > fund?.available ?? .zero { Issue.record("owner \(share.owner)") }
        }
    }
}

@Suite("Random settlements")
struct RandomSettlementTests {
    @Test(
        "all identities hold, and no payer pays more than it may, over 100,000 random settlements",
        arguments: [UInt64(20_261_123), UInt64.random(in: 0...UInt64.max)])
    func identitiesHold(_ seed: UInt64) throws {
        print("random settlements: seed \(seed)")
        var generator = try Generator(seed: seed)
        for round in 0..<50_000 {
            let split = try generator.split()
            if let broken = split.brokenIdentity() {
                Issue.record("seed \(seed), settlement \(round): \(broken)")
                return
            }
        }
    }

    @Test("what settlements take in a year, taken back in any order, leaves nothing")
    func accumulatorsReturn() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var generator = try Generator(seed: seed)
        for _ in 0..<200 {
            var used = Accumulators()
            var splits = try (0..<5).map { _ in try generator.split() }
            for split in splits { used.add(split) }
            splits.shuffle(using: &generator.random)
            for split in splits { used.remove(split) }
            #expect(used == Accumulators(), "seed \(seed)")
        }
    }
}
