import Dispatch
import Ledger

/// The journal's entries in order, a slice at a time: while its owner works on one slice, another
/// thread opens and decodes the next.
///
/// `@unchecked Sendable`: `rows` and `decoded` are handed over by the queue and the semaphore: the owner
/// touches them before it hands a slice over and after it waited for `done`, the queue between. The rest is
/// immutable or its owner's.
final class JournalReader: @unchecked Sendable {
    /// One row of the journal: its entry, or why it holds none.
    struct Item {
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

    private let seal: any StoreSeal
    private let checksForm: Bool
    private let source: Source
    private let queue: DispatchQueue?
    private let done = DispatchSemaphore(value: 0)
    private var rows: [JournalRow] = []
    private var decoded: [Item] = []
    private var isRunning = false

    /// Begins before the first row that `source` gives.
    ///
    /// - Parameters:
    ///   - seal: what entries are opened with.
    ///   - checksForm: whether an entry whose bytes are not those that it is written with is a defect.
    ///   - hasThread: false: slices are decoded where they are asked for.
    ///   - source: asked by the owner's thread only, within ``next()``.
    init(seal: any StoreSeal, checksForm: Bool, hasThread: Bool, source: @escaping Source) {
        self.seal = seal
        self.checksForm = checksForm
        self.source = source
        queue = hasThread ? DispatchQueue(label: "settled.journal") : nil
    }

    /// The next slice; empty at the journal's end.
    func next() throws -> [Item] {
        if !isRunning { try begin() }
        isRunning = false
        if queue != nil { done.wait() } else { decode() }
        let items = decoded
        decoded = []
        if !items.isEmpty { try begin() }
        return items
    }

    private func begin() throws {
        rows = try source(Self.sliceMax)
        isRunning = true
        queue?.async { [self] in
            decode()
            done.signal()
        }
    }

    private func decode() {
        decoded = rows.map { row in
            Item(
                sequence: row.sequence,
                entry: Result { try row.entry(under: seal, checkingForm: checksForm) })
        }
        rows = []
    }
}
