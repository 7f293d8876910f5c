import Ledger
import SettlementDomain

/// Checks a database as of one moment, through a connection of its own, while daemons go on.
public struct DatabaseAudit: Sendable {
    /// Told how many of how many entries are done; may be called from the auditing thread only.
    public typealias Progress = (_ done: UInt64, _ total: UInt64) -> Void

    private let options: PostgreSQLOptions

    /// Creates an audit of the database that the options name.
    public init(of options: PostgreSQLOptions) {
        self.options = options
    }

    /// Checks journal and tables against each other; says everything that does not fit.
    public func verify(
        sha256: @escaping SHA256Function, progress: Progress = { _, _ in }
    ) throws(StoreFault) -> VerificationReport {
        let connection = try Session.open(options, readOnly: true)
        defer { connection.close() }
        try Session.requireSchema(connection)
        var walk = AuditWalk(on: connection, sha256: sha256)
        return try walk.run(progress)
    }
}

/// Walks the journal in the order of its numbers and looks up, page by page, what the tables say of
/// what the entries changed.
///
/// A table's row names the entry that last changed it. Where that is the page's last entry for it, the
/// row must be what the entry says; an older one is stale. In the end each row must have been met
/// once.
struct AuditWalk {
    private let connection: Connection
    private let fetch: Fetch
    private var walk: Verification
    private var findings = AuditFindings()
    private var sums: [String: Int64] = [:]
    private var journalRows: Int64 = 0
    private var entriesOf: [UInt64: Int64] = [:]
    /// Each person of whom anything changed: by which entry last.
    private var changed: [PersonID: UInt64] = [:]

    private static let pageLength = 1000

    init(on connection: Connection, sha256: @escaping SHA256Function) {
        self.connection = connection
        fetch = Fetch(seal: connection.seal, passingOverUnreadable: true)
        walk = Verification(sha256: sha256, answerKeys: .checkedByStore, numbering: .ascending)
    }

    mutating func run(_ progress: DatabaseAudit.Progress) throws(StoreFault) -> VerificationReport {
        try query([Command("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")])
        // It takes as long as it takes.
        try query([Command("SELECT set_config('statement_timeout', '0', true)")])
        let total = try number("SELECT sum(entries)::bigint FROM writer")
        var after: UInt64 = 0
        var done: UInt64 = 0
        while true {
            let rows = try query([
                Command(
                    "SELECT account, seq, checksum, entry FROM journal "
                        + "WHERE seq > $1 AND entry IS NOT NULL ORDER BY seq LIMIT $2",
                    [.number(after), .integer(Int64(Self.pageLength))])
            ])[0]
            guard rows.count > 0 else { break }
            var entries: [JournalEntry] = []
            for index in 0..<rows.count {
                var reader = rows.reader(index, of: "journal")
                let account = reader.integer()
                if let entry = try take(account, &reader, &after) { entries.append(entry) }
            }
            try compare(entries)
            done += UInt64(rows.count)
            progress(done, UInt64(max(0, total)))
        }
        try compareAccounts()
        try compareCounts()
        try compareSums()
        findings.note(in: &walk)
        try query([Command("COMMIT")])
        return walk.finish()
    }

    /// Reads and checks one entry; nil where it cannot be read.
    private mutating func take(
        _ account: Int64, _ reader: inout ColumnReader, _ last: inout UInt64
    ) throws(StoreFault) -> JournalEntry? {
        var peek = reader
        last = peek.unsigned()
        entriesOf[SequenceClock.writer(of: last), default: 0] += 1
        do throws(StoreFault) {
            let entry = try reader.journalEntry()
            walk.take(entry)
            if entry.account != account {
                findings.add("journal entry \(last)", "lies under account \(account)")
            }
            for posting in entry.postings {
                sums[posting.account.sumName, default: 0] &+= posting.amount.fen
            }
            return entry
        } catch {
            guard case .corrupt = error else { throw error }
            journalRows += 1
            walk.takeUnreadable(last, "\(error)")
            return nil
        }
    }

    /// Compares the tables with what a page's entries say.
    private mutating func compare(_ entries: [JournalEntry]) throws(StoreFault) {
        fetch.forget()
        let batch = Batch(entries)
        batch.wantAll(in: fetch)
        let reads = try fetch.reads()
        let expected = entries.flatMap { JournalRow.rows(of: $0) }
        journalRows += Int64(expected.count)
        let results = try query(reads.map(\.command) + [journalRowsCommand(expected)])
        for (read, result) in zip(reads, results) { try read.take(result) }
        var stored: [EntryPlace: JournalRow] = [:]
        if let rows = results.last {
            for index in 0..<rows.count {
                var reader = rows.reader(index, of: "journal")
                let row = try JournalRow(from: &reader)
                stored[row.place] = row
            }
        }
        for row in expected where stored[row.place] != row {
            findings.add(
                "table journal, row \(row.place.account) \(row.place.sequence)",
                stored[row.place] == nil ? "is missing" : "is not what its entry says")
        }
        batch.compare(with: fetch, into: &findings)
        changed.merge(batch.touched) { $1 }
    }

    private func journalRowsCommand(_ rows: [JournalRow]) -> Command {
        let columns = JournalRow.columns.map { "j.\($0.name)" }.joined(separator: ", ")
        return Command(
            "SELECT \(columns) FROM unnest($1::bigint[], $2::bigint[]) AS k(a, s) "
                + "JOIN journal AS j ON j.account = k.a AND j.seq = k.s",
            EntryPlace.parameters(rows.map(\.place)))
    }

    /// Compares every account with what the journal leaves of it.
    ///
    /// Its version is that of the last entry that changed anything of the person's, or read it.
    private mutating func compareAccounts() throws(StoreFault) {
        var after: UInt64 = 0
        while true {
            let rows = try query([
                Command(
                    "SELECT \(AccountSlot.table.columnList) FROM account AS t "
                        + "WHERE t.person > $1 ORDER BY t.person LIMIT $2",
                    [.number(after), .integer(Int64(Self.pageLength))])
            ])[0]
            guard rows.count > 0 else { return }
            for index in 0..<rows.count {
                var reader = rows.reader(index, of: AccountSlot.table.name)
                var peek = reader
                after = peek.unsigned()
                do throws(StoreFault) {
                    let slot = try AccountSlot(from: &reader)
                    compare(slot, version: reader.unsigned())
                } catch {
                    guard case .corrupt(let why) = error else { throw error }
                    findings.add("table account, row \(after)", "cannot be read: \(why)")
                    if let person = PersonID(rawValue: after) { changed[person] = nil }
                }
            }
        }
    }

    private mutating func compare(_ slot: AccountSlot, version: UInt64) {
        guard let last = changed.removeValue(forKey: slot.key) else { return }
        let account = walk.accounts[slot.key].map { account in
            AccountRow(
                person: slot.key, balance: account.balance, entries: account.entries,
                head: account.head)
        }
        let place = "table account, row \(slot.key)"
        if version < last {
            findings.add(place, "is of entry \(version), but entry \(last) changed it")
        } else {
            findings.meet(AccountSlot.table.name)
            if slot.account != account { findings.add(place, "is not what the journal says") }
        }
    }

    /// Each row must have been met: what was not is no entry's.
    private mutating func compareCounts() throws(StoreFault) {
        for person in changed.keys.sorted() {
            findings.add("table account, row \(person)", "is missing")
        }
        let first = try number("SELECT value FROM meta WHERE name = 'first_business_date'")
        let dates = try query([Command("SELECT date, seq FROM business_date")])[0]
        if dates.count == 1 {
            var reader = dates.reader(0, of: "business_date")
            let date = reader.integer()
            if reader.integer() == 0 {
                findings.meet(BusinessDateMark.table.name)
                if date != first {
                    findings.add(
                        "table business_date", "is not the date on which the ledger was made")
                }
            }
        }
        for table in Schema.projections {
            let count = try number("SELECT count(*) FROM \(table.name)")
            let met = findings.met[table.name] ?? 0
            guard count != met else { continue }
            findings.add(
                "table \(table.name)",
                "has \(count) rows, of which \(met) are what the entry they name says")
        }
        let rows = try number("SELECT count(*) FROM journal")
        if rows != journalRows {
            findings.add("table journal", "has \(rows) rows, its entries have \(journalRows)")
        }
    }

    private mutating func compareSums() throws(StoreFault) {
        let totals = try query([
            Command("SELECT account, sum(balance)::bigint FROM total GROUP BY account")
        ])[0]
        var stored: [String: Int64] = [:]
        for index in 0..<totals.count {
            var reader = totals.reader(index, of: "total")
            stored[reader.text()] = reader.integer()
        }
        for name in Set(sums.keys).union(stored.keys).sorted()
        where sums[name] ?? 0 != stored[name] ?? 0 {
            findings.add("table total, row \(name)", "is not the sum of its postings")
        }
        let writers = try query([Command("SELECT id, entries, seq FROM writer ORDER BY id")])[0]
        for index in 0..<writers.count {
            var reader = writers.reader(index, of: "writer")
            let id = reader.unsigned()
            let wrote = reader.integer()
            let found = entriesOf[id] ?? 0
            guard wrote != found else { continue }
            findings.add(
                "table writer, row \(id)", "wrote \(wrote) entries, the journal has \(found)")
        }
    }

    @discardableResult
    private func query(_ commands: [Command]) throws(StoreFault) -> [ResultRows] {
        do throws(DatabaseFault) {
            return try connection.run(commands)
        } catch {
            throw error.storeFault
        }
    }

    private func number(_ sql: String) throws(StoreFault) -> Int64 {
        let rows = try query([Command(sql)])[0]
        guard rows.count > 0 else { return 0 }
        var reader = rows.reader(0, of: "result")
        return reader.isNull() ? 0 : reader.integer()
    }
}

/// What an audit found in the tables, and which rows it has met.
struct AuditFindings {
    private(set) var met: [String: Int64] = [:]
    private var notes: [(place: String, problem: String)] = []
    private var count: UInt64 = 0

    mutating func meet(_ table: String) { met[table, default: 0] += 1 }

    mutating func add(_ place: String, _ problem: String) {
        count += 1
        if notes.count < VerificationReport.findingsMax { notes.append((place, problem)) }
    }

    /// Compares a stored row with what an entry says of it.
    mutating func compare<Row: Stored>(
        _ stored: Shelf<Row>.Found?, with row: Row, of sequence: UInt64, unreadable: String?
    ) {
        let name = "table \(Row.table.name), row \(row.key)"
        guard let stored, let found = stored.row else {
            return add(
                name,
                unreadable.map { "cannot be read: \($0)" }
                    ?? "is missing; entry \(sequence) wrote it")
        }
        if stored.version == sequence {
            meet(Row.table.name)
            if found != row { add(name, "is not what journal entry \(sequence) says") }
        } else if stored.version < sequence {
            add(name, "is of entry \(stored.version), but entry \(sequence) changed it")
        }
    }

    /// Adds everything to a verification's report.
    func note(in walk: inout Verification) {
        for (place, problem) in notes { walk.note(place, problem) }
        for _ in notes.count..<Int(count) { walk.note("", "") }
    }
}
