import Dispatch
import Foundation
import GRDBSQLite

/// Syncs the write-ahead log, where its owner likes on a thread of its own, so that the owner does
/// something else meanwhile.
///
/// One sync at a time: what was begun is awaited before the connection is closed and before the next.
///
/// `@unchecked Sendable`: `file`, `code` and `isStopping` are handed over by the semaphores: the owner
/// touches them before it signals `asked` and after it waited for `done`, the thread between. The
/// rest is immutable or its owner's.
final class LogSync: @unchecked Sendable {
    private let asked = DispatchSemaphore(value: 0)
    private let done = DispatchSemaphore(value: 0)
    /// Nil: it syncs where it is awaited.
    private var starter: ThreadStarter?
    private var isStarted = false
    private var isRunning = false
    private var isStopping = false
    /// Whether the log at hand was synced before: a file that SQLite has just made is marked, and its
    /// first sync takes the mark off, so that one is not for another thread.
    private var isFirst = true
    private var file: (UnsafeMutablePointer<sqlite3_file>, sqlite3_io_methods)?
    private var code = SQLITE_OK

    /// Without a thread of its own, or where the system gives none, it syncs where it is awaited.
    init(_ starter: ThreadStarter?) { self.starter = starter }

    /// The connection's log is another one from now on.
    func logChanged() { isFirst = true }

    /// Syncs what the connection has written to its log.
    ///
    /// - Throws: `SQLiteFault`; then nobody knows what of the log is on the disk.
    func sync(on handle: OpaquePointer) throws {
        file = try Connection.file(SQLITE_FCNTL_JOURNAL_POINTER, on: handle)
        run()
        isFirst = false
        try check()
    }

    /// Begins to sync what the connection has written to its log; ``wait()`` must follow.
    func begin(on handle: OpaquePointer) throws {
        guard !isFirst else { return try sync(on: handle) }
        file = try Connection.file(SQLITE_FCNTL_JOURNAL_POINTER, on: handle)
        isRunning = true
        startThread()
        if isStarted { asked.signal() }
    }

    /// Waits for the sync that was begun.
    ///
    /// - Throws: as ``sync(on:)``.
    func wait() throws {
        guard isRunning else { return }
        isRunning = false
        if isStarted { done.wait() } else { run() }
        try check()
    }

    /// Ends the thread.
    func stop() {
        guard isStarted, !isStopping else { return }
        isStopping = true
        asked.signal()
        done.wait()
    }

    private func run() {
        guard let (file, methods) = file else { return }
        code = methods.xSync(file, SQLITE_SYNC_NORMAL)
    }

    private func check() throws {
        guard code == SQLITE_OK else {
            throw SQLiteFault(code: code, message: "the log could not be synced")
        }
    }

    private func startThread() {
        guard !isStarted, let starter else { return }
        isStarted = starter("settled.sync") { [self] in
            while true {
                asked.wait()
                if !isStopping { run() }
                done.signal()
                if isStopping { return }
            }
        }
        if !isStarted { self.starter = nil }
    }
}
