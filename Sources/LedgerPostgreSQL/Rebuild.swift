import Ledger

/// Makes every table that is made of the journal anew.
public struct DatabaseRebuild {
    private let options: PostgreSQLOptions

    private static let pageLength = 1000

    /// Creates a rebuild of the database that the options name.
    public init(of options: PostgreSQLOptions) {
        self.options = options
    }

    /// Does it in one transaction: either everything is new, or nothing has changed.
    ///
    /// - Throws: `unavailable` where a daemon is at work.
    public func run() throws(StoreFault) {
        let connection = try Session.open(options)
        defer { connection.close() }
        try Session.requireSchema(connection)
        do throws(DatabaseFault) {
            try connection.run([
                Command("BEGIN"), Command("SELECT set_config('statement_timeout', '0', true)"),
                Command("LOCK TABLE writer IN ACCESS EXCLUSIVE MODE"),
            ])
            let holders = try connection.run([
                Command("SELECT count(*) FROM writer WHERE holder IS NOT NULL")
            ])
            var reader = holders[0].reader(0, of: "writer")
            guard reader.integer() == 0 else {
                throw .lost(
                    "rebuild needs the database for itself: stop every daemon, then rebuild; a "
                        + "daemon that was killed is let go of by `UPDATE writer SET holder = NULL`"
                )
            }
            try empty(connection)
        } catch {
            throw error.storeFault
        }
        try fill(connection)
        do throws(DatabaseFault) {
            try connection.run([Command("COMMIT")])
        } catch {
            throw error.storeFault
        }
    }

    private func empty(_ connection: Connection) throws(DatabaseFault) {
        for table in Schema.projections {
            try connection.run([Command("DELETE FROM \(table.name)")])
        }
        try connection.run([
            // The other persons' rows are made of the entries again.
            Command("DELETE FROM journal WHERE entry IS NULL"),
            Command("DELETE FROM total"),
            Command(
                "INSERT INTO business_date (id, date, seq, prior) "
                    + "SELECT 1, value, 0, 0 FROM meta WHERE name = 'first_business_date'"),
        ])
    }

    private func fill(_ connection: Connection) throws(StoreFault) {
        let fetch = Fetch(seal: options.seal)
        var after: UInt64 = 0
        while true {
            let rows = try query(
                [
                    Command(
                        "SELECT seq, checksum, entry FROM journal "
                            + "WHERE seq > $1 AND entry IS NOT NULL ORDER BY seq LIMIT $2",
                        [.number(after), .integer(Int64(Self.pageLength))])
                ], on: connection)[0]
            let entries = try rows.map(of: "journal") {
                (reader: inout ColumnReader) throws(StoreFault) in try reader.journalEntry()
            }
            guard let last = entries.last else { return }
            after = last.sequence
            fetch.forget()
            let batch = Batch(entries)
            let reads = try batch.missingVersions(in: fetch)
            let found = try query(reads.map(\.command), on: connection)
            for (read, result) in zip(reads, found) { try read.take(result) }
            let writes = try batch.writes(over: fetch, by: 0, journal: .othersOnly)
            let results = try query(writes.map(\.command), on: connection)
            for (write, result) in zip(writes, results) where result.written != write.rows {
                throw .corrupt("the journal's entries up to \(after) contradict each other")
            }
        }
    }

    private func query(
        _ commands: [Command], on connection: Connection
    ) throws(StoreFault) -> [ResultRows] {
        do throws(DatabaseFault) {
            return try connection.run(commands)
        } catch {
            throw error.storeFault
        }
    }
}
