import Ledger
import SettlementDomain

/// Makes a database's schema, and brings an older one forward.
public struct Migrations {
    private let options: PostgreSQLOptions
    private let migrations: [Schema.Migration]

    /// Two migrations at once wait for each other under this number.
    private static let lock: Int64 = 0x53_54_4C_44

    /// Parts of the journal that are there before their months begin.
    public static let monthsAhead = 24

    /// Creates migrations of the database that the options name.
    public init(_ options: PostgreSQLOptions) {
        self.init(options, steps: Schema.migrations)
    }

    /// Creates migrations of other steps than this program's.
    init(_ options: PostgreSQLOptions, steps: [Schema.Migration]) {
        self.options = options
        migrations = steps
    }

    /// Takes every step that is missing, all or none.
    ///
    /// - Parameters:
    ///   - firstBusinessDate: of a new site; nil: there must be a ledger already.
    ///   - millis: now, since 1970 UTC; the journal's parts for months from it on are made.
    ///   - mustBeNew: whether a database that holds a ledger is refused.
    /// - Returns: what was done, a line each.
    /// - Throws: `unavailable`: the database cannot be reached, is newer than this program or too old
    ///   for it, was made under another seal, or is empty and no date was given.
    public func run(
        firstBusinessDate: CivilDate?, at millis: Int64, mustBeNew: Bool = false
    ) throws(StoreFault) -> [String] {
        let connection = try Session.open(options)
        defer { connection.close() }
        do throws(DatabaseFault) {
            try connection.run([
                Command("BEGIN"), Command("SELECT set_config('lock_timeout', '0', true)"),
                Command("SELECT pg_advisory_xact_lock($1)", [.integer(Self.lock)]),
            ])
            let version = try Session.schemaVersion(connection)
            if mustBeNew, version != nil { throw .lost("the database holds a ledger already") }
            let done = try steps(from: version, firstBusinessDate, on: connection)
            let parts = try makeParts(at: millis, on: connection)
            try connection.run([Command("COMMIT")])
            return done + parts
        } catch {
            switch error {
            case .refused(_, let message): throw .unavailable("the database: \(message)")
            case .lost, .unconfirmed: throw error.storeFault
            }
        }
    }

    private func steps(
        from version: Int?, _ firstBusinessDate: CivilDate?, on connection: Connection
    ) throws(DatabaseFault) -> [String] {
        if let version {
            if let refusal = migrations.refusal(of: version) { throw .lost(refusal) }
            try Session.requireSeal(connection)
        } else {
            guard let firstBusinessDate else {
                throw .lost(
                    "the database holds no ledger: name the first business date to make one")
            }
            try create(firstBusinessDate, on: connection)
        }
        var lines: [String] = []
        for step in migrations where step.version > version ?? 0 {
            try connection.run(step.statements.map { Command($0) })
            try connection.run([
                Command(
                    "UPDATE meta SET value = $1 WHERE name = 'schema_version'",
                    [.integer(Int64(step.version))])
            ])
            lines.append("schema brought to version \(step.version)")
        }
        if version == nil, let firstBusinessDate {
            try connection.run([
                Command(
                    "INSERT INTO business_date (id, date, seq, prior) VALUES (1, $1::bigint, 0, 0)",
                    [.integer(Int64(firstBusinessDate.yyyymmdd))])
            ])
        }
        return lines.isEmpty ? ["the schema is up to date (version \(migrations.newest))"] : lines
    }

    private func create(_ date: CivilDate, on connection: Connection) throws(DatabaseFault) {
        try connection.run([
            Command("CREATE TABLE meta (name text PRIMARY KEY, value bigint NOT NULL)"),
            Command("INSERT INTO meta VALUES ('schema_version', 0)"),
            Command(
                "INSERT INTO meta VALUES ('journal_format', $1)",
                [.integer(Int64(JournalCoding.format))]),
            Command(
                "INSERT INTO meta VALUES ('seal', $1)",
                [.integer(Int64(bitPattern: options.seal.name))]),
            Command(
                "INSERT INTO meta VALUES ('first_business_date', $1)",
                [.integer(Int64(date.yyyymmdd))]),
        ])
    }

    /// Makes the journal's parts that are missing; those whose entries are there already stay where
    /// they are.
    private func makeParts(
        at millis: Int64, on connection: Connection
    ) throws(DatabaseFault) -> [String] {
        var made: [String] = []
        let rest = try connection.run([Command("SELECT coalesce(max(seq), 0) FROM journal_rest")])
        var newest = rest[0].reader(0, of: "journal_rest")
        let occupied = newest.unsigned()
        for part in Schema.partitions(from: millis, months: Self.monthsAhead)
        where part.first > occupied {
            let exists = try connection.run([
                Command("SELECT to_regclass($1) IS NOT NULL", [.text(part.name)])
            ])
            var reader = exists[0].reader(0, of: "pg_class")
            guard !reader.flag() else { continue }
            try connection.run([Command(part.sql)])
            made.append(part.name)
        }
        guard let first = made.first, let last = made.last else { return [] }
        return ["parts of the journal made: \(first) to \(last)"]
    }
}
