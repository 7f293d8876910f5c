import Ledger
import SettlementDomain
import TestSupport
import Testing

@Suite("Refund: lines come back, and what remains is split as if only that had been sold")
struct RefundTests {
    @Test("one line, then another, then above what remains: 00, 00, 13")
    func lineByLine() {
        var town = Town()
        let id = town.settle(
            [Town.Item(fen: 10_000), Town.Item(fen: 20_000), Town.Item(fen: 5000)],
            key: Town.key(900))
        #expect(town.refund(id, [(0, nil)]).undone?.state == .partlyRefunded)
        #expect(town.refund(id, [(1, 1)], total: 20_000).code == .approved)
        let before = town.books
        let above = town.refund(id, [(1, 1)])
        #expect(above.code == .invalidAmount && above.reason == .aboveRemaining)
        #expect(town.refund(id, [(2, 2)]).reason == .aboveRemaining)
        #expect(town.refund(id, [(2, 1)], total: 4999).reason == .totalDiffers)
        #expect(town.refund(id, [(2, 1), (2, 1)]).reason == .linesOutOfRange)
        #expect(town.refund(id, []).reason == .linesOutOfRange)
        #expect(town.refund(id, [(3, 1)]).reason == .linesOutOfRange)
        #expect(town.refund(id, [(2, -1)]).reason == .lineAmountInvalid)
        #expect(town.books == before)
        #expect(town.refund(id, [(2, nil)]).undone?.state == .refunded)
        #expect(town.refund(id, [(2, nil)]).code == .alreadyUndone)
    }

    @Test("the money goes back to those who paid, to an owner whose link has ended too")
    func owner() throws {
        var town = Town()
        town.link()
        let id = town.settle(
            [Town.Item(fen: 8000), Town.Item(fen: 6000)], visit: .pharmacyPurchase,
            key: Town.key(900, at: Town.pharmacy))
        #expect(town.split(of: id).family.fen == 4000)
        town.register([.family(FamilyRow(member: Town.person, links: []))])
        let outcome = town.refund(id, [(1, nil)], at: Town.pharmacy)
        let answer = try #require(outcome.undone)
        #expect(answer.givenBack.owners.map(\.amount.fen) == [4000])
        #expect(answer.givenBack.account.fen == 2000 && town.balance == 2000)
        #expect(town.rows.accounts[Town.owner]?.balance.fen == 100_000)
    }

    @Test("a part of a line names its packages, one for each whole unit; these can be sold again")
    func packages() {
        var town = Town()
        let id = town.settle(
            [Town.Item(units: 3, fen: 1000, trace: ["P1", "P2", "P3"])], key: Town.key(900))
        #expect(town.refund(id, [(0, 1)]).reason == .traceCodesDiffer)
        #expect(town.refund(id, [(0, 1)], trace: ["P1", "P2"]).reason == .traceCodesDiffer)
        #expect(town.refund(id, [(0, 1)], trace: ["P9"]).reason == .traceCodesDiffer)
        #expect(town.refund(id, [(0, 2)], trace: ["P1", "P1"]).reason == .traceCodesDiffer)
        #expect(town.refund(id, [(0, 1)], trace: ["P2"]).code == .approved)
        #expect(town.refund(id, [(0, 1)], trace: ["P2"]).reason == .traceCodesDiffer)
        #expect(town.books.taken.map(\.text) == ["P1", "P3"])
        #expect(town.refund(id, [(0, nil)]).undone?.state == .refunded)
        #expect(town.books.taken.isEmpty)
    }

    @Test("after a hundred steps a sale is undone no more; a step can yet be reversed")
    func tooOften() {
        var town = Town()
        let id = town.settle([Town.Item(units: 200, fen: 10)], key: Town.key(900))
        for _ in 1...100 { #expect(town.refund(id, [(0, 1)]).code == .approved) }
        let last = Town.key(town.stan)
        let before = town.books
        let refused = town.refund(id, [(0, 1)])
        #expect(refused.code == .frequencyLimit && refused.reason == .undoneTooOften)
        #expect(town.books == before)
        #expect(town.reverse(last, fen: 10).code == .approved)
        #expect(town.verified == [])
    }

    @Test("what a limit had kept out of scope comes into it when the line before it comes back")
    func limits() throws {
        var town = Town()
        let id = town.settle(
            [
                Town.Item(code: Town.limited, units: 2, fen: 10_000),
                Town.Item(code: Town.limited, units: 2, fen: 10_000),
            ], key: Town.key(900))
        #expect(town.split(of: id).inScope.fen == 20_000)
        #expect(town.refund(id, [(0, nil)]).code == .approved)
        let left = town.split(of: id)
        #expect(left.inScope.fen == 20_000 && left.total.fen == 20_000)
        let uses = try #require(town.books.uses.values.first)
        #expect(uses.map(\.quantity.thousandths) == [2000])
    }

    @Test(
        """
        refunds of 2,000 random bills: what remains is, in each column, what a sale of the \
        remaining lines would have taken
        """
    )
    func asIfSold() {
        var random = SplitMix(seed: 20_261_123)
        for _ in 0..<2000 {
            var town = Town()
            if Bool.random(using: &random) {
                town.link(limit: Bool.random(using: &random) ? Int64(random.next() % 9000) : nil)
            }
            if Bool.random(using: &random) {
                town.settle(
                    [Town.Item(code: Town.limited, fen: 1 + Int64(random.next() % 60_000))],
                    key: Town.key(700))
            }
            let visit: VisitType = Bool.random(using: &random) ? .outpatient : .pharmacyPurchase
            let terminal = visit == .outpatient ? Town.hospital : Town.pharmacy
            let items = (0..<(1 + random.next() % 4)).map { _ in
                Town.Item(
                    code: [Town.medicine, Town.limited, Town.whitening][Int(random.next() % 3)],
                    units: 1 + Int64(random.next() % 4), fen: 1 + Int64(random.next() % 20_000))
            }
            let empty = town
            let id = town.settle(items, visit: visit, key: Town.key(900, at: terminal))
            var left = items
            for _ in 0..<3 {
                let candidates = left.indices.filter { left[$0].units > 0 }
                guard !candidates.isEmpty else { break }
                let line = candidates[Int(random.next() % UInt64(candidates.count))]
                let units = 1 + Int64(random.next() % UInt64(left[line].units))
                left[line].units -= units
                let outcome = town.refund(id, [(line, units)], at: terminal)
                #expect(outcome.code == .approved)
                var other = empty
                let rest = left.filter { $0.units > 0 }
                guard !rest.isEmpty else { break }
                let sold = other.settle(rest, visit: visit, key: Town.key(900, at: terminal))
                #expect(town.split(of: id).withoutLines == other.split(of: sold).withoutLines)
                #expect(town.books == other.books)
            }
            #expect(town.verified == [])
        }
    }
}

extension Split {
    /// Without the positions of lines, which differ where lines are missing.
    var withoutLines: Split {
        var split = self
        for index in split.parts.indices { split.parts[index].line = 0 }
        return split
    }
}

extension Town {
    /// What a walk of the journal finds.
    var verified: [VerificationFinding] {
        var walk = Verification(sha256: Town.digest, answerKeys: .remembered)
        for (index, entry) in rows.entries.enumerated() {
            var entry = entry
            entry.sequence = UInt64(index) + 1
            walk.take(entry)
        }
        return walk.finish().findings
    }
}
