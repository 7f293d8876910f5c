import CardSecurity
import Ledger
import SettlementProtocol
import SettlementServer

/// Entries and rows in the journal's coding: one value has one form, and walking an entry that
/// nobody decided does not trap.
///
/// The first byte says what the rest is: a whole entry, a change of one row, or a row of the day's
/// books.
enum JournalFuzz {
    static func run(_ bytes: [UInt8]) throws -> Bool {
        var input = FuzzInput(bytes)
        switch input.byte() % 3 {
        case 0: return try entry(input.remainder())
        case 1: return try same(RowChange.self, input.remainder())
        default: return try same(DayRow.self, input.remainder())
        }
    }

    /// Whether the bytes are such a value; then they are what it is written as.
    static func same<Value: Journaled>(_ type: Value.Type, _ bytes: [UInt8]) throws -> Bool {
        guard let value = try? JournalCoding.decode(type, bytes) else { return false }
        try FuzzFinding.unless(
            JournalCoding.encode(value) == bytes, "a \(type) is written differently")
        return true
    }

    private static func entry(_ bytes: [UInt8]) throws -> Bool {
        guard let entry = try? JournalCoding.decode(bytes, sequence: 1) else { return false }
        try FuzzFinding.unless(
            JournalCoding.encode(entry) == bytes, "an entry is written differently")
        // What stores and verification make of any entry that can be read.
        var walk = Verification(sha256: Digest.sha256, answerKeys: .remembered)
        walk.take(entry)
        _ = walk.finish()
        _ = entry.movements
        _ = entry.accesses
        _ = entry.dayRow
        return true
    }
}
