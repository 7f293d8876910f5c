import Foundation
import GRDBSQLite
import Ledger

/// Looks at a store as of one moment, through a connection of its own, while a daemon goes on.
///
/// It needs no lock and may be used from any thread. While it looks, the write-ahead log grows.
public struct StoreAudit: Sendable {
    /// Told how many of how many steps are done; may be called from the auditing thread only.
    public typealias Progress = (_ done: UInt64, _ total: UInt64) -> Void

    private let path: String
    private let seal: any StoreSeal
    /// The most of SQLite's page cache while journal and projections are compared: the accounts of a
    /// million persons, which each entry looks into anywhere, whatever the system keeps of the file.
    private static let cacheBytes = 512 << 20

    /// Creates an audit of the store at a path.
    public init(of path: String, seal: any StoreSeal) {
        self.path = path
        self.seal = seal
    }

    /// Checks journal and projections against each other; says everything that does not fit.
    public func verify(
        sha256: @escaping SHA256Function, progress: Progress = { _, _ in }
    ) throws(StoreFault) -> VerificationReport {
        let connection = try Connection(path: path, purpose: .read, cacheBytes: Self.cacheBytes)
        defer { connection.close() }
        try connection.requireKeys(of: seal, path: path)
        return try mappingFaults(naming: path) {
            try connection.access { handle in
                // Before the snapshot: the log need not grow meanwhile.
                try Connection.readWholeFile(on: handle)
                try Connection.execute("BEGIN", on: handle)
                defer { sqlite3_exec(handle, "COMMIT", nil, nil, nil) }
                var walk = try ProjectionWalk(on: handle, seal: seal, sha256: sha256)
                return try walk.run(progress)
            }
        }
    }

    /// Copies the store as of one moment to a new file, whole and durable when this returns.
    ///
    /// Refuses a path at which something exists.
    public func backup(
        to target: String, progress: Progress = { _, _ in }
    ) throws(StoreFault) {
        let connection = try Connection(path: path, purpose: .read)
        defer { connection.close() }
        try StoreFile.create(at: target) { (partial: String) throws(StoreFault) in
            let last = try mappingFaults(naming: path) {
                try connection.access { handle in
                    // One read transaction: the copy is of one moment, and never starts again.
                    try Connection.execute("BEGIN", on: handle)
                    defer { sqlite3_exec(handle, "COMMIT", nil, nil, nil) }
                    let last = try JournalTable.lastSequence(on: handle)
                    try copy(handle, to: partial, progress)
                    return last
                }
            }
            let copied = try Connection(path: partial, purpose: .read)
            defer { copied.close() }
            let found = try mappingFaults {
                try copied.access { try JournalTable.lastSequence(on: $0) }
            }
            guard found == last else {
                throw .unavailable("the copy ends at entry \(found), not at \(last)")
            }
        }
    }

    private func copy(
        _ source: OpaquePointer, to target: String, _ progress: Progress
    ) throws {
        var handle: OpaquePointer?
        let code = sqlite3_open_v2(
            target, &handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nil)
        defer { sqlite3_close_v2(handle) }
        guard code == SQLITE_OK, let handle else {
            let fault = SQLiteFault(code: code, on: handle)
            throw StoreFault.unavailable("the copy \(target) cannot be made: \(fault)")
        }
        guard let backup = sqlite3_backup_init(handle, "main", source, "main") else {
            throw SQLiteFault(code: sqlite3_extended_errcode(handle), on: handle)
        }
        var step = SQLITE_OK
        while step == SQLITE_OK {
            step = sqlite3_backup_step(backup, 4096)
            let total = sqlite3_backup_pagecount(backup)
            progress(UInt64(total - sqlite3_backup_remaining(backup)), UInt64(total))
        }
        sqlite3_backup_finish(backup)
        guard step == SQLITE_DONE else { throw SQLiteFault(code: step, on: handle) }
    }
}

extension SQLiteStore {
    /// Checks journal and projections against each other as of the last commit.
    public func verify(
        sha256: @escaping SHA256Function, progress: StoreAudit.Progress = { _, _ in }
    ) throws(StoreFault) -> VerificationReport {
        try StoreAudit(of: path, seal: projections.seal).verify(sha256: sha256, progress: progress)
    }

    /// Copies the store as of the last commit to a new file.
    public func backup(
        to target: String, progress: StoreAudit.Progress = { _, _ in }
    ) throws(StoreFault) {
        try StoreAudit(of: path, seal: projections.seal).backup(to: target, progress: progress)
    }
}
