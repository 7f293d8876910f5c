import Ledger
import SettlementDomain

/// The journal: appended to, read by sequence number, never changed.
///
/// Each row has the xxHash of its bytes under its sequence number as the seed, so that a flipped
/// bit, and a row in another row's place, are named.
final class JournalTable {
    private var insert: Statement?
    private var select: Statement?
    private var page: Statement?
    private var last: Statement?

    func attach(to handle: OpaquePointer) throws {
        insert = try Statement(
            "INSERT INTO journal (seq, checksum, entry) VALUES (?, ?, ?)", on: handle)
        select = try Statement("SELECT seq, checksum, entry FROM journal WHERE seq = ?", on: handle)
        page = try Statement(
            "SELECT seq, checksum, entry FROM journal WHERE seq > ? ORDER BY seq LIMIT ?",
            on: handle)
        last = try Statement("SELECT max(seq) FROM journal", on: handle)
    }

    func detach() {
        insert = nil
        select = nil
        page = nil
        last = nil
    }

    /// The newest entry's number; 0 of an empty journal.
    func lastSequence() throws -> UInt64 {
        try last?.first { $0.unsigned() } ?? 0
    }

    func append(_ bytes: UnsafeRawBufferPointer, sequence: UInt64) throws {
        guard let insert else { return }
        insert.bind { binder in
            binder.integer(sequence)
            binder.integer(XXHash64.hash(bytes, seed: sequence))
            binder.borrowedBlob(bytes)
        }
        try insert.run()
    }

    /// The checksum of an entry; nil where there is no such entry.
    func checksum(of sequence: UInt64) throws -> UInt64? {
        guard let select else { return nil }
        select.bind { $0.integer(sequence) }
        return try select.first { reader in
            _ = reader.integer()
            return reader.unsigned()
        }
    }

    func entry(_ sequence: UInt64) throws -> JournalEntry? {
        guard let select else { return nil }
        select.bind { $0.integer(sequence) }
        return try select.first { try Self.read(&$0) }
    }

    /// Entries after a number, in order.
    func entries(after: UInt64, limit: Int) throws -> [JournalEntry] {
        guard limit > 0, let page else { return [] }
        page.bind { binder in
            binder.integer(min(after, UInt64(Int64.max)))
            binder.integer(Int64(limit))
        }
        return try page.all { try Self.read(&$0) }
    }

    static func read(_ reader: inout ColumnReader) throws -> JournalEntry {
        let sequence = reader.unsigned()
        let checksum = reader.unsigned()
        let bytes = reader.blob()
        guard JournalCoding.checksum(of: bytes, sequence: sequence) == checksum else {
            throw StoreFault.corrupt("journal entry \(sequence): its checksum differs")
        }
        do {
            return try JournalCoding.decode(bytes, sequence: sequence)
        } catch {
            throw StoreFault.corrupt(
                "journal entry \(sequence): at byte \(error.offset), expected \(error.expected)")
        }
    }
}
