import ArgumentParser
import Foundation
import GRDBSQLite

/// `settle-bench append-journal`.
struct AppendJournal: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "append-journal",
        abstract: "Appends the journal entries of a ledger to a fresh SQLite file by the C API.",
        discussion: """
            The entries are read into memory first, then written in batches, one transaction each, in \
            WAL mode with synchronous=FULL: what any journal in SQLite costs at least. Prints JSON.

            EXAMPLE
              settle-bench append-journal --ledger site/ledger.sqlite --into plain.sqlite --batch 40
            """)

    @Option(help: "The ledger whose journal is read; no daemon may have it open.")
    var ledger: String

    @Option(help: "The file that is written; replaced where it is there.")
    var into: String

    @Option(help: "Entries in a transaction.")
    var batch = 64

    @Option(help: "The last so many entries of the journal are used.")
    var count = 100_000

    func run() throws {
        guard batch >= 1, count >= 1 else { throw BenchFault("--batch and --count are 1 or more") }
        let entries = try read()
        guard !entries.isEmpty else { throw BenchFault("\(ledger): the journal is empty") }
        for suffix in ["", "-wal", "-shm"] where access(into + suffix, F_OK) == 0 {
            try FileManager.default.removeItem(atPath: into + suffix)
        }
        let database = try PlainDatabase(path: into, isNew: true)
        let bytes = entries.reduce(0) { $0 + $1.count }
        let start = ContinuousClock.now
        for first in stride(from: 0, to: entries.count, by: batch) {
            try database.append(entries[first..<min(first + batch, entries.count)], after: first)
        }
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        database.close()
        print(
            "{\"entries\": \(entries.count), \"bytes\": \(bytes), \"batch\": \(batch), "
                + "\"seconds\": \(seconds), \"perSecond\": \(Double(entries.count) / seconds)}")
    }

    private func read() throws -> [[UInt8]] {
        let database = try PlainDatabase(path: ledger, isNew: false)
        defer { database.close() }
        return try database.lastEntries(count)
    }
}

/// A SQLite file by the C API, as plain as it gets.
private final class PlainDatabase {
    private var connection: OpaquePointer?
    private var insert: OpaquePointer?

    init(path: String, isNew: Bool) throws(BenchFault) {
        let flags =
            isNew ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY
        guard sqlite3_open_v2(path, &connection, flags, nil) == SQLITE_OK else {
            throw BenchFault("\(path): cannot be opened")
        }
        guard isNew else { return }
        try execute("PRAGMA journal_mode=WAL")
        try execute("PRAGMA synchronous=FULL")
        try execute("PRAGMA wal_autocheckpoint=0")
        try execute("CREATE TABLE journal (seq INTEGER PRIMARY KEY, entry BLOB NOT NULL)")
        guard
            sqlite3_prepare_v3(
                connection, "INSERT INTO journal VALUES (?, ?)", -1, 0x01, &insert, nil)
                == SQLITE_OK
        else { throw fault() }
    }

    func append(_ entries: ArraySlice<[UInt8]>, after first: Int) throws(BenchFault) {
        try execute("BEGIN")
        for (offset, entry) in entries.enumerated() {
            sqlite3_bind_int64(insert, 1, Int64(first + offset + 1))
            let done = entry.withUnsafeBytes { bytes in
                // Static: the bytes stay where they are until the statement is reset.
                sqlite3_bind_blob(insert, 2, bytes.baseAddress, Int32(bytes.count), nil)
                return sqlite3_step(insert)
            }
            guard done == SQLITE_DONE, sqlite3_reset(insert) == SQLITE_OK else { throw fault() }
        }
        try execute("COMMIT")
    }

    func lastEntries(_ count: Int) throws(BenchFault) -> [[UInt8]] {
        var statement: OpaquePointer?
        let sql = "SELECT entry FROM journal ORDER BY seq DESC LIMIT \(count)"
        guard sqlite3_prepare_v2(connection, sql, -1, &statement, nil) == SQLITE_OK else {
            throw fault()
        }
        defer { sqlite3_finalize(statement) }
        var entries: [[UInt8]] = []
        while sqlite3_step(statement) == SQLITE_ROW {
            let bytes = UnsafeRawBufferPointer(
                start: sqlite3_column_blob(statement, 0),
                count: Int(sqlite3_column_bytes(statement, 0)))
            entries.append([UInt8](bytes))
        }
        return entries.reversed()
    }

    func close() {
        sqlite3_finalize(insert)
        sqlite3_close(connection)
        insert = nil
        connection = nil
    }

    private func execute(_ sql: String) throws(BenchFault) {
        guard sqlite3_exec(connection, sql, nil, nil, nil) == SQLITE_OK else { throw fault() }
    }

    private func fault() -> BenchFault {
        BenchFault("SQLite: \(String(cString: sqlite3_errmsg(connection)))")
    }
}
