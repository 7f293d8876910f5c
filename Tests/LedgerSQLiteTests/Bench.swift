import Foundation
import Ledger
import SettlementDomain
import TestSupport

@testable import LedgerSQLite

/// A store in a folder of its own, which goes when this goes.
final class Bench {
    let folder: URL
    let path: String
    var store: SQLiteStore
    var ledger: SyntheticLedger

    static let cramped = {
        var options = SQLiteStore.Options(
            waitingRowsMax: 60, cachedRowsMax: 5, pageCacheBytes: 1 << 20, logPagesMax: 40)
        options.entriesInEra = 16
        return options
    }()

    init(seed: UInt64 = 1, options: SQLiteStore.Options = cramped) throws {
        folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("settled-sqlite-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        path = folder.appendingPathComponent("store.db").path
        store = try SQLiteStore.create(
            at: path, seal: TestSeal(), businessDate: SyntheticLedger.firstDate, options: options)
        ledger = SyntheticLedger(seed: seed)
        try store.commit(ledger.site())
    }

    deinit {
        store.close()
        try? FileManager.default.removeItem(at: folder)
    }

    /// Commits as many random entries, some at a time.
    func run(_ count: Int) throws {
        var left = count
        while left > 0 {
            let batch = (0..<min(left, 7)).map { _ in ledger.any() }
            try store.commit(batch)
            left -= batch.count
        }
    }

    /// Opens the store again, after closing it if that was not done.
    func reopen(_ options: SQLiteStore.Options) throws {
        store.close()
        store = try SQLiteStore(opening: path, seal: TestSeal(), options: options)
    }

    /// Closes the store, lets SQL tamper with its file, opens it.
    func tamper(_ sql: String) throws {
        store.close()
        let connection = try Connection(path: path, purpose: .write)
        try connection.access { try Connection.execute(sql, on: $0) }
        connection.close()
        try reopen(Self.cramped)
    }

    /// Opens a copy of the files as they are on the disk now: what a loss of power would leave.
    func copyAfterPowerLoss() throws -> SQLiteStore {
        let copy = folder.appendingPathComponent("\(UUID().uuidString).db").path
        for suffix in ["", "-wal"] where FileManager.default.fileExists(atPath: path + suffix) {
            try FileManager.default.copyItem(atPath: path + suffix, toPath: copy + suffix)
        }
        return try SQLiteStore(opening: copy, seal: TestSeal(), options: Self.cramped)
    }

    func verify() throws -> VerificationReport {
        try store.verify(sha256: SyntheticLedger.digest)
    }
}

extension SQLiteStore {
    /// The journal's length, as the store answers it.
    func entryCount() throws -> UInt64 {
        guard case .counts(let counts) = try read(.counts) else { return 0 }
        return counts.first { $0.name == "entries" }?.count ?? 0
    }

    /// Every projection's rows as text, `seq` included.
    func dump() throws -> [String: [String]] {
        try sweepAll()
        return try access { handle in
            var tables: [String: [String]] = [:]
            for table in Schema.projections {
                let columns = try Statement("PRAGMA table_info(\(table))", on: handle).all {
                    _ = $0.integer()
                    return $0.text()
                }
                let row = columns.map { "quote(\($0))" }.joined(separator: " || ' ' || ")
                tables[table] = try Statement(
                    "SELECT \(row) AS text FROM \(table) ORDER BY text", on: handle
                ).all { $0.text() }
            }
            return tables
        }
    }
}
