import Ledger
import SettlementDomain

/// Every projection with its part in memory, and the passes that sweep memory into tables.
///
/// What lies after `projectedThrough` in the journal is in memory, whether or not the tables have
/// it already: rows are read here first. Every row in a table is as new as `projectedThrough` says
/// or newer, so that applying the journal from there on, in order, gives the last state.
final class Projections {
    let seal: any StoreSeal
    let cards: RowTable<CardMark>
    let persons: RowTable<PersonRow>
    let accounts: RowTable<AccountRow>
    let families: RowTable<FamilyRow>
    let owners: RowTable<OwnerRow>
    let accumulators: RowTable<AccumulatorRow>
    let traceCodes: RowTable<TraceCodeRow>
    let usages: RowTable<UsageRow>
    let credits: RowTable<CreditRow>
    let clearings: RowTable<ClearingRow>
    let contributions: RowTable<ContributionRow>
    let declarationLines: RowTable<DeclarationLineRow>
    let admissions: RowTable<AdmissionRow>
    let feeUploads: RowTable<FeeUploadMark>
    let openStays: RowTable<OpenStaysRow>
    let claims: RowTable<ClaimMark>
    let bills: RowTable<BillRow>
    let settlements: RowTable<SettlementMark>
    // Reference data is small; all of it may stay.
    let institutions = RowTable<InstitutionRow>(cleanMax: 100_000, counted: .institutions)
    let terminals = RowTable<TerminalRow>(cleanMax: 100_000, counted: .terminals)
    let catalogs = RowTable<CatalogMark>(cleanMax: 1000, counted: .catalogs)
    let policies = RowTable<PolicyMark>(cleanMax: 1000, counted: .policies)
    let businessDate = RowTable<BusinessDateMark>(cleanMax: 1, counted: nil)
    let answers = AnswerTable()
    let history = AddedRows<HistoryMark>()
    let days = DayTable()
    let sums = SumTable()
    let journal: JournalTable
    /// As the store that is attached was made.
    private(set) var eras = Eras.one

    /// The newest entry whose effects are all in tables.
    private(set) var projectedThrough: UInt64 = 0
    /// The newest entry that was taken over.
    var last: UInt64 = 0
    private let waitingMax: Int
    /// A transaction sweeps at most as many times the rows that it adds.
    private static let catchUpMax = 8
    /// The newest entry of the pass under way.
    private var cut: UInt64?
    private var finishesPass = false
    private var watermark: Statement?
    private(set) var moves: Statement?
    private(set) var personsOfIDNumber: Statement?
    private(set) var cardsOfPerson: Statement?
    private(set) var contributionsOfPerson: Statement?
    private(set) var claimsOfPerson: Statement?
    private(set) var likeSettlements: Statement?

    init(options: SQLiteStore.Options, seal: any StoreSeal) {
        self.seal = seal
        journal = JournalTable(seal: seal)
        let clean = options.cachedRowsMax
        cards = RowTable(cleanMax: clean, counted: .cards)
        persons = RowTable(cleanMax: clean, counted: .persons)
        accounts = RowTable(cleanMax: clean, counted: .accounts)
        families = RowTable(cleanMax: clean, counted: .families)
        owners = RowTable(cleanMax: clean / 64 + 1, counted: nil)
        accumulators = RowTable(cleanMax: clean, counted: .accumulators)
        traceCodes = RowTable(cleanMax: clean / 8 + 1, counted: .traceCodes)
        usages = RowTable(cleanMax: clean / 4 + 1, counted: .usages)
        credits = RowTable(cleanMax: clean / 64 + 1, counted: .credits)
        clearings = RowTable(cleanMax: clean / 64 + 1, counted: nil)
        contributions = RowTable(cleanMax: clean / 64 + 1, counted: nil)
        declarationLines = RowTable(cleanMax: clean / 64 + 1, counted: nil)
        admissions = RowTable(cleanMax: clean / 64 + 1, counted: nil)
        feeUploads = RowTable(cleanMax: clean / 64 + 1, counted: nil)
        openStays = RowTable(cleanMax: clean / 64 + 1, counted: nil)
        claims = RowTable(cleanMax: clean / 64 + 1, counted: nil)
        bills = RowTable(cleanMax: clean / 64 + 1, counted: nil)
        settlements = RowTable(cleanMax: clean / 64 + 1, counted: nil)
        waitingMax = options.waitingRowsMax
        let independent: [any SweptTable] = [
            businessDate, institutions, terminals, catalogs, policies, persons, cards, accounts,
            families, owners, credits, clearings, contributions, declarationLines, traceCodes,
            usages, accumulators, history, days, admissions, feeUploads, openStays, claims, bills,
        ]
        // A settlement's row is found through its answer's.
        lanes = independent.map { SweepLane([$0]) } + [SweepLane([answers, settlements])]
        tables = lanes.flatMap(\.tables)
    }

    private let tables: [any SweptTable]
    /// What a pass goes through side by side.
    private(set) var lanes: [SweepLane]

    func attach(to handle: OpaquePointer) throws {
        for table in tables { try table.attach(to: handle) }
        try sums.attach(to: handle)
        try journal.attach(to: handle)
        eras = try Eras(of: handle)
        moves = try Statement(HistoryMark.select(where: "amount IS NOT NULL"), on: handle)
        personsOfIDNumber = try Statement(
            "SELECT \(PersonRow.allColumns) FROM person WHERE id_number = ?", on: handle)
        cardsOfPerson = try Statement(
            "SELECT \(CardMark.allColumns) FROM card WHERE person = ?", on: handle)
        contributionsOfPerson = try Statement(
            "SELECT \(ContributionRow.allColumns) FROM contribution WHERE person = ?", on: handle)
        claimsOfPerson = try Statement(
            "SELECT \(ClaimMark.allColumns) FROM claim WHERE person = ?", on: handle)
        // Those that are not in their table yet are looked at one by one.
        likeSettlements = try Statement(
            "SELECT DISTINCT history.settlement FROM history "
                + "LEFT JOIN settlement ON settlement.created = history.settlement "
                + "WHERE history.era = ? AND history.person = ? AND history.own = 1 AND (settlement.created IS NULL "
                + "OR (settlement.institution = ? AND settlement.service_date = ? "
                + "AND settlement.total = ?))", on: handle)
        watermark = try Statement(
            "UPDATE meta SET value = ? WHERE name = 'projected_through'", on: handle)
    }

    func detach() {
        for table in tables { table.detach() }
        sums.detach()
        journal.detach()
        watermark = nil
        moves = nil
        personsOfIDNumber = nil
        cardsOfPerson = nil
        contributionsOfPerson = nil
        claimsOfPerson = nil
        likeSettlements = nil
    }

    /// Forgets memory and starts from what the tables say.
    func restart(on handle: OpaquePointer) throws {
        for table in tables { table.forget() }
        sums.forget()
        cut = nil
        for table in tables { try table.load(from: handle) }
        try sums.load(from: handle)
        projectedThrough =
            try Statement("SELECT value FROM meta WHERE name = 'projected_through'", on: handle)
            .first { $0.unsigned() } ?? 0
        last = projectedThrough
    }

    /// Looks at tables again that a transaction of unknown outcome may have changed.
    func reload(from handle: OpaquePointer) throws {
        for table in tables { try table.load(from: handle) }
    }

    /// Rows that are not in tables yet.
    var waiting: Int { tables.reduce(0) { $0 + $1.waiting } }

    /// Whether so much waits that sweeping must come before anything else.
    var isFull: Bool { waiting >= waitingMax }

    /// Whether more waits than memory should hold, even of a store that is brought up to its end.
    ///
    /// Of a pass that a kill ended, what was swept waits again beside all that came meanwhile, together
    /// as much as may wait. Sweeping that before the start would keep terminals waiting; commits catch
    /// up with it.
    var isOverfull: Bool { waiting >= waitingMax + waitingMax / 2 }

    /// Whether a slice of what waits should be written now and then.
    var isSweepDue: Bool { cut != nil || waiting >= waitingMax / 2 }

    /// Writes a slice of what waits, within the transaction that is open.
    ///
    /// `added` is how many rows the transaction itself adds to what waits.
    func sweep(adding added: Int) throws {
        let waiting = waiting
        if cut == nil {
            guard waiting >= waitingMax / 2 else { return }
            beginPass()
        }
        let left = tables.reduce(0) { $0 + $1.leftInPass }
        // The pass shall end when as many new rows wait as it began with: until then it shrinks as
        // fast as they grow. What was put off is caught up with, but never in one stroke.
        let room = max(waitingMax / 2 - (waiting - left), 1)
        try sweep(budget: min(left, min(left * added / room, Self.catchUpMax * added) + 1))
    }

    /// Writes the next of what waits, at most so many rows, within the transaction that is open;
    /// `confirm` must follow.
    func sweep(rowsMax: Int) throws {
        if cut == nil { beginPass() }
        try sweep(budget: rowsMax)
    }

    /// Whether a pass was begun and has rows left.
    var isInPass: Bool { cut != nil }

    private func beginPass() {
        for index in lanes.indices { lanes[index].beginPass() }
        sums.beginPass()
        cut = last
    }

    /// The lane that most of its pass is left of; nil: none has rows left.
    private var lagging: SweepLane? {
        var found: SweepLane?
        var most = 0.0
        for lane in lanes {
            let share = lane.shareLeft
            guard share > most else { continue }
            found = lane
            most = share
        }
        return found
    }

    private func sweep(budget: Int) throws {
        guard let cut else { return }
        var budget = budget
        // A row costs the more the fewer of its neighbours are swept with it, and that differs by table: were
        // they swept one after the other, commits would wait longer in each pass while it is at some.
        while budget > 0, let lane = lagging {
            let left = lane.rowsLeft
            try lane.sweep(&budget)
            // Without statements nothing is swept.
            guard lane.rowsLeft < left else { return }
        }
        finishesPass = tables.allSatisfy { $0.leftInPass == 0 }
        guard finishesPass, let watermark else { return }
        try sums.write()
        watermark.bind { $0.integer(cut) }
        try watermark.run()
    }

    /// The transaction is committed: what it swept counts.
    func confirm() {
        guard let cut else { return }
        for table in tables { table.confirm() }
        guard finishesPass else { return }
        finishesPass = false
        sums.confirm()
        projectedThrough = cut
        self.cut = nil
    }

    /// The transaction is rolled back: what it swept waits again.
    func abandon() {
        finishesPass = false
        guard cut != nil else { return }
        for table in tables { table.abandon() }
    }
}
