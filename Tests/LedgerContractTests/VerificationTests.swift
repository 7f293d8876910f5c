import Ledger
import SettlementDomain
import TestSupport
import Testing

@Suite("Walking a journal")
struct VerificationTests {
    private static func journal() -> [JournalEntry] {
        var ledger = SyntheticLedger(seed: 21)
        var entries = ledger.site()
        for _ in 0..<300 { entries.append(ledger.any()) }
        for index in entries.indices { entries[index].sequence = UInt64(index) + 1 }
        return entries
    }

    private static func walk(_ entries: [JournalEntry]) -> VerificationReport {
        var walk = Verification(sha256: SyntheticLedger.digest, answerKeys: .remembered)
        for entry in entries { walk.take(entry) }
        return walk.finish()
    }

    private static func last(
        _ entries: [JournalEntry], where fits: (JournalEntry) -> Bool
    ) throws -> Int {
        let index = entries.lastIndex(where: fits)
        return try #require(index)
    }

    @Test("a ledger's own journal is sound")
    func sound() {
        let report = Self.walk(Self.journal())
        #expect(report.isSound, "\(report.findings)")
        #expect(report.settlements > 50 && report.accounts > 10)
    }

    @Test("a missing entry is named")
    func missing() throws {
        var entries = Self.journal()
        entries.remove(at: 100)
        let report = Self.walk(entries)
        #expect(report.findings.first?.place == "journal entry 101")
    }

    @Test("postings that do not sum to zero are named")
    func unbalanced() throws {
        var entries = Self.journal()
        let index = try Self.last(entries) { !$0.postings.isEmpty }
        entries[index].postings[0].amount += Money(fen: 1)
        let report = Self.walk(entries)
        #expect(report.findings.first?.place == "journal entry \(index + 1)")
        #expect(report.findings.first?.problem.contains("sum") == true)
    }

    @Test("an answer changed after the fact breaks the account's chain at its entry")
    func chain() throws {
        var entries = Self.journal()
        let index = try Self.last(entries) { $0.kind == .settle && !$0.movements.isEmpty }
        entries[index].answer?.response[0] ^= 1
        let report = Self.walk(entries)
        #expect(report.findings.first?.place == "journal entry \(index + 1)")
        #expect(report.findings.first?.problem.contains("hash chain") == true)
    }

    @Test("a split that breaks an identity, and postings that are not the split's, are named")
    func splits() throws {
        var entries = Self.journal()
        let index = try Self.last(entries) { $0.kind == .settle && !$0.postings.isEmpty }
        for (position, change) in entries[index].changes.enumerated() {
            guard case .settlement(var row) = change else { continue }
            row.split.pooled += Money(fen: 1)
            entries[index].changes[position] = .settlement(row)
        }
        let problems = Self.walk(entries).findings.map(\.problem)
        #expect(problems.contains { $0.contains("breaks") })
        #expect(problems.contains { $0.contains("not those of settlement") })
    }

    @Test("a request answered twice is named")
    func answeredTwice() throws {
        var entries = Self.journal()
        let first = try #require(entries.firstIndex { $0.answer != nil })
        let index = try Self.last(entries) { $0.answer != nil && $0.postings.isEmpty }
        entries[index].answer = entries[first].answer
        let report = Self.walk(entries)
        #expect(report.findings.contains { $0.problem.contains("a second time") })
    }
}
