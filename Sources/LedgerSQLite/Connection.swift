import CSQLite
import Foundation
import GRDB
import GRDBSQLite
import Ledger

/// One connection to the store's file, opened by GRDB, set for durability and checked.
final class Connection {
    /// What a connection is for.
    enum Purpose {
        /// Makes the file.
        case create
        /// The committer's: the only writer.
        case write
        /// The checkpointer's: copies the WAL into the file.
        case checkpoint
        /// A reader's: audit, backup, pages fetched ahead of the committer.
        case read
    }

    /// So much of the file is read where the system has it, without a copy: SQLite's own limit.
    private static let mappedBytesMax = 0x7fff_0000

    /// Asked for before the first connection, once in a process.
    private static let keepsNoMemorySums = settled_sqlite3_keep_no_memory_sums() == SQLITE_OK
    /// What is read or written at once; SQLite's file system takes less than 128 KiB.
    static let pieceBytes = 64 << 10
    /// SQLite's smallest page.
    private static let pageBytesMin = 512

    private let queue: DatabaseQueue

    init(path: String, purpose: Purpose, cacheBytes: Int = 8 << 20) throws(StoreFault) {
        let exists = FileManager.default.fileExists(atPath: path)
        guard exists == (purpose != .create) else {
            throw .unavailable(exists ? "\(path) exists already" : "there is no store at \(path)")
        }
        _ = Self.keepsNoMemorySums
        if purpose != .create { try Self.requireContent(of: path) }
        var configuration = Configuration()
        configuration.label = "settled.store"
        configuration.allowsUnsafeTransactions = true
        configuration.busyMode = .timeout(purpose == .checkpoint ? 0 : 10)
        if purpose != .read { configuration.journalMode = .wal }
        // Before anything is read: a file that is refused keeps the log beside it.
        configuration.prepareDatabase { database in
            guard let handle = database.sqliteConnection else { return }
            try Connection.keepLog(on: handle, copyingOnClose: purpose == .create)
        }
        do {
            queue = try DatabaseQueue(path: path, configuration: configuration)
        } catch let fault as DatabaseError where fault.resultCode == .SQLITE_NOTADB {
            throw .corrupt("\(path) is not a store of settled: it is no SQLite file")
        } catch {
            throw StoreFault(error).naming(path)
        }
        try mappingFaults(naming: path) {
            try access { handle in
                if purpose != .create { try Self.recognize(handle, path: path) }
                // GRDB sets synchronous = NORMAL for WAL files while it opens them.
                try Self.execute(
                    """
                    PRAGMA synchronous = FULL;
                    PRAGMA wal_autocheckpoint = 0;
                    PRAGMA temp_store = MEMORY;
                    PRAGMA cache_size = -\(cacheBytes >> 10);
                    PRAGMA mmap_size = \(purpose == .write ? Self.mappedBytesMax : 0);
                    """, on: handle)
                let synchronous = try Self.pragma("synchronous", on: handle)
                guard synchronous == 2 else {
                    throw StoreFault.unavailable(
                        "\(path): synchronous is \(synchronous), not FULL")
                }
                let mode = try Statement("PRAGMA journal_mode", on: handle).first { $0.text() }
                guard mode == "wal" else {
                    throw StoreFault.unavailable("\(path): journal mode is not WAL")
                }
            }
        }
    }

    /// Runs the body with SQLite's handle, which is nobody else's meanwhile.
    func access<Result>(_ body: (OpaquePointer) throws -> Result) throws -> Result {
        try queue.writeWithoutTransaction { database in
            guard let handle = database.sqliteConnection else {
                throw SQLiteFault(code: SQLITE_MISUSE, message: "the connection is closed")
            }
            return try body(handle)
        }
    }

    /// Brings the file's tables to this version.
    func migrate(path: String) throws(StoreFault) {
        let isNewer = try mappingFaults(naming: path) {
            try queue.read { try Schema.migrator.hasBeenSuperseded($0) }
        }
        guard !isNewer else {
            throw .unavailable(
                "\(path) was made by a newer version of settled; this version cannot open it")
        }
        try mappingFaults(naming: path) { try Schema.migrator.migrate(queue) }
    }

    /// Remembers which keys the store is sealed under.
    static func noteKeys(of seal: any StoreSeal, on handle: OpaquePointer) throws {
        let put = try Statement("INSERT INTO meta VALUES ('record_keys', ?)", on: handle)
        put.bind { $0.integer(seal.name) }
        try put.run()
    }

    /// Refuses a store that was made with other keys.
    func requireKeys(of seal: any StoreSeal, path: String) throws(StoreFault) {
        let name = try mappingFaults(naming: path) {
            try access { handle in
                try Statement("SELECT value FROM meta WHERE name = 'record_keys'", on: handle)
                    .first { $0.unsigned() }
            }
        }
        guard name == seal.name else {
            throw .unavailable(
                "\(path) is sealed under other record keys than this site's key store has: use the "
                    + "key store that it was made with")
        }
    }

    /// Closes the file; statements must have been let go.
    func close() {
        // A connection that cannot be closed is closed by the end of the process.
        try? queue.close()
    }

    /// Runs statements without results.
    static func execute(_ sql: String, on handle: OpaquePointer) throws {
        let code = sqlite3_exec(handle, sql, nil, nil, nil)
        guard code == SQLITE_OK else { throw SQLiteFault(code: code, on: handle) }
    }

    /// Writes the log's bytes once more and syncs them.
    ///
    /// After a sync that failed, the system takes for clean what it has not written: a later sync
    /// does not write it, and the log would be torn there. Only writing it again helps. The
    /// connection has read something before, so that its log is open, and is the log's only writer.
    static func rewriteLog(on handle: OpaquePointer) throws {
        let (file, methods) = try file(SQLITE_FCNTL_JOURNAL_POINTER, on: handle)
        func check(_ code: Int32) throws {
            guard code == SQLITE_OK else { throw SQLiteFault(code: code, message: "the log") }
        }
        var length: Int64 = 0
        try check(methods.xFileSize(file, &length))
        var bytes = [UInt8](repeating: 0, count: pieceBytes)
        for start in stride(from: 0, to: length, by: bytes.count) {
            let count = Int32(min(Int64(bytes.count), length - start))
            try check(methods.xRead(file, &bytes, count, start))
            try check(methods.xWrite(file, bytes, count, start))
        }
        try check(methods.xSync(file, SQLITE_SYNC_FULL))
    }

    /// Syncs what was written to the store's file, not the log.
    static func syncFile(on handle: OpaquePointer) throws {
        let (file, methods) = try file(SQLITE_FCNTL_FILE_POINTER, on: handle)
        let code = methods.xSync(file, SQLITE_SYNC_NORMAL)
        guard code == SQLITE_OK else {
            throw SQLiteFault(code: code, message: "the file could not be synced")
        }
    }

    /// SQLite's own access to the store's file (`SQLITE_FCNTL_FILE_POINTER`) or to its log
    /// (`SQLITE_FCNTL_JOURNAL_POINTER`), good until the connection is closed.
    static func file(
        _ which: Int32, on handle: OpaquePointer
    ) throws -> (UnsafeMutablePointer<sqlite3_file>, sqlite3_io_methods) {
        var pointer: UnsafeMutablePointer<sqlite3_file>?
        let code = sqlite3_file_control(handle, "main", which, &pointer)
        guard code == SQLITE_OK, let file = pointer, let methods = file.pointee.pMethods?.pointee
        else { throw SQLiteFault(code: code, message: "the store's file or its log is not open") }
        return (file, methods)
    }

    /// Copies the whole log into the file and empties it.
    static func copyLog(on handle: OpaquePointer) throws {
        let code = sqlite3_wal_checkpoint_v2(handle, nil, SQLITE_CHECKPOINT_TRUNCATE, nil, nil)
        guard code == SQLITE_OK else { throw SQLiteFault(code: code, on: handle) }
    }

    /// The value of a setting.
    static func pragma(_ name: String, on handle: OpaquePointer) throws -> Int64 {
        try Statement("PRAGMA \(name)", on: handle).first { $0.integer() } ?? 0
    }

    /// The last to close leaves the log's file, so that its blocks are used again, and copies nothing
    /// of it: who closes says whether the log may be believed.
    private static func keepLog(on handle: OpaquePointer, copyingOnClose: Bool) throws {
        var persists: Int32 = 1
        sqlite3_file_control(handle, "main", SQLITE_FCNTL_PERSIST_WAL, &persists)
        guard copyingOnClose || settled_sqlite3_keep_log_on_close(handle) == SQLITE_OK else {
            throw SQLiteFault(code: SQLITE_MISUSE, on: handle)
        }
    }

    /// Refuses what is too short for a database: SQLite would take it for a new one, and delete the
    /// log beside it.
    private static func requireContent(of path: String) throws(StoreFault) {
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        let size = (attributes?[.size] as? NSNumber)?.intValue ?? 0
        guard size >= pageBytesMin else {
            throw .corrupt("\(path) is not a store of settled: it has \(size) bytes")
        }
    }

    private static func recognize(_ handle: OpaquePointer, path: String) throws {
        guard try pragma("application_id", on: handle) == Schema.applicationID else {
            throw StoreFault.unavailable("\(path) is not a store of settled")
        }
        let version = try pragma("user_version", on: handle)
        guard version == Schema.version else {
            throw StoreFault.unavailable(
                "\(path) was made by another version of settled (\(version), this one makes "
                    + "\(Schema.version)); open it with that one, or make it anew")
        }
    }
}
