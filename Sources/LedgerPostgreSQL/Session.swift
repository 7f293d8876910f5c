import Ledger

/// A connection that is ready for the store: its settings made and checked, its schema known.
enum Session {
    /// Connects, makes the settings and checks what durability rests on.
    static func open(
        _ options: PostgreSQLOptions, readOnly: Bool = false
    ) throws(StoreFault) -> Connection {
        do throws(DatabaseFault) {
            let connection = try Connection(
                options.connection, deadlineMillis: options.answerMillis + 1000)
            try connection.run(settings(options, readOnly: readOnly).map { Command($0) })
            try check(connection)
            return connection
        } catch {
            switch error {
            case .refused(_, let message): throw .unavailable("the database: \(message)")
            case .lost, .unconfirmed: throw error.storeFault
            }
        }
    }

    /// The schema's version in the database; nil where there is no schema.
    static func schemaVersion(_ connection: Connection) throws(DatabaseFault) -> Int? {
        let found = try connection.run([Command("SELECT to_regclass('meta') IS NOT NULL")])
        var reader = found[0].reader(0, of: "pg_class")
        guard reader.flag() else { return nil }
        let rows = try connection.run([
            Command("SELECT value FROM meta WHERE name = 'schema_version'")
        ])[0]
        guard rows.count == 1 else { return nil }
        var value = rows.reader(0, of: "meta")
        return Int(value.integer())
    }

    /// Refuses a database whose schema this program does not know.
    static func requireSchema(_ connection: Connection) throws(StoreFault) {
        let version: Int?
        do throws(DatabaseFault) {
            version = try schemaVersion(connection)
        } catch {
            throw error.storeFault
        }
        guard let version else {
            throw .unavailable(
                "the database holds no ledger; make one with `settlectl store migrate`")
        }
        guard version <= Schema.version else {
            throw .unavailable(
                "the database's schema is version \(version), this program knows up to "
                    + "\(Schema.version): use a newer program")
        }
        guard version == Schema.version else {
            throw .unavailable(
                "the database's schema is version \(version), this program needs "
                    + "\(Schema.version): run `settlectl store migrate`")
        }
        let format: Int64
        do throws(DatabaseFault) {
            let rows = try connection.run([
                Command("SELECT value FROM meta WHERE name = 'journal_format'")
            ])[0]
            var reader = rows.reader(0, of: "meta")
            format = reader.integer()
        } catch {
            throw error.storeFault
        }
        guard format == Int64(JournalCoding.format) else {
            throw .unavailable(
                "the database's journal is of format \(format), this program's is of "
                    + "\(JournalCoding.format)")
        }
    }

    private static func settings(_ options: PostgreSQLOptions, readOnly: Bool) -> [String] {
        [
            // Stricter than `on` may stay; anything less loses what was acknowledged.
            """
            SELECT set_config('synchronous_commit', 'on', false)
            WHERE current_setting('synchronous_commit') NOT IN ('on', 'remote_apply')
            """,
            "SELECT set_config('statement_timeout', '\(options.answerMillis)', false)",
            "SELECT set_config('lock_timeout', '\(options.lockMillis)', false)",
            "SELECT set_config('idle_in_transaction_session_timeout', "
                + "'\(options.answerMillis * 2)', false)",
            "SELECT set_config('default_transaction_isolation', 'read committed', false)",
            "SELECT set_config('default_transaction_read_only', '\(readOnly ? "on" : "off")', false)",
            // Every statement finds few rows of many by an index. Plans are made once and must be
            // right for tables that were empty then.
            "SELECT set_config('plan_cache_mode', 'force_generic_plan', false)",
            "SELECT set_config('enable_seqscan', 'off', false)",
            "SELECT set_config('enable_hashjoin', 'off', false)",
            "SELECT set_config('enable_mergejoin', 'off', false)",
            "SELECT set_config('enable_material', 'off', false)",
            "SELECT set_config('jit', 'off', false)",
        ]
    }

    /// Asserts what durability rests on; the server's administrator may have set it otherwise.
    private static func check(_ connection: Connection) throws(DatabaseFault) {
        let rows = try connection.run([
            Command(
                """
                SELECT current_setting('synchronous_commit'), current_setting('fsync'),
                    current_setting('full_page_writes'), pg_is_in_recovery()
                """)
        ])[0]
        var reader = rows.reader(0, of: "pg_settings")
        let commit = reader.text()
        guard ["on", "remote_apply"].contains(commit) else {
            throw .lost("the database: synchronous_commit is \(commit) and cannot be set to on")
        }
        for name in ["fsync", "full_page_writes"] where reader.text() != "on" {
            throw .lost("the database: \(name) is off, so that a loss of power loses payments")
        }
    }
}
