import Ledger
import SettlementDomain

/// Walks the journal and looks up, for every change, what its projection says of it.
///
/// A projection's row names the entry that last changed it. Where that is the entry at hand, the
/// row must be what the entry says; where it is an older one, the row is stale, unless the entry
/// lies after the watermark. In the end each row must have been met once.
struct ProjectionWalk {
    private let handle: OpaquePointer
    private let seal: any StoreSeal
    private var walk: Verification
    private let eras: Eras
    private let watermark: UInt64
    private let total: UInt64
    private var met: [String: Int64] = [:]
    /// The places of rows that were noted as unreadable.
    private var unreadable: Set<String> = []
    /// The entries after the watermark that made settlements: their answers may not be in the table yet.
    private var makers: [SettlementID: UInt64] = [:]
    private var sums = Sums()
    /// The date under which the first entry was booked.
    private var firstDate: CivilDate?
    private let answers: RowLookup<AnswerMark>
    private let settlements: Statement
    private let history: RowLookup<HistoryMark>
    private let days: RowLookup<DayMark>
    private let cards: RowLookup<CardMark>
    private let persons: RowLookup<PersonRow>
    private let accounts: RowLookup<AccountRow>
    private let families: RowLookup<FamilyRow>
    private let accumulators: RowLookup<AccumulatorRow>
    private let traceCodes: RowLookup<TraceCodeRow>
    private let usages: RowLookup<UsageRow>
    private let credits: RowLookup<CreditRow>
    private let clearings: RowLookup<ClearingRow>
    private let owners: RowLookup<OwnerRow>
    private let contributions: RowLookup<ContributionRow>
    private let declarationLines: RowLookup<DeclarationLineRow>
    private let admissions: RowLookup<AdmissionRow>
    private let feeUploads: RowLookup<FeeUploadMark>
    private let openStays: RowLookup<OpenStaysRow>
    private let claims: RowLookup<ClaimMark>
    private let bills: RowLookup<BillRow>
    private let institutions: RowLookup<InstitutionRow>
    private let terminals: RowLookup<TerminalRow>
    private let catalogs: RowLookup<CatalogMark>
    private let policies: RowLookup<PolicyMark>
    private let dates: RowLookup<BusinessDateMark>

    init(
        on handle: OpaquePointer, seal: any StoreSeal, sha256: @escaping SHA256Function
    ) throws {
        self.handle = handle
        self.seal = seal
        walk = Verification(sha256: sha256, answerKeys: .checkedByStore)
        eras = try Eras(of: handle)
        watermark =
            try Statement("SELECT value FROM meta WHERE name = 'projected_through'", on: handle)
            .first { $0.unsigned() } ?? 0
        total = try JournalTable.lastSequence(on: handle)
        answers = try RowLookup(on: handle)
        settlements = try Statement(
            "SELECT \(SettlementMark.allColumns) FROM settlement WHERE created = ?", on: handle)
        history = try RowLookup(on: handle)
        days = try RowLookup(on: handle)
        cards = try RowLookup(on: handle)
        persons = try RowLookup(on: handle)
        accounts = try RowLookup(on: handle)
        families = try RowLookup(on: handle)
        accumulators = try RowLookup(on: handle)
        traceCodes = try RowLookup(on: handle)
        usages = try RowLookup(on: handle)
        credits = try RowLookup(on: handle)
        clearings = try RowLookup(on: handle)
        owners = try RowLookup(on: handle)
        contributions = try RowLookup(on: handle)
        declarationLines = try RowLookup(on: handle)
        admissions = try RowLookup(on: handle)
        feeUploads = try RowLookup(on: handle)
        openStays = try RowLookup(on: handle)
        claims = try RowLookup(on: handle)
        bills = try RowLookup(on: handle)
        institutions = try RowLookup(on: handle)
        terminals = try RowLookup(on: handle)
        catalogs = try RowLookup(on: handle)
        policies = try RowLookup(on: handle)
        dates = try RowLookup(on: handle)
    }

    /// Walks from the first entry to the last.
    mutating func run(_ progress: StoreAudit.Progress) throws -> VerificationReport {
        for problem in try FileCheck.problems(on: handle) { walk.note("the file", problem) }
        let journal = try Statement(
            "SELECT seq, checksum, entry FROM journal ORDER BY seq", on: handle)
        var isAtEnd = false
        let reader = JournalReader(seal: seal, checksForm: true, hasThread: true) { limit in
            var rows: [JournalRow] = []
            while rows.count < limit, !isAtEnd {
                guard try journal.step() else {
                    isAtEnd = true
                    break
                }
                rows.append(try journal.row { JournalRow(from: &$0) })
            }
            return rows
        }
        while true {
            let slice = try reader.next()
            for item in slice { try take(item) }
            guard let last = slice.last else { break }
            progress(last.sequence, total)
        }
        if watermark > total {
            walk.note(
                "table meta", "projected_through is \(watermark), the journal ends at \(total)")
        }
        try compareDate()
        try compareRows()
        try compareSums()
        return walk.finish()
    }

    private mutating func take(_ item: JournalReader.Item) throws {
        let entry: JournalEntry
        do {
            entry = try item.entry.get()
        } catch let defect as JournalRow.Defect {
            return walk.takeUnreadable(item.sequence, defect.what)
        }
        if item.sequence == 1 { firstDate = entry.bookedDate }
        walk.take(entry)
        try compare(entry)
    }

    private mutating func compare(_ entry: JournalEntry) throws {
        let sequence = entry.sequence
        if sequence <= watermark {
            sums.count(.entries)
            for posting in entry.postings { sums.add(posting) }
        }
        if let answer = entry.answer {
            if sequence <= watermark { sums.count(.answers) }
            try compare(AnswerMark(answer), answers, sequence)
        }
        var settlement: UInt64?
        var owner: PersonID?
        for change in entry.changes {
            if case .settlement(let row) = change {
                settlement = try compare(row, of: entry)
                owner = row.person
            } else {
                try compare(change, sequence)
            }
        }
        for mark in HistoryMark.marks(
            of: entry, in: eras.era(of: sequence), settlement: settlement, owner: owner)
        {
            if sequence <= watermark, mark.move != nil { sums.count(.movements) }
            try compare(mark, history, sequence)
        }
        if let row = entry.dayRow { try compare(DayMark(row), days, sequence) }
    }

    private mutating func compare(_ change: RowChange, _ sequence: UInt64) throws {
        switch change {
        case .card(let row):
            try compare(CardMark(row, token: seal.token(of: row.number)), cards, sequence)
        case .person(let row): try compare(row, persons, sequence)
        case .account(let row): try compare(row, accounts, sequence)
        case .accumulator(let row): try compare(row, accumulators, sequence)
        case .traceCode(let row): try compare(row, traceCodes, sequence)
        case .usage(let row): try compare(row, usages, sequence)
        case .family(let row): try compare(row, families, sequence)
        case .credit(let row): try compare(row, credits, sequence)
        case .clearing(let row): try compare(row, clearings, sequence)
        case .owner(let row): try compare(row, owners, sequence)
        case .contribution(let row): try compare(row, contributions, sequence)
        case .declarationLine(let row): try compare(row, declarationLines, sequence)
        case .admission(let row): try compare(row, admissions, sequence)
        case .feeUpload(let row): try compare(FeeUploadMark(row), feeUploads, sequence)
        case .openStays(let row): try compare(row, openStays, sequence)
        case .claim(let row): try compare(ClaimMark(row), claims, sequence)
        case .bill(let row): try compare(row, bills, sequence)
        case .institution(let row): try compare(row, institutions, sequence)
        case .terminal(let row): try compare(row, terminals, sequence)
        case .catalog(let row): try compare(CatalogMark(row), catalogs, sequence)
        case .policy(let row): try compare(PolicyMark(row), policies, sequence)
        case .businessDate(let date): try compare(BusinessDateMark(date), dates, sequence)
        case .tombstone(let row): try compare(AnswerMark(row), answers, sequence)
        case .settlement, .access: break
        }
    }

    private mutating func compare<Row: Projected>(
        _ row: Row, _ lookup: RowLookup<Row>, _ sequence: UInt64
    ) throws {
        do {
            compare(row, with: try lookup.find(row.key), named: "\(row.key)", sequence)
        } catch let fault as ColumnFault {
            note(fault, "table \(Row.table), row \(row.key)")
        }
    }

    /// Notes a row that cannot be read, once: other entries may have changed it too.
    private mutating func note(_ fault: ColumnFault, _ place: String) {
        guard unreadable.insert(place).inserted else { return }
        walk.note(place, "column \(fault.column) is \(fault.problem)")
    }

    /// Compares a settlement; gives the number of the entry that made it.
    private mutating func compare(
        _ row: SettlementRow, of entry: JournalEntry
    ) throws -> UInt64? {
        let isNew = entry.answer?.key == row.id.key
        if isNew, entry.sequence <= watermark { sums.count(.settlements) }
        if isNew, entry.sequence > watermark { makers[row.id] = entry.sequence }
        let known = isNew ? entry.sequence : makers[row.id]
        guard let made = try known ?? answers.find(row.id.key)?.sequence else {
            walk.note("journal entry \(entry.sequence)", "no entry made settlement \(row.id)")
            return nil
        }
        settlements.bind { $0.integer(made) }
        do {
            let stored = try settlements.first { (try SettlementMark(from: &$0), $0.unsigned()) }
            compare(
                SettlementMark(row, created: made), with: stored, named: "\(row.id)",
                entry.sequence)
        } catch let fault as ColumnFault {
            note(fault, "table settlement, row \(row.id)")
        }
        return made
    }

    private mutating func compare<Row: Projected>(
        _ row: Row, with stored: (row: Row, sequence: UInt64)?,
        named name: @autoclosure () -> String, _ sequence: UInt64
    ) {
        guard let stored else {
            if sequence <= watermark {
                walk.note(
                    "table \(Row.table), row \(name())", "is missing; entry \(sequence) wrote it")
            }
            return
        }
        if stored.sequence == sequence {
            met[Row.table, default: 0] += 1
            if stored.row != row {
                walk.note(
                    "table \(Row.table), row \(name())",
                    "is not what journal entry \(sequence) says")
            }
        } else if stored.sequence < sequence, sequence <= watermark {
            walk.note(
                "table \(Row.table), row \(name())",
                "is of entry \(stored.sequence), but entry \(sequence) changed it")
        } else if stored.sequence > total {
            walk.note("table \(Row.table), row \(name())", "is of an entry after the journal's end")
        }
    }

    /// The first business date is older than the journal.
    private mutating func compareDate() throws {
        let first = try Statement(
            "SELECT value FROM meta WHERE name = 'first_business_date'", on: handle
        ).first { $0.integer() }
        if let entry = firstDate, first != Int64(entry.yyyymmdd) {
            walk.note("table meta", "first_business_date is not that of the first entry")
        }
        guard let stored = try dates.find(1) else {
            return walk.note("table business_date", "is empty")
        }
        guard stored.sequence == 0 else { return }
        met[BusinessDateMark.table, default: 0] += 1
        if first != Int64(stored.row.date.yyyymmdd) {
            walk.note("table business_date", "is not the date on which the store was made")
        }
    }

    /// The names under which tables' rows are counted as they are swept.
    private static let tallied: [String: StoreCount] = [
        CardMark.table: .cards, PersonRow.table: .persons, AccountRow.table: .accounts,
        AccumulatorRow.table: .accumulators, TraceCodeRow.table: .traceCodes,
        UsageRow.table: .usages, FamilyRow.table: .families, CreditRow.table: .credits,
        InstitutionRow.table: .institutions, TerminalRow.table: .terminals,
        CatalogMark.table: .catalogs, PolicyMark.table: .policies,
    ]

    /// Each row must have been met: what was not is no entry's.
    ///
    /// And it must have been counted.
    private mutating func compareRows() throws {
        let tallies = try tallies()
        for table in Schema.projections where table != "total" && table != "tally" {
            let count = try Statement("SELECT count(*) FROM \(table)", on: handle).first {
                $0.integer()
            }
            if let what = Self.tallied[table], tallies[what.rawValue, default: 0] != count {
                walk.note(
                    "table tally, row \(what.rawValue)", "is not the number of rows of \(table)")
            }
            let expected = met[table, default: 0]
            guard let count, count != expected else { continue }
            let problem =
                "has \(count) rows, of which \(expected) are what the entry they name says"
            walk.note("table \(table)", problem)
        }
    }

    private mutating func compareSums() throws {
        let totals = try Statement("SELECT account, balance FROM total", on: handle).all {
            ($0.text(), $0.integer())
        }
        var stored = Dictionary(totals) { first, _ in first }
        for (name, amount) in sums.byName.sorted(by: { $0.key < $1.key })
        where stored.removeValue(forKey: name) != amount {
            walk.note("table total, row \(name)", "is not the sum of its postings")
        }
        for name in stored.keys.sorted() {
            walk.note("table total, row \(name)", "has no postings")
        }
        let counts = try tallies()
        for what in [StoreCount.entries, .answers, .settlements, .movements]
        where counts[what.rawValue, default: 0] != sums.counts[what.ordinal] {
            walk.note(
                "table tally, row \(what.rawValue)",
                "is not the number of entries' \(what.rawValue) up to the watermark")
        }
    }

    private func tallies() throws -> [String: Int64] {
        let rows = try Statement("SELECT name, count FROM tally", on: handle).all {
            ($0.text(), $0.integer())
        }
        return Dictionary(rows) { first, _ in first }
    }
}

/// Finds single rows of one projection.
struct RowLookup<Row: Projected> {
    private let select: Statement

    init(on handle: OpaquePointer) throws {
        select = try Statement(Row.selectSQL, on: handle)
    }

    func find(_ key: Row.Key) throws -> (row: Row, sequence: UInt64)? {
        select.bind { Row.bind(key, to: &$0) }
        return try select.first { reader in
            let row = try Row(from: &reader)
            return (row, row.sequenceInKey ?? reader.unsigned())
        }
    }
}
