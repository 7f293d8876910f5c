import Ledger
import NIOCore
import SettlementClient
import SettlementDomain
import Testing

@testable import settle_replay

@Suite("The check at the end of a run")
struct CheckTests {
    private func person(_ number: UInt64) throws -> PersonID {
        try #require(PersonID(rawValue: number))
    }

    /// Three persons with a card each; the third is the second's parent and pays for them too.
    private func views() throws -> (before: LedgerView, after: LedgerView) {
        let (first, second, third) = (try person(1), try person(2), try person(3))
        var before = LedgerView()
        before.persons = [first, second, third]
        before.accounts = [first: 10_000, second: 5000, third: 7000]
        before.owners = [second: [third]]
        before.balances = [
            "individual": 22_000, "contributions:bank": -22_000, "pool:310000:employee": 0,
            "institution:P31010400001": 0,
        ]
        var after = before
        after.accounts = [first: 9000, second: 0, third: 6500]
        after.balances = [
            "individual": 15_500, "contributions:bank": -22_000, "pool:310000:employee": -400,
            "institution:P31010400001": 6900,
        ]
        return (before, after)
    }

    private func effects() -> Effects {
        var effects = Effects(cards: 3, keptMax: 0, seed: 1)
        effects.settles = 3
        effects.pooled = 400
        effects.account = 6300
        effects.family = 200
        effects.byCard = [1000, 5000, 300]
        return effects
    }

    @Test("a ledger that moved as the terminals were told holds in every finding")
    func holds() throws {
        let (before, after) = try views()
        let effects = effects()
        let findings =
            ConservationCheck.sums(effects, before: before, after: after)
            + ConservationCheck.accounts(
                effects.byCard[...], familyPaid: effects.family, before: before, after: after)
        #expect(findings.count == 8)
        #expect(findings.filter { !$0.holds }.isEmpty)
    }

    @Test("one fen that went astray is found", arguments: [0, 1, 2, 3])
    func astray(_ which: Int) throws {
        var (before, after) = try views()
        var effects = effects()
        switch which {
        case 0: after.balances["institution:P31010400001", default: 0] -= 1
        case 1: after.accounts[try person(1), default: 0] += 1
        case 2: effects.family += 1
        default: before.balances["pool:310000:employee", default: 0] -= 1
        }
        let findings =
            ConservationCheck.sums(effects, before: before, after: after)
            + ConservationCheck.accounts(
                effects.byCard[...], familyPaid: effects.family, before: before, after: after)
        #expect(!findings.filter { !$0.holds }.isEmpty)
    }

    @Test("of some cards only, a draw by a relative among the others is no fault; a gain is one")
    func someCards() throws {
        var (before, after) = try views()
        // The third's own card and its owner are compared; the second, who drew on it, is not.
        let third = try person(3)
        before.persons = [third]
        before.accounts = [third: 7000]
        before.owners = [:]
        after.accounts = [third: 6500]
        let byCard: [Int64] = [300]
        func findings() -> [ConservationCheck.Finding] {
            ConservationCheck.accounts(
                byCard[...], familyPaid: nil, before: before, after: after)
        }
        #expect(findings().filter { !$0.holds }.isEmpty)
        after.accounts = [third: 6701]
        #expect(!findings().filter { !$0.holds }.isEmpty)
    }

    @Test("at most so many answers are kept, chosen from all")
    func kept() throws {
        var effects = Effects(cards: 1, keptMax: 10, seed: 5)
        let summary = try #require(ResponseSummary(ByteBuffer(bytes: [0x08, 0x33])))
        for stan in UInt32(1)...1000 {
            let key = try Made.key(stan)
            effects.take(
                WorkItem(kind: .settle), key, summary, ByteBuffer(bytes: [0x08, 0x33]))
        }
        #expect(effects.kept.count == 10)
        #expect(Set(effects.kept.map(\.key)).count == 10)
        #expect(effects.kept.contains { $0.key.stan > 500 })
        #expect(effects.settles == 0)
        #expect(effects.kept.allSatisfy { $0.code == 51 && $0.insured == 0 })
    }
}
