import Ledger

/// A connection that is ready for the store: its settings made and checked, its schema known.
enum Session {
    /// Connects, makes the settings and checks what durability rests on.
    static func open(
        _ options: PostgreSQLOptions, readOnly: Bool = false
    ) throws(StoreFault) -> Connection {
        do throws(DatabaseFault) {
            let connection = try Connection(
                options.connection, deadlineMillis: options.answerMillis + 1000,
                seal: options.seal)
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
        return try fact("schema_version", connection).map { Int($0) }
    }

    /// What the database says of itself under a name; nil: nothing.
    private static func fact(
        _ name: String, _ connection: Connection
    ) throws(DatabaseFault) -> Int64? {
        let rows = try connection.run([
            Command("SELECT value FROM meta WHERE name = $1", [.text(name)])
        ])[0]
        guard rows.count == 1 else { return nil }
        var reader = rows.reader(0, of: "meta")
        return reader.integer()
    }

    /// Refuses a database whose schema this program does not know, or whose records it cannot open.
    static func requireSchema(_ connection: Connection) throws(StoreFault) {
        do throws(DatabaseFault) {
            guard let version = try schemaVersion(connection) else {
                throw .lost("the database holds no ledger; make one with `settlectl store migrate`")
            }
            if let refusal = Schema.migrations.refusal(of: version) { throw .lost(refusal) }
            guard version == Schema.version else {
                throw .lost(
                    "the database's schema is version \(version), this program needs "
                        + "\(Schema.version): run `settlectl store migrate`")
            }
            let format = try fact("journal_format", connection) ?? 0
            guard format == Int64(JournalCoding.format) else {
                throw .lost(
                    "the database's journal is of format \(format), this program's is of "
                        + "\(JournalCoding.format)")
            }
            try requireSeal(connection)
        } catch {
            throw error.storeFault
        }
    }

    /// Refuses a database that was made under another seal than the connection's.
    static func requireSeal(_ connection: Connection) throws(DatabaseFault) {
        let name = Int64(bitPattern: connection.seal.name)
        guard try fact("seal", connection) == name else {
            throw .lost(
                "the database: made with other record keys than this site's key store has; use "
                    + "the key store of its time")
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
