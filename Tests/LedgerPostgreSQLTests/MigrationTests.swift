import Ledger
import SettlementDomain
import TestProcesses
import TestSupport
import Testing

@testable import LedgerPostgreSQL

@Suite("PostgreSQL: schema and settings")
struct MigrationTests {
    private static func empty() throws -> PostgreSQLOptions {
        PostgreSQLOptions(connection: try DatabaseServer.shared().newDatabase())
    }

    private static func migrate(
        _ options: PostgreSQLOptions, _ date: CivilDate? = SyntheticLedger.firstDate
    ) throws(StoreFault) -> [String] {
        try Migrations(options).run(firstBusinessDate: date, at: Bench.time)
    }

    @Test("a database without a ledger is refused, and told what to do")
    func noLedger() throws {
        let options = try Self.empty()
        let refusal = fault { () throws(StoreFault) in _ = try PostgreSQLStore(options) }
        #expect(refusal?.contains("settlectl store migrate") == true, "\(refusal ?? "")")
        let missing = fault { () throws(StoreFault) in _ = try Self.migrate(options, nil) }
        #expect(missing?.contains("first business date") == true, "\(missing ?? "")")
        // Nothing was left behind.
        #expect(
            try DatabaseServer.shared().sql(
                "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'",
                in: String(options.connection.split(separator: "=").last ?? "")) == "0")
    }

    @Test("a second migration changes nothing; a newer schema is refused by daemon and migration")
    func versions() throws {
        let options = try Self.empty()
        #expect(try Self.migrate(options).first == "schema brought to version 1")
        #expect(try Self.migrate(options) == ["the schema is up to date (version 2)"])
        let store = try PostgreSQLStore(options)
        #expect(try store.loadReference().businessDate == SyntheticLedger.firstDate)
        store.close()
        try DatabaseServer.shared().sql(
            "UPDATE meta SET value = 99 WHERE name = 'schema_version'",
            in: String(options.connection.split(separator: "=").last ?? ""))
        for refusal in [
            fault { () throws(StoreFault) in _ = try PostgreSQLStore(options) },
            fault { () throws(StoreFault) in _ = try Self.migrate(options) },
        ] {
            #expect(refusal?.contains("use a newer program") == true, "\(refusal ?? "")")
        }
    }

    @Test("a database of version 1 goes on, unless it knows trace codes: those are counted now")
    func traceCodes() throws {
        let options = try Self.empty()
        _ = try Self.migrate(options)
        func sql(_ statements: String) throws {
            _ = try DatabaseServer.shared().sql(
                "UPDATE meta SET value = 1 WHERE name = 'schema_version';" + statements,
                in: String(options.connection.split(separator: "=").last ?? ""))
        }
        try sql("")
        #expect(try Self.migrate(options).first == "schema brought to version 2")
        try sql("INSERT INTO trace_code (code, row, seq, prior) VALUES ('1', '', 1, 0)")
        let refusal = fault { () throws(StoreFault) in _ = try Self.migrate(options) }
        #expect(refusal?.contains("make the database anew") == true, "\(refusal ?? "")")
    }

    @Test("entries of a month lie in that month's part of the journal")
    func parts() throws {
        var bench = try Bench(seed: 31)
        try bench.run(50)
        let count = try bench.entries().count
        let found = try DatabaseServer.shared().sql(
            "SELECT count(*) FROM journal_2026_11 WHERE entry IS NOT NULL", in: bench.database)
        #expect(found == "\(count)")
    }

    @Test("every primary key and unique index begins with the column that rows are distributed by")
    func distribution() throws {
        let options = try Self.empty()
        _ = try Self.migrate(options)
        let firstColumns = try DatabaseServer.shared().sql(
            """
            SELECT c.relname || '.' || a.attname FROM pg_index i
            JOIN pg_class c ON c.oid = i.indrelid JOIN pg_attribute a
                ON a.attrelid = c.oid AND a.attnum = i.indkey[0]
            JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE i.indisunique AND n.nspname = 'public' AND NOT c.relispartition ORDER BY 1
            """, in: String(options.connection.split(separator: "=").last ?? ""))
        let expected = Set(
            (Schema.projections).map { "\($0.name).\($0.keys[0].name)" }
                + ["journal.account", "total.writer", "writer.id", "meta.name"])
        #expect(Set(firstColumns.split(separator: "\n").map(String.init)) == expected)
        let foreign = try DatabaseServer.shared().sql(
            "SELECT count(*) FROM pg_constraint WHERE contype = 'f'",
            in: String(options.connection.split(separator: "=").last ?? ""))
        #expect(foreign == "0")
        let sequences = try DatabaseServer.shared().sql(
            "SELECT count(*) FROM pg_class WHERE relkind = 'S'",
            in: String(options.connection.split(separator: "=").last ?? ""))
        #expect(sequences == "0")
    }

    @Test("synchronous commits are switched on whatever the database says; remote_apply stays")
    func synchronousCommit() throws {
        for (setting, expected) in [
            ("off", "on"), ("local", "on"), ("remote_write", "on"), ("on", "on"),
            ("remote_apply", "remote_apply"),
        ] {
            let options = try Self.empty()
            let name = String(options.connection.split(separator: "=").last ?? "")
            try DatabaseServer.shared().sql(
                "ALTER DATABASE \(name) SET synchronous_commit = '\(setting)'", in: "postgres")
            let connection = try Session.open(options)
            defer { connection.close() }
            let rows = try connection.run([Command("SHOW synchronous_commit")])[0]
            var reader = rows.reader(0, of: "pg_settings")
            #expect(reader.text() == expected)
        }
    }

    @Test(
        "a server that does not sync to disk is refused", arguments: ["fsync", "full_page_writes"])
    func unsafe(_ setting: String) throws {
        let server = try DatabaseServer(port: nil, settings: ["\(setting) = off"])
        let options = PostgreSQLOptions(connection: try server.newDatabase())
        let refusal = fault { () throws(StoreFault) in _ = try Self.migrate(options) }
        #expect(refusal?.contains("\(setting) is off") == true, "\(refusal ?? "")")
    }
}
