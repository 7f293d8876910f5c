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

    private func transaction(
        _ stan: UInt32, _ fen: Int64, at time: Int64 = 0
    ) throws -> DayTransaction {
        DayTransaction(
            key: try Made.key(stan), kind: .settle, total: Money(fen: fen),
            insured: Money(fen: fen), time: time)
    }

    @Test("what only one side has, and what differs, is named; what was there before is not")
    func differences() throws {
        let own = [try transaction(3, 100), try transaction(4, 200), try transaction(5, 300)]
        let daemon = [
            try transaction(1, 50, at: 10), try transaction(3, 100, at: 30),
            try transaction(4, 201, at: 31), try transaction(6, 400, at: 32),
        ]
        let found = ReconciliationCheck.differences(own, daemon, since: 20)
        #expect(found.count == 3)
        #expect(found[0].contains(" 4 settle 2.00/2.00 is ") && found[0].contains("2.01"))
        #expect(found[1].contains(" 5 settle 3.00/3.00 only the terminal has"))
        #expect(found[2].contains(" 6 settle 4.00/4.00 only the daemon has"))
        #expect(ReconciliationCheck.differences(own, own, since: 20) == [])
    }

    @Test("own books sum by date and kind on top of what was there")
    func books() throws {
        let (date, next) = (try Made.date(20_261_123), try Made.date(20_261_124))
        let terminal = try Made.key(1).terminal
        var books = OwnBooks()
        books.book(try transaction(1, 100), on: date)
        var other = OwnBooks()
        other.book(try transaction(2, 50), on: date)
        other.book(try transaction(3, 7), on: next)
        books.add(other)
        let before = [KindTotals(kind: .settle, count: 1, total: Money(fen: 1), insured: .zero)]
        let totals = books.totals(of: terminal, on: date, onTopOf: before)
        #expect(
            totals[0]
                == KindTotals(
                    kind: .settle, count: 3, total: Money(fen: 151), insured: Money(fen: 150)))
        #expect(totals.dropFirst().allSatisfy { $0.count == 0 })
        #expect(books.totals(of: terminal, on: next, onTopOf: [])[0].count == 1)
    }

    @Test("each kept answer and each known fate has a state that its status must tell")
    func states() throws {
        func kept(_ stan: UInt32, _ code: UInt8) throws -> KeptAnswer {
            KeptAnswer(key: try Made.key(stan), kind: .settle, code: code, insured: 0, digest: 7)
        }
        let states: [RequestKey: StatusAnswer.State] = [
            try Made.key(2): .voided, try Made.key(9): .reversed,
        ]
        let expected = StateCheck.expected(
            [try kept(1, 10), try kept(2, 0), try kept(3, 51), try kept(4, 91)], states, max: 10)
        #expect(expected.map(\.key.stan) == [1, 2, 3, 9])
        #expect(expected.map(\.state) == [.approved, .voided, .refused, .reversed])
        #expect(expected.map(\.digest) == [7, 7, 7, nil])
        let body: [UInt8] = [0x08, 0x33]
        var one = expected[2]
        one.digest = body.withUnsafeBytes { Effects.digest($0) }
        func difference(_ state: StatusAnswer.State, _ body: [UInt8]) -> String? {
            StateCheck.difference(
                one, StatusAnswer(state: state, kind: .settle, response: body))
        }
        #expect(difference(.refused, body) == nil)
        #expect(difference(.approved, body) != nil)
        #expect(difference(.refused, [0x08, 0x34]) != nil)
    }
}
