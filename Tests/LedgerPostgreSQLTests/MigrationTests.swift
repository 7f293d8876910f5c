import Ledger
import SettlementDomain
import TestProcesses
import TestSupport
import Testing

@testable import LedgerPostgreSQL

@Suite("PostgreSQL: schema and settings")
struct MigrationTests {
    private static func empty() throws -> PostgreSQLOptions {
        PostgreSQLOptions(
            connection: try DatabaseServer.shared().newDatabase(), seal: TestSeal())
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
        #expect(try Self.migrate(options).first == "schema brought to version 3")
        #expect(try Self.migrate(options) == ["the schema is up to date (version 3)"])
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

    @Test("a database of an older schema, which is not sealed, is refused and left as it is")
    func older() throws {
        let options = try Self.empty()
        _ = try Self.migrate(options)
        let database = String(options.connection.split(separator: "=").last ?? "")
        for version in 1...2 {
            try DatabaseServer.shared().sql(
                "UPDATE meta SET value = \(version) WHERE name = 'schema_version'", in: database)
            for refusal in [
                fault { () throws(StoreFault) in _ = try PostgreSQLStore(options) },
                fault { () throws(StoreFault) in _ = try Self.migrate(options) },
            ] {
                #expect(
                    refusal == "the database's schema is version \(version), of an older program, "
                        + "which this one cannot read: make the database anew")
            }
            let stored = try DatabaseServer.shared().sql(
                "SELECT value FROM meta WHERE name = 'schema_version'", in: database)
            #expect(stored == "\(version)")
        }
    }

    @Test("a step forward is taken once, with all that is stored; one that fails changes nothing")
    func steps() throws {
        var bench = try Bench(seed: 32)
        try bench.run(20)
        let count = try bench.entries().count
        let next = Schema.version + 1
        func migrate(_ statements: [String]) throws(StoreFault) -> [String] {
            let step = Schema.Migration(version: next, statements: statements)
            return try Migrations(bench.options, steps: Schema.migrations + [step])
                .run(firstBusinessDate: nil, at: Bench.time)
        }
        let failed = fault { () throws(StoreFault) in
            _ = try migrate(["CREATE TABLE later (id bigint)", "SELECT 1 / 0"])
        }
        #expect(failed?.contains("division by zero") == true, "\(failed ?? "")")
        #expect(try bench.sql("SELECT to_regclass('later') IS NULL") == "t")
        #expect(try bench.verify().isSound)
        let step = ["CREATE TABLE later (id bigint)"]
        #expect(try migrate(step) == ["schema brought to version \(next)"])
        #expect(try migrate(step) == ["the schema is up to date (version \(next))"])
        let entries = try bench.sql("SELECT count(*) FROM journal WHERE entry IS NOT NULL")
        #expect(entries == "\(count)")
        let refusal = fault { () throws(StoreFault) in _ = try PostgreSQLStore(bench.options) }
        #expect(refusal?.contains("use a newer program") == true, "\(refusal ?? "")")
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
        let options = PostgreSQLOptions(connection: try server.newDatabase(), seal: TestSeal())
        let refusal = fault { () throws(StoreFault) in _ = try Self.migrate(options) }
        #expect(refusal?.contains("\(setting) is off") == true, "\(refusal ?? "")")
    }
}
