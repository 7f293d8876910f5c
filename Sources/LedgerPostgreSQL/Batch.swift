import Ledger
import SettlementDomain

/// New versions of one table's rows: the last of each row counts.
struct Pending<Row: Stored> {
    private var rows: [Row.Key: (row: Row, sequence: UInt64)] = [:]
    /// Rows that a request made under its own key: before it there was none.
    private var made: Set<Row.Key> = []

    mutating func put(_ row: Row, _ sequence: UInt64, isNew: Bool = false) {
        if isNew { made.insert(row.key) }
        rows[row.key] = (row, sequence)
    }

    /// The row that is to be written under a key.
    func row(_ key: Row.Key) -> Row? { rows[key]?.row }

    /// Wants every row whose stored version is not known.
    func want(in fetch: Fetch, _ shelf: ReferenceWritableKeyPath<Fetch, Shelf<Row>>) {
        for key in rows.keys where !made.contains(key) { _ = fetch.version(key, in: shelf) }
    }

    /// Wants every row.
    func wantAll(in fetch: Fetch, _ shelf: ReferenceWritableKeyPath<Fetch, Shelf<Row>>) {
        for key in rows.keys { fetch[keyPath: shelf].want(key) }
    }

    /// Compares what is stored with these rows.
    func compare(with shelf: Shelf<Row>, into findings: inout AuditFindings) {
        for (key, item) in rows {
            findings.compare(
                shelf.found[key], with: item.row, of: item.sequence,
                unreadable: shelf.unreadable[item.sequence])
        }
    }

    /// The commands that write the rows, each with how many it must write.
    func commands(
        over shelf: Shelf<Row>, _ seal: any StoreSeal
    ) throws(StoreFault) -> [Batch.Write] {
        guard !rows.isEmpty else { return [] }
        var added = ColumnWriter(Row.table.writtenTypes, rows: rows.count, seal: seal)
        var changed = ColumnWriter(Row.table.writtenTypes, rows: rows.count, seal: seal)
        for (key, item) in rows.sorted(by: { Row.isBefore($0.key, $1.key) }) {
            let prior = shelf.version(key) ?? 0
            // The first business date is of no entry.
            let isNew = prior == 0 && shelf.found[key]?.row == nil
            if isNew {
                try Self.write(item, key, prior, to: &added)
            } else {
                try Self.write(item, key, prior, to: &changed)
            }
        }
        return [(Row.table.addSQL, added), (Row.table.changeSQL, changed)]
            .filter { $0.1.rows > 0 }
            .map { Batch.Write(command: Command($0.0, $0.1.parameters), rows: $0.1.rows) }
    }

    private static func write(
        _ item: (row: Row, sequence: UInt64), _ key: Row.Key, _ prior: UInt64,
        to writer: inout ColumnWriter
    ) throws(StoreFault) {
        try Row.write(key, to: &writer)
        try item.row.writeValues(to: &writer)
        writer.integer(Int64(bitPattern: item.sequence))
        writer.integer(Int64(bitPattern: prior))
    }
}

/// Everything that a commit writes, table by table.
struct Batch {
    /// A command, and how many rows it writes unless another writer came between.
    struct Write {
        var command: Command
        var rows: Int
    }

    private(set) var entries: [JournalEntry]
    private(set) var accounts = Pending<AccountSlot>()
    private(set) var answers = Pending<AnswerMark>()
    private(set) var cards = Pending<CardRow>()
    private(set) var persons = Pending<PersonRow>()
    private(set) var families = Pending<FamilyRow>()
    private(set) var owners = Pending<OwnerRow>()
    private(set) var accumulators = Pending<AccumulatorRow>()
    private(set) var usages = Pending<UsageRow>()
    private(set) var credits = Pending<CreditRow>()
    private(set) var contributions = Pending<ContributionRow>()
    private(set) var openStays = Pending<OpenStaysRow>()
    private(set) var settlements = Pending<SettlementMark>()
    private(set) var admissions = Pending<AdmissionRow>()
    private(set) var feeUploads = Pending<FeeUploadMark>()
    private(set) var claims = Pending<ClaimMark>()
    private(set) var bills = Pending<BillRow>()
    private(set) var traceCodes = Pending<TraceCodeRow>()
    private(set) var clearings = Pending<ClearingRow>()
    private(set) var declarationLines = Pending<DeclarationLineRow>()
    private(set) var days = Pending<DayMark>()
    private(set) var institutions = Pending<InstitutionRow>()
    private(set) var terminals = Pending<TerminalRow>()
    private(set) var policies = Pending<PolicyRow>()
    private(set) var catalogs = Pending<CatalogMark>()
    private(set) var dates = Pending<BusinessDateMark>()
    /// The newest version of each person whose rows change or were read, by which other writers notice
    /// it.
    private(set) var touched: [PersonID: UInt64] = [:]
    private var sums: [String: Int64] = [:]

    /// Takes numbered entries, in order.
    init(_ entries: [JournalEntry]) {
        self.entries = entries
        for entry in entries { take(entry) }
    }

    private mutating func take(_ entry: JournalEntry) {
        let sequence = entry.sequence
        let account = entry.account
        if let answer = entry.answer { answers.put(AnswerMark(answer, account: account), sequence) }
        for change in entry.changes { take(change, of: entry, account) }
        for person in entry.changedPersons { touched[person] = sequence }
        if let row = entry.dayRow { days.put(DayMark(row), sequence) }
        for posting in entry.postings {
            sums[posting.account.sumName, default: 0] &+= posting.amount.fen
        }
    }

    private mutating func take(_ change: RowChange, of entry: JournalEntry, _ account: Int64) {
        let sequence = entry.sequence
        let request = entry.answer?.key
        switch change {
        case .card(let row): cards.put(row, sequence)
        case .person(let row): persons.put(row, sequence)
        case .account(let row): accounts.put(AccountSlot(row.person, row), sequence)
        case .accumulator(let row): accumulators.put(row, sequence)
        case .traceCode(let row): traceCodes.put(row, sequence)
        case .usage(let row): usages.put(row, sequence)
        case .family(let row): families.put(row, sequence)
        case .owner(let row): owners.put(row, sequence)
        case .credit(let row): credits.put(row, sequence)
        case .contribution(let row): contributions.put(row, sequence)
        case .settlement(let row):
            settlements.put(SettlementMark(row), sequence, isNew: row.id.key == request)
        case .tombstone(let row): answers.put(AnswerMark(row, account: account), sequence)
        case .clearing(let row): clearings.put(row, sequence)
        case .declarationLine(let row): declarationLines.put(row, sequence)
        case .admission(let row): admissions.put(row, sequence, isNew: row.id.key == request)
        case .feeUpload(let row):
            feeUploads.put(
                FeeUploadMark(row, account: account), sequence, isNew: row.request == request)
        case .openStays(let row): openStays.put(row, sequence)
        case .claim(let row):
            claims.put(
                ClaimMark(row, account: account), sequence, isNew: row.id.key == request)
        case .bill(let row): bills.put(row, sequence)
        case .institution(let row): institutions.put(row, sequence)
        case .terminal(let row): terminals.put(row, sequence)
        case .catalog(let row): catalogs.put(CatalogMark(row, account: account), sequence)
        case .policy(let row): policies.put(row, sequence)
        case .businessDate(let date): dates.put(BusinessDateMark(date), sequence)
        case .access: break
        }
    }

    /// Reads the versions of rows that are to be written and were not read: nobody decided by them.
    func missingVersions(in fetch: Fetch) throws(StoreFault) -> [Fetch.Read] {
        for person in touched.keys { _ = fetch.version(person, in: \.accounts) }
        answers.want(in: fetch, \.answers)
        cards.want(in: fetch, \.cards)
        persons.want(in: fetch, \.persons)
        families.want(in: fetch, \.families)
        owners.want(in: fetch, \.owners)
        accumulators.want(in: fetch, \.accumulators)
        usages.want(in: fetch, \.usages)
        credits.want(in: fetch, \.credits)
        contributions.want(in: fetch, \.contributions)
        openStays.want(in: fetch, \.openStays)
        settlements.want(in: fetch, \.settlements)
        admissions.want(in: fetch, \.admissions)
        feeUploads.want(in: fetch, \.feeUploads)
        claims.want(in: fetch, \.claims)
        bills.want(in: fetch, \.bills)
        traceCodes.want(in: fetch, \.traceCodes)
        clearings.want(in: fetch, \.clearings)
        declarationLines.want(in: fetch, \.declarationLines)
        institutions.want(in: fetch, \.institutions)
        terminals.want(in: fetch, \.terminals)
        policies.want(in: fetch, \.policies)
        catalogs.want(in: fetch, \.catalogs)
        dates.want(in: fetch, \.dates)
        return try fetch.reads()
    }

    /// Which of the journal's rows are written.
    enum JournalPart { case all, othersOnly }

    /// The commands that write everything, in an order that all writers keep.
    func writes(
        over fetch: Fetch, by writer: UInt64, journal part: JournalPart = .all
    ) throws(StoreFault) -> [Write] {
        let seal = fetch.seal
        let writes = try [
            touchedAccounts(over: fetch).commands(over: fetch.accounts, seal),
            answers.commands(over: fetch.answers, seal),
            cards.commands(over: fetch.cards, seal),
            persons.commands(over: fetch.persons, seal),
            families.commands(over: fetch.families, seal),
            owners.commands(over: fetch.owners, seal),
            accumulators.commands(over: fetch.accumulators, seal),
            usages.commands(over: fetch.usages, seal),
            credits.commands(over: fetch.credits, seal),
            contributions.commands(over: fetch.contributions, seal),
            openStays.commands(over: fetch.openStays, seal),
            settlements.commands(over: fetch.settlements, seal),
            admissions.commands(over: fetch.admissions, seal),
            feeUploads.commands(over: fetch.feeUploads, seal),
            claims.commands(over: fetch.claims, seal),
            bills.commands(over: fetch.bills, seal),
            traceCodes.commands(over: fetch.traceCodes, seal),
            clearings.commands(over: fetch.clearings, seal),
            declarationLines.commands(over: fetch.declarationLines, seal),
            days.commands(over: fetch.days, seal),
            institutions.commands(over: fetch.institutions, seal),
            terminals.commands(over: fetch.terminals, seal),
            policies.commands(over: fetch.policies, seal),
            catalogs.commands(over: fetch.catalogs, seal),
            dates.commands(over: fetch.dates, seal),
        ]
        return writes.flatMap { $0 }
            + [try journal(part, seal), totals(by: writer)].compactMap { $0 }
    }

    /// The accounts with their new versions, those too in which nothing but the version changes.
    ///
    /// Whoever was read gets one as well: the journal's order is then the order in which everything
    /// could have been decided one after the other.
    private func touchedAccounts(over fetch: Fetch) -> Pending<AccountSlot> {
        var result = Pending<AccountSlot>()
        var touched = touched
        let last = entries.last?.sequence ?? 0
        for (person, found) in fetch.accounts.found where found.row != nil {
            touched[person] = touched[person] ?? last
        }
        for (person, sequence) in touched {
            let slot =
                accounts.row(person) ?? fetch.accounts.found[person]?.row
                ?? AccountSlot(person, nil)
            result.put(slot, sequence)
        }
        return result
    }

    private static let journalColumns =
        JournalRow.columns + [Column("checksum", .int8), Column("entry", .bytea)]

    private static let journalSQL =
        "INSERT INTO journal (\(journalColumns.map(\.name).joined(separator: ", "))) "
        + "SELECT * FROM unnest(\(Table.arrays(of: journalColumns)))"

    /// The rows of the journal, each entry sealed for its number.
    private func journal(
        _ part: JournalPart, _ seal: any StoreSeal
    ) throws(StoreFault) -> Write? {
        var writer = ColumnWriter(
            Self.journalColumns.map(\.type), rows: entries.count, seal: seal)
        for entry in entries {
            for row in JournalRow.rows(of: entry) where part == .all || row.home != nil {
                row.write(to: &writer)
                if row.home == nil {
                    let sealed = try seal.seal(
                        JournalCoding.encode(entry), place: entry.sequence)
                    let checksum = JournalCoding.checksum(of: sealed, sequence: entry.sequence)
                    writer.integer(Int64(bitPattern: checksum))
                    writer.run(sealed)
                } else {
                    writer.null()
                    writer.null()
                }
            }
        }
        guard writer.rows > 0 else { return nil }
        return Write(
            command: Command(Self.journalSQL, writer.parameters), rows: writer.rows)
    }

    private static let totalSQL =
        "INSERT INTO total AS t (writer, account, balance) "
        + "SELECT $1, * FROM unnest($2::text[], $3::bigint[]) "
        + "ON CONFLICT (writer, account) DO UPDATE SET balance = t.balance + excluded.balance"

    private func totals(by writer: UInt64) -> Write? {
        guard !sums.isEmpty else { return nil }
        var names = ColumnArray(.text, capacity: sums.count)
        var amounts = ColumnArray(.int8, capacity: sums.count)
        for (name, amount) in sums.sorted(by: { $0.key < $1.key }) {
            names.run(name.utf8)
            amounts.integer(amount)
        }
        return Write(
            command: Command(
                Self.totalSQL, [.number(writer), names.parameter(), amounts.parameter()]),
            rows: sums.count)
    }
}
