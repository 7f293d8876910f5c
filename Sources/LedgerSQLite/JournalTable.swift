import Ledger
import SettlementDomain

/// The journal: appended to, read by sequence number, never changed.
///
/// An entry's bytes are sealed in their place. Each row has the xxHash of what it holds under its
/// sequence number as the seed, so that a flipped bit, and a row in another row's place, are named.
final class JournalTable {
    private let seal: any StoreSeal
    private var insert: Statement?
    private var select: Statement?
    private var page: Statement?

    init(seal: any StoreSeal) {
        self.seal = seal
    }

    func attach(to handle: OpaquePointer) throws {
        insert = try Statement(
            "INSERT INTO journal (seq, checksum, entry) VALUES (?, ?, ?)", on: handle)
        select = try Statement("SELECT seq, checksum, entry FROM journal WHERE seq = ?", on: handle)
        page = try Statement(
            "SELECT seq, checksum, entry FROM journal WHERE seq > ? ORDER BY seq LIMIT ?",
            on: handle)
    }

    func detach() {
        insert = nil
        select = nil
        page = nil
    }

    /// The newest entry's number; 0 of an empty journal.
    static func lastSequence(on handle: OpaquePointer) throws -> UInt64 {
        try Statement("SELECT max(seq) FROM journal", on: handle)
            .first { $0.isNull() ? 0 : $0.unsigned() } ?? 0
    }

    func append(_ bytes: UnsafeRawBufferPointer, sequence: UInt64) throws {
        guard let insert else { return }
        try seal.seal(bytes, place: sequence).withUnsafeBytes { sealed in
            insert.bind { binder in
                binder.integer(sequence)
                binder.integer(XXHash64.hash(sealed, seed: sequence))
                binder.borrowedBlob(sealed)
            }
            try insert.run()
        }
    }

    func entry(_ sequence: UInt64) throws -> JournalEntry? {
        guard let select else { return nil }
        select.bind { $0.integer(sequence) }
        return try select.first { try readable(JournalRow(from: &$0)) }
    }

    /// Entries after a number, in order.
    func entries(after: UInt64, limit: Int) throws -> [JournalEntry] {
        try rows(after: after, limit: limit, as: readable)
    }

    /// Every entry after a number, in order, while nothing else is done with the connection.
    func reader(after: UInt64, hasThread: Bool) -> JournalReader {
        var last = after
        return JournalReader(seal: seal, checksForm: false, hasThread: hasThread) { limit in
            let rows = try self.rows(after: last, limit: limit) { $0 }
            last = rows.last?.sequence ?? last
            return rows
        }
    }

    private func rows<Value>(
        after: UInt64, limit: Int, as value: (JournalRow) throws -> Value
    ) throws -> [Value] {
        guard limit > 0, let page else { return [] }
        page.bind { binder in
            binder.integer(min(after, UInt64(Int64.max)))
            binder.integer(Int64(limit))
        }
        return try page.all { try value(JournalRow(from: &$0)) }
    }

    private func readable(_ row: JournalRow) throws -> JournalEntry {
        try JournalRow.namingDefects(of: row.sequence) { try row.entry(under: seal) }
    }
}
