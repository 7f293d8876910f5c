import Ledger
import SettlementDomain
import TestSupport
import Testing

@Suite("The journal's canonical bytes")
struct JournalCodingTests {
    private static var entries: [JournalEntry] {
        var ledger = SyntheticLedger(seed: 11)
        var entries = ledger.site()
        for _ in 0..<400 { entries.append(ledger.any()) }
        return entries
    }

    @Test("every entry comes back as it went in")
    func roundTrip() throws {
        for entry in Self.entries {
            let bytes = JournalCoding.encode(entry)
            var numbered = entry
            numbered.sequence = 42
            #expect(try JournalCoding.decode(bytes, sequence: 42) == numbered)
        }
    }

    @Test("bytes that end early or go on are faults, never traps")
    func truncated() {
        for entry in Self.entries.suffix(60) {
            let bytes = JournalCoding.encode(entry)
            for count in 0..<bytes.count {
                #expect(throws: CodingFault.self) {
                    try JournalCoding.decode(Array(bytes.prefix(count)), sequence: 1)
                }
            }
            #expect(throws: CodingFault.self) {
                try JournalCoding.decode(bytes + [0], sequence: 1)
            }
        }
    }

    @Test("a changed byte gives a fault or another entry, never a trap")
    func mutated() {
        var random = SplitMix(seed: 12)
        for entry in Self.entries {
            var bytes = JournalCoding.encode(entry)
            for _ in 0..<20 {
                let position = Int(random.next() % UInt64(bytes.count))
                let old = bytes[position]
                bytes[position] = UInt8(truncatingIfNeeded: random.next())
                if let decoded = try? JournalCoding.decode(bytes, sequence: 0),
                    bytes[position] != old
                {
                    // Walking it must not trap either.
                    var walk = Verification(
                        sha256: SyntheticLedger.digest, answerKeys: .remembered)
                    walk.take(decoded)
                }
                bytes[position] = old
            }
        }
    }

    @Test("the chain covers time, date, kind, answer and postings, and nothing else")
    func chained() throws {
        let entries = Self.entries
        let entry = try #require(entries.last { $0.answer != nil && !$0.postings.isEmpty })
        let bytes = JournalCoding.chainBytes(entry)
        var other = entry
        other.sequence = 9
        other.voucher = [9]
        other.changes = []
        #expect(JournalCoding.chainBytes(other) == bytes)
        other.time += 1
        #expect(JournalCoding.chainBytes(other) != bytes)
        other = entry
        other.postings.removeLast()
        #expect(JournalCoding.chainBytes(other) != bytes)
        other = entry
        other.answer?.response.append(0)
        #expect(JournalCoding.chainBytes(other) != bytes)
        #expect(Array(JournalCoding.encode(entry).dropFirst().prefix(bytes.count)) == bytes)
    }

    @Test("registrations and their results come back as they went in")
    func registrations() throws {
        let registrations: [Registration] = [
            .catalog(SyntheticLedger.catalog(version: 3)),
            .policy(SyntheticLedger.policy(version: 2)),
            .terminal(
                TerminalRow(
                    id: SyntheticLedger.terminal(3), institution: SyntheticLedger.institution(1),
                    role: .vaccination, blocked: true)),
            .family(FamilyRow(member: SyntheticLedger.person(4), links: [])),
        ]
        for registration in registrations {
            let bytes = JournalCoding.encode(registration)
            #expect(try JournalCoding.decode(Registration.self, bytes) == registration)
        }
        let results: [RegistrationResult] = [.added, .changed, .unchanged, .refused("line 3")]
        for result in results {
            let bytes = JournalCoding.encode(result)
            #expect(try JournalCoding.decode(RegistrationResult.self, bytes) == result)
        }
    }
}
