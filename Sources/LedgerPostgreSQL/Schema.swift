import Ledger
import SettlementDomain

/// The tables, made and brought up to date step by step.
///
/// Every primary key begins with the column that rows are distributed by, so that the same tables
/// lie on one server or on many.
enum Schema {
    /// One step forward: its statements, all or none.
    struct Migration {
        var version: Int
        var statements: [String]
    }

    /// The first is of the oldest version that can be brought forward: what was written before it is
    /// not sealed.
    static let migrations = [Migration(version: 3, statements: first)]

    /// The version that this program reads and writes.
    static var version: Int { migrations.newest }

    /// Text is compared byte by byte, as the program compares it.
    private static let text = "text COLLATE \"C\""

    private static func sql(of type: ColumnType) -> String { type == .text ? text : type.name }

    /// The table of rows that entries change.
    private static func create(_ table: Table, nullable: Set<String> = []) -> String {
        let columns = (table.keys + table.values + Table.versions).map { column in
            "\(column.name) \(sql(of: column.type))"
                + (nullable.contains(column.name) ? "" : " NOT NULL")
        }
        let key = table.keys.map(\.name).joined(separator: ", ")
        return "CREATE TABLE \(table.name) (\(columns.joined(separator: ", ")), "
            + "PRIMARY KEY (\(key)))"
    }

    /// Tables of reference data: small, the same on every server.
    static let referenceTables = [
        InstitutionRow.table, TerminalRow.table, PolicyRow.table, CatalogMark.table,
        BusinessDateMark.table,
    ]

    /// Tables whose rows lie by a person's id.
    static let personTables = [
        AccountSlot.table, PersonRow.table, FamilyRow.table, OwnerRow.table, AccumulatorRow.table,
        UsageRow.table, CreditRow.table, ContributionRow.table, OpenStaysRow.table,
        SettlementMark.table,
    ]

    /// Tables whose rows lie by the first column of other keys.
    static let otherTables = [
        AnswerMark.table, CardRow.table, AdmissionRow.table, FeeUploadMark.table, ClaimMark.table,
        BillRow.table, TraceCodeRow.table, ClearingRow.table, DeclarationLineRow.table,
        DayMark.table,
    ]

    /// Every table that is made of the journal.
    static var projections: [Table] { referenceTables + personTables + otherTables }

    private static let nullable: [String: Set<String>] = [
        "account": ["balance", "entries", "head"], "day": ["settlement"], "claim": ["due"],
    ]

    private static var first: [String] {
        projections.map { create($0, nullable: nullable[$0.name] ?? []) } + [
            // Room for new versions of a row beside the old ones, in the same page.
            "ALTER TABLE account SET (fillfactor = 60)",
            "ALTER TABLE accumulator SET (fillfactor = 60)",
            """
            CREATE TABLE journal (
                account bigint NOT NULL, seq bigint NOT NULL, home bigint, time bigint NOT NULL,
                booked_date integer NOT NULL, kind smallint NOT NULL, amount bigint,
                balance bigint, settlement \(text), own boolean NOT NULL, access boolean NOT NULL,
                checksum bigint, entry bytea,
                PRIMARY KEY (account, seq)
            ) PARTITION BY RANGE (seq)
            """,
            "CREATE INDEX journal_in_order ON journal (seq) WHERE entry IS NOT NULL",
            "CREATE TABLE journal_rest PARTITION OF journal DEFAULT",
            """
            CREATE TABLE total (
                writer bigint NOT NULL, account \(text) NOT NULL, balance bigint NOT NULL,
                PRIMARY KEY (writer, account)
            )
            """,
            """
            CREATE TABLE writer (
                id bigint PRIMARY KEY, holder \(text), claimed_at timestamptz NOT NULL,
                reference bigint NOT NULL, seq bigint NOT NULL, entries bigint NOT NULL
            ) WITH (fillfactor = 50)
            """,
            "INSERT INTO writer SELECT id, NULL, now(), 0, 0, 0 "
                + "FROM generate_series(0, \(SequenceClock.writersMax - 1)) AS id",
            "CREATE INDEX card_of_person ON card (person)",
            "CREATE INDEX person_by_id_number ON person (id_number)",
            "CREATE INDEX claim_of_person ON claim (person)",
            "CREATE INDEX claim_due ON claim (due) WHERE due IS NOT NULL",
            "CREATE INDEX clearing_on_date ON clearing (date)",
        ]
    }

    /// Makes the journal's parts for months from the one of a time on, where they are not there.
    ///
    /// A part holds the entries whose numbers were given in its month.
    static func partitions(
        from millis: Int64, months: Int
    ) -> [(name: String, first: UInt64, sql: String)] {
        let day = CivilDate(millis: millis)
        var year = day.year
        var month = day.month
        return (0..<months).map { _ in
            let first = SequenceClock.first(at: CivilDate.millis(year: year, month: month))
            let name = "journal_\(year)_\(month < 10 ? "0" : "")\(month)"
            month += 1
            if month > 12 { (year, month) = (year + 1, 1) }
            let next = SequenceClock.first(at: CivilDate.millis(year: year, month: month))
            return (
                name, first,
                "CREATE TABLE IF NOT EXISTS \(name) PARTITION OF journal "
                    + "FOR VALUES FROM (\(first)) TO (\(next))"
            )
        }
    }
}

extension [Schema.Migration] {
    /// The version that the last of them leads to.
    var newest: Int { last?.version ?? 0 }

    /// Why a database of a version can neither be used nor be brought forward; nil: it can.
    func refusal(of version: Int) -> String? {
        if version > newest {
            return "the database's schema is version \(version), this program knows up to "
                + "\(newest): use a newer program"
        }
        guard let oldest = first?.version, version < oldest else { return nil }
        return "the database's schema is version \(version), of an older program, which this one "
            + "cannot read: make the database anew"
    }
}

extension CivilDate {
    private static let epoch = CivilDate(year: 1970, month: 1, day: 1) ?? .first
    private static let dayMillis: Int64 = 86_400_000

    /// The date of a time in UTC.
    fileprivate init(millis: Int64) {
        self = Self.epoch.adding(days: Int(millis / Self.dayMillis))
    }

    /// The first millisecond of a month in UTC.
    fileprivate static func millis(year: Int, month: Int) -> Int64 {
        guard let day = CivilDate(year: year, month: month, day: 1) else { return 0 }
        return Int64(epoch.days(to: day)) * dayMillis
    }
}
