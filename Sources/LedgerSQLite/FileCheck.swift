import GRDB
import GRDBSQLite
import Ledger

/// Checks what no journal entry tells: SQLite's own structures, and tables that are the same in
/// every store.
enum FileCheck {
    /// What is wrong with the file, a line each; empty: nothing.
    static func problems(on handle: OpaquePointer) throws -> [String] {
        // Trees, indexes against their tables, the list of free pages.
        var problems = try Statement("PRAGMA integrity_check(20)", on: handle).all { $0.text() }
            .filter { $0 != "ok" }
        let expected = try contents.get()
        if try schema(on: handle) != expected.schema {
            problems.append("its tables, indexes and views are not those of this version")
        }
        if try codeNames(on: handle) != expected.codeNames {
            problems.append("table code_name is not that of this version")
        }
        if try metaNames(on: handle) != expected.metaNames {
            problems.append("table meta does not have the rows that every store has")
        }
        return problems
    }

    private struct Contents: Sendable {
        var schema: [String]
        var codeNames: [String]
        var metaNames: [String]
    }

    /// As they are in a store that was just made.
    private static let contents = Result {
        let queue = try DatabaseQueue()
        try Schema.migrator.migrate(queue)
        return try queue.writeWithoutTransaction { database in
            guard let handle = database.sqliteConnection else {
                throw SQLiteFault(code: SQLITE_MISUSE, message: "the connection is closed")
            }
            return Contents(
                schema: try schema(on: handle), codeNames: try codeNames(on: handle),
                metaNames: (try metaNames(on: handle)
                    + [Eras.metaName, "first_business_date", "record_keys"]).sorted())
        }
    }

    private static func schema(on handle: OpaquePointer) throws -> [String] {
        try lines(
            "SELECT type || ' ' || name || ' ' || tbl_name || ' ' || coalesce(sql, '') "
                + "FROM sqlite_master ORDER BY 1", on: handle)
    }

    private static func codeNames(on handle: OpaquePointer) throws -> [String] {
        try lines(
            "SELECT quote(meaning) || quote(code) || quote(name) FROM code_name ORDER BY 1",
            on: handle)
    }

    private static func metaNames(on handle: OpaquePointer) throws -> [String] {
        try lines("SELECT name FROM meta ORDER BY 1", on: handle)
    }

    private static func lines(_ sql: String, on handle: OpaquePointer) throws -> [String] {
        try Statement(sql, on: handle).all { $0.text() }
    }
}
