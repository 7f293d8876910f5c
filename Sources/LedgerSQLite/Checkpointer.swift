import Foundation
import GRDBSQLite
import Ledger

/// Copies the write-ahead log into the store's file on its own thread and connection, so that a
/// commit never waits for it, and keeps the log bounded.
///
/// Once the log has `pagesMax` pages, passive checkpoints copy what is committed while the committer
/// goes on, and it is written to the disk. When little is left, the committer is held at the gate for
/// one checkpoint that copies the rest and lets the next commit begin the log anew. A reader's snapshot
/// delays this; the log grows until the reader is done.
///
/// After a fault its connection is closed, and opened again when it is needed: SQLite notes in memory
/// that connections share how far the log was copied, before that is synced. Once none of the store's
/// connections is open, the note is made anew, and all of the log is copied again.
///
/// `@unchecked Sendable`: after the initializer `state` is only touched with `condition` locked,
/// `connection` and `writeOut` only by the thread, or without one by the store's own; the rest is
/// immutable.
final class Checkpointer: @unchecked Sendable {
    private struct State {
        var pages: Int32 = 0
        /// Pages at which the next attempt is due.
        var due: Int32
        var isWorking = false
        var holdsGate = false
        var isCopying = false
        var isStopping = false
        var isStopped = false
        var isLogDoubtful = false
        var readersMet = 0
    }

    private let condition = NSCondition()
    private var state: State
    private let path: String
    private var connection: Connection?
    /// Only where commits go on while the log is copied.
    private var writeOut: WriteOut?
    private let pagesMax: Int32
    private let hasThread: Bool
    /// As many pages may be left for the checkpoint that holds the committer.
    private static let restMax: Int32 = 128
    /// More rounds are no use: commits come faster than the disk writes.
    private static let roundsMax = 8

    /// Without a thread of its own it works where ``copyIfDue()`` is called.
    ///
    /// - Throws: `unavailable` where the store or a thread is not to be had.
    init(path: String, pagesMax: Int32, _ starter: ThreadStarter?) throws(StoreFault) {
        self.path = path
        self.pagesMax = pagesMax
        hasThread = starter != nil
        state = State(due: pagesMax)
        connection = try Connection(path: path, purpose: .checkpoint)
        guard let starter else {
            state.isStopped = true
            return
        }
        writeOut = WriteOut(path: path)
        guard starter("settled.checkpoint", { [self] in run() }) else {
            connection?.close()
            throw .unavailable(
                "the system gives no thread to copy the log of \(path): raise the limit on threads "
                    + "(TasksMax of the service, ulimit -u)")
        }
    }

    /// Has SQLite tell the log's length after each commit on the writer's connection.
    func watch(_ handle: OpaquePointer) {
        // The store stops this object only after it closed the connection.
        sqlite3_wal_hook(
            handle,
            { context, _, _, pages in
                guard let context else { return SQLITE_OK }
                Unmanaged<Checkpointer>.fromOpaque(context).takeUnretainedValue().note(pages)
                return SQLITE_OK
            }, Unmanaged.passUnretained(self).toOpaque())
    }

    /// Runs a transaction of the committer, a reading one too; waits while the gate is held.
    func passing<Result>(_ body: () throws -> Result) rethrows -> Result {
        condition.lock()
        while state.holdsGate { condition.wait() }
        state.isWorking = true
        condition.unlock()
        defer {
            condition.lock()
            state.isWorking = false
            // Only a checkpoint at the gate waits for this; a wake-up for nothing costs both threads.
            if state.holdsGate { condition.broadcast() }
            condition.unlock()
        }
        return try body()
    }

    /// Whether the log is being copied: what is swept now would make it longer before it is begun
    /// anew.
    var isCopying: Bool {
        condition.lock()
        defer { condition.unlock() }
        return state.isCopying
    }

    /// How often the log could not be begun anew, since a reader was in the way.
    var readersMet: Int {
        condition.lock()
        defer { condition.unlock() }
        return state.readersMet
    }

    /// Waits until the log is copied, if it is long enough for that; not within a transaction.
    ///
    /// Who writes much and waits for nothing else would be faster than the copy, and the log would
    /// grow.
    func awaitCopy() {
        guard hasThread else { return copyIfDue() }
        condition.lock()
        defer { condition.unlock() }
        while state.pages >= state.due || state.isCopying, !state.isLogDoubtful, !state.isStopped {
            condition.wait()
        }
    }

    /// Copies the log now, if it is long enough; for one that has no thread.
    func copyIfDue() {
        condition.lock()
        let isDue = state.pages >= state.due
        condition.unlock()
        if isDue { checkpoint() }
    }

    /// Whether something of the log may never reach the disk, since a sync of it failed or may have.
    ///
    /// Nothing is copied then: the file would get ahead of what a recovery finds in the log.
    var isLogDoubtful: Bool {
        get {
            condition.lock()
            defer { condition.unlock() }
            return state.isLogDoubtful
        }
        set {
            condition.lock()
            state.isLogDoubtful = newValue
            condition.broadcast()
            condition.unlock()
        }
    }

    /// Ends the thread and closes its connection.
    func stop() {
        condition.lock()
        state.isStopping = true
        condition.broadcast()
        while !state.isStopped { condition.wait() }
        condition.unlock()
        connection?.close()
        connection = nil
        writeOut = nil
    }

    private func note(_ pages: Int32) {
        condition.lock()
        state.pages = pages
        if pages >= state.due { condition.broadcast() }
        condition.unlock()
    }

    private func run() {
        while waitUntilDue() { checkpoint() }
        condition.lock()
        state.isStopped = true
        condition.broadcast()
        condition.unlock()
    }

    private func waitUntilDue() -> Bool {
        condition.lock()
        defer { condition.unlock() }
        while state.pages < state.due || state.isLogDoubtful, !state.isStopping { condition.wait() }
        state.isCopying = true
        return !state.isStopping
    }

    private func checkpoint() {
        copyAlongside()
        // SQLite syncs the file with the copy that reaches the log's end: what is on the disk by then
        // the committer need not wait for.
        syncFile()
        condition.lock()
        state.holdsGate = true
        while state.isWorking { condition.wait() }
        condition.unlock()
        let last = copy(SQLITE_CHECKPOINT_RESTART)
        condition.lock()
        state.holdsGate = false
        state.isCopying = false
        if let last, last.copied == last.pages {
            state.pages = 0
            state.due = pagesMax
        } else {
            // A reader is in the way: again when the log has grown as much once more.
            state.readersMet += 1
            state.due = state.pages + pagesMax
        }
        condition.broadcast()
        condition.unlock()
    }

    /// Copies and writes out while commits go on, again and again: each round what was committed during
    /// the one before, until little is left.
    private func copyAlongside() {
        var copied: Int32 = 0
        for _ in 0..<Self.roundsMax {
            guard let copy = copy(SQLITE_CHECKPOINT_PASSIVE), copy.copied > copied else { return }
            copied = copy.copied
            // Commits shall not wait for the disk to write all of it at once.
            writeOut?.run()
            condition.lock()
            let left = state.pages - copied
            condition.unlock()
            if left <= Self.restMax { return }
        }
    }

    /// Syncs what was copied into the file.
    private func syncFile() {
        _ = access { try Connection.syncFile(on: $0) }
    }

    /// Checkpoints; gives the pages that the log had when it began and how many of them are copied now,
    /// nil where it could not be done.
    private func copy(_ mode: Int32) -> (pages: Int32, copied: Int32)? {
        access { handle in
            var pages: Int32 = 0
            var copied: Int32 = 0
            let code = sqlite3_wal_checkpoint_v2(handle, nil, mode, &pages, &copied)
            guard code == SQLITE_OK else { throw SQLiteFault(code: code, on: handle) }
            return (pages, copied)
        }
    }

    /// Does something with the connection; nil where that fails, or the log may not be believed.
    private func access<Result>(_ body: (OpaquePointer) throws -> Result) -> Result? {
        guard !isLogDoubtful else { return nil }
        do {
            let connection = try connection ?? Connection(path: path, purpose: .checkpoint)
            self.connection = connection
            return try connection.access(body)
        } catch {
            // A reader in the way is no failure.
            guard (error as? SQLiteFault)?.isFailedAccess == true else { return nil }
            connection?.close()
            connection = nil
            isLogDoubtful = true
            return nil
        }
    }
}
