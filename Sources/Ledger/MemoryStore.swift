import SettlementDomain

/// A store that forgets everything when it is let go: for tests, trials and comparison.
///
/// It keeps the whole journal and every row in memory, and answers what a durable store answers.
public final class MemoryStore: LedgerStore {
    private(set) var entries: [JournalEntry] = []
    private(set) var rows: WorkingSet
    private(set) var changedBy: [SettlementID: UInt64] = [:]
    private(set) var madeBy: [SettlementID: UInt64] = [:]
    private(set) var days: [DayAtInstitution: [DayRow]] = [:]
    private(set) var movements: [PersonID: [Movement]] = [:]
    private(set) var accesses: [PersonID: [Access]] = [:]
    private(set) var movementCount: UInt64 = 0
    private(set) var sums: [String: Money] = [:]

    /// Creates an empty store of a new site.
    public init(businessDate: CivilDate) {
        rows = WorkingSet(reference: Reference(businessDate: businessDate))
    }

    /// All reference data.
    public func loadReference() throws(StoreFault) -> Reference {
        rows.reference
    }

    /// The rows named by `keys`, as of the last commit.
    public func load(
        _ keys: LoadKeys, reference: Reference
    ) throws(StoreFault) -> WorkingSet {
        try workingSet(keys, reference: reference)
    }

    /// Appends the entries.
    public func commit(_ entries: [JournalEntry]) throws(StoreFault) {
        for var entry in entries {
            entry.sequence = UInt64(self.entries.count) + 1
            self.entries.append(entry)
            take(entry)
        }
    }

    /// Nothing is left to do.
    public func close() {}

    private func take(_ entry: JournalEntry) {
        if let answer = entry.answer { rows.answers[answer.key] = answer }
        for change in entry.changes {
            rows.apply(change)
            guard case .settlement(let row) = change else { continue }
            changedBy[row.id] = entry.sequence
            if entry.answer?.key == row.id.key { madeBy[row.id] = entry.sequence }
        }
        if let row = entry.dayRow { takeDay(row) }
        for movement in entry.movements {
            movements[movement.person, default: []].append(movement)
            movementCount += 1
        }
        for access in entry.accesses { accesses[access.row.person, default: []].append(access) }
        for posting in entry.postings {
            sums[posting.account.sumName, default: .zero] += posting.amount
        }
    }

    private func takeDay(_ row: DayRow) {
        let day = DayAtInstitution(date: row.bookedDate, institution: row.institution)
        let place = days[day, default: []].firstPlace { $0.key >= row.key }
        days[day, default: []].insert(row, at: place)
    }

    /// The books that rows of one date and institution lie in, in the order of their keys.
    struct DayAtInstitution: Hashable {
        var date: CivilDate
        var institution: InstitutionID
    }
}

extension MemoryStore: RowSource {
    /// The recorded answer of a request.
    public func answer(_ key: RequestKey) throws(StoreFault) -> AnswerRow? { rows.answers[key] }

    /// The reversal that named a request before it arrived.
    public func tombstone(_ key: RequestKey) throws(StoreFault) -> TombstoneRow? {
        rows.tombstones[key]
    }

    /// A card.
    public func card(_ number: CardNumber) throws(StoreFault) -> CardRow? { rows.cards[number] }

    /// A person.
    public func person(_ id: PersonID) throws(StoreFault) -> PersonRow? { rows.persons[id] }

    /// The persons registered with an ID number, in the order of their ids.
    public func persons(with number: IDNumber) throws(StoreFault) -> [PersonRow] {
        rows.persons.values.filter { $0.idNumber == number }
            .sorted { $0.person.id < $1.person.id }
    }

    /// Every card of a person, in the order of their numbers.
    public func cards(of person: PersonID) throws(StoreFault) -> [CardRow] {
        rows.cards.values.filter { $0.person == person }.sorted { $0.number < $1.number }
    }

    /// A person's individual account.
    public func account(_ id: PersonID) throws(StoreFault) -> AccountRow? { rows.accounts[id] }

    /// A person's use of a year's limits in one benefit category.
    public func accumulator(_ key: AccumulatorKey) throws(StoreFault) -> AccumulatorRow? {
        rows.accumulators[key]
    }

    /// A trace code that was ever taken.
    public func traceCode(_ code: TraceCode) throws(StoreFault) -> TraceCodeRow? {
        rows.traceCodes[code]
    }

    /// A person's past uses of an item.
    public func usage(_ key: UsageKey) throws(StoreFault) -> UsageRow? { rows.usages[key] }

    /// A member's family links.
    public func family(_ member: PersonID) throws(StoreFault) -> FamilyRow? {
        rows.families[member]
    }

    /// The relatives of an owner.
    public func owner(_ id: PersonID) throws(StoreFault) -> OwnerRow? { rows.owners[id] }

    /// A credit that was made.
    public func credit(_ key: CreditKey) throws(StoreFault) -> CreditRow? { rows.credits[key] }

    /// A contribution that was paid.
    public func contribution(_ key: ContributionKey) throws(StoreFault) -> ContributionRow? {
        rows.contributions[key]
    }

    /// What a line of a declaration was answered.
    public func declarationLine(
        _ key: DeclarationLineKey
    ) throws(StoreFault) -> DeclarationLineRow? {
        rows.declarationLines[key]
    }

    /// The balances of an individual account over a year.
    public func balances(
        of person: PersonID, in year: Int
    ) throws(StoreFault) -> DailyBalances {
        let all = movements[person] ?? []
        let before = all.last { $0.bookedDate.year < year }
        var days = DailyBalances(year: year, opening: before?.balance ?? .zero)
        for movement in all where movement.bookedDate.year == year {
            days.change(to: movement.balance, on: movement.bookedDate)
        }
        return days
    }

    /// A payment of clearing that was made.
    public func clearing(_ key: ClearingKey) throws(StoreFault) -> ClearingRow? {
        rows.clearings[key]
    }

    /// What an institution's books of a date say is owed.
    public func owed(_ key: ClearingKey) throws(StoreFault) -> Money {
        var books = ClearingBooks()
        for row in entries.lazy.compactMap(\.dayRow)
        where row.institution == key.institution && row.bookedDate == key.date {
            books.take(row)
        }
        return books.owed
    }

    /// A stay in hospital.
    public func admission(_ id: AdmissionID) throws(StoreFault) -> AdmissionRow? {
        rows.admissions[id]
    }

    /// Fees that were uploaded.
    public func feeUpload(_ key: FeeUploadKey) throws(StoreFault) -> FeeUploadRow? {
        rows.feeUploads[key]
    }

    /// A person's stays that are not settled.
    public func openStays(_ person: PersonID) throws(StoreFault) -> OpenStaysRow? {
        rows.openStays[person]
    }

    /// A claim.
    public func claim(_ id: ClaimID) throws(StoreFault) -> ClaimRow? { rows.claims[id] }

    /// Who holds a bill.
    public func bill(_ key: BillKey) throws(StoreFault) -> BillRow? { rows.bills[key] }

    /// A person's settlements at an institution for a service date with this total.
    public func settlements(
        of person: PersonID, at institution: InstitutionID, on serviceDate: CivilDate,
        total: Money
    ) throws(StoreFault) -> [SettlementRow] {
        rows.settlements.values.filter {
            $0.person == person && $0.institution == institution
                && $0.serviceDate == serviceDate && $0.split.total == total
        }.sorted { $0.id.key < $1.id.key }
    }

    /// A settlement.
    public func settlement(_ id: SettlementID) throws(StoreFault) -> SettlementRow? {
        rows.settlements[id]
    }
}

extension LedgerAccount {
    /// Under which name `StoreQuestion.balances` sums this account: its text form, but for
    /// individual accounts, which are one sum named `individual`.
    public var sumName: String {
        if case .individual = self { "individual" } else { description }
    }
}
