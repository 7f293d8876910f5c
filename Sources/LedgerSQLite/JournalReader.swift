import Dispatch
import Ledger
import Synchronization

/// The journal's entries in order, a slice at a time: while its owner works on one slice, another
/// thread opens and decodes the next.
///
/// Its owner's thread alone uses it and lets go of it, and of the statements that `source` holds: the
/// other thread has the rows, and a place for their entries.
final class JournalReader {
    /// One row of the journal: its entry, or why it holds none.
    struct Item: Sendable {
        var sequence: UInt64
        /// Failures are ``JournalRow/Defect``, or what the seal throws.
        var entry: Result<JournalEntry, any Error>

        /// The entry.
        ///
        /// - Throws: `corrupt` where the row holds none.
        func readable() throws -> JournalEntry {
            try JournalRow.namingDefects(of: sequence) { try entry.get() }
        }
    }

    /// The next rows of the journal, at most so many; none at its end.
    typealias Source = (_ limit: Int) throws -> [JournalRow]

    private static let sliceMax = 1024

    private let decode: @Sendable ([JournalRow]) -> [Item]
    private let source: Source
    private let queue: DispatchQueue?
    private var slice = Slice([])
    private var isRunning = false

    /// Begins before the first row that `source` gives.
    ///
    /// - Parameters:
    ///   - seal: what entries are opened with.
    ///   - checksForm: whether an entry whose bytes are not those that it is written with is a defect.
    ///   - hasThread: false: slices are decoded where they are asked for.
    ///   - source: asked by the owner's thread only, within ``next()``.
    init(seal: any StoreSeal, checksForm: Bool, hasThread: Bool, source: @escaping Source) {
        decode = { rows in
            rows.map { row in
                Item(
                    sequence: row.sequence,
                    entry: Result { try row.entry(under: seal, checkingForm: checksForm) })
            }
        }
        self.source = source
        queue = hasThread ? DispatchQueue(label: "settled.journal") : nil
    }

    /// The next slice; empty at the journal's end.
    func next() throws -> [Item] {
        if !isRunning { try begin() }
        isRunning = false
        let items = queue == nil ? decode(slice.rows) : slice.wait()
        if !items.isEmpty { try begin() }
        return items
    }

    private func begin() throws {
        let slice = Slice(try source(Self.sliceMax))
        self.slice = slice
        isRunning = true
        queue?.async { [decode] in slice.finish(decode(slice.rows)) }
    }

    /// Rows on their way to another thread, and their entries on the way back.
    private final class Slice: Sendable {
        let rows: [JournalRow]
        private let items = Mutex<[Item]>([])
        private let done = DispatchSemaphore(value: 0)

        init(_ rows: [JournalRow]) { self.rows = rows }

        func finish(_ found: [Item]) {
            items.withLock { $0 = found }
            done.signal()
        }

        func wait() -> [Item] {
            done.wait()
            return items.withLock { $0 }
        }
    }
}
