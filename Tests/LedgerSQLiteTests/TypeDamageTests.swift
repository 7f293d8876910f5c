import Foundation
import Ledger
import TestSupport
import Testing

@testable import LedgerSQLite

/// One bit of a record's header tells a text from bytes, and 0 from nothing.
@Suite("SQLite: values of a damaged type")
struct TypeDamageTests {
    @Test("what SQLite would read as the same value all the same is refused, or found by verify")
    func types() throws {
        let bench = try Bench(seed: 71)
        try bench.run(140)
        bench.store.close()
        var tried = 0
        for (table, column, type) in try columns(of: bench.path) {
            let assignment =
                switch type {
                case "TEXT": "\(column) = CAST(\(column) AS BLOB)"
                case "BLOB": "\(column) = CAST(\(column) AS TEXT)"
                default: "\(column) = x'' WHERE \(column) = 0"
                }
            let copy = bench.folder.appendingPathComponent("copy.db").path
            try? FileManager.default.removeItem(atPath: copy)
            try FileManager.default.copyItem(atPath: bench.path, toPath: copy)
            guard try change(copy, "UPDATE \(table) SET \(assignment)") else { continue }
            tried += 1
            #expect(!isSound(copy), "\(table).\(column)")
        }
        #expect(tried > 50)
    }

    private func columns(
        of path: String
    ) throws -> [(table: String, column: String, type: String)] {
        let connection = try Connection(path: path, purpose: .read)
        defer { connection.close() }
        return try connection.access { handle in
            try Statement(
                "SELECT tables.name, columns.name, columns.type FROM sqlite_master AS tables, "
                    + "pragma_table_info(tables.name) AS columns "
                    + "WHERE tables.type = 'table' AND tables.name NOT LIKE 'grdb%'", on: handle
            ).all { ($0.text(), $0.text(), $0.text()) }
        }
    }

    /// Whether there was something to change; a key that is the row's number cannot be.
    private func change(_ path: String, _ sql: String) throws -> Bool {
        let connection = try Connection(path: path, purpose: .write)
        defer { connection.close() }
        return try connection.access { handle throws in
            do {
                try Connection.execute(sql, on: handle)
            } catch is SQLiteFault {
                return false
            }
            return try Statement("SELECT changes()", on: handle).first { $0.integer() } ?? 0 > 0
        }
    }

    private func isSound(_ path: String) -> Bool {
        (try? StoreAudit(of: path, seal: TestSeal()).verify(sha256: SyntheticLedger.digest))?
            .isSound ?? false
    }
}
