import Ledger
import SettlementDomain

/// Reads rows for a batch, many at once.
///
/// The ledger's walk over the keys asks for one row after the other. What is not known yet is noted
/// and guessed; then everything noted is read in one round trip, and the walk begins again, until
/// nothing is missing. Where the guesses are right, one round trip is enough.
final class Fetch {
    var accounts = Shelf<AccountSlot>()
    var answers = Shelf<AnswerMark>()
    var cards = Shelf<CardRow>(guesses: true)
    var persons = Shelf<PersonRow>(guesses: true)
    var families = Shelf<FamilyRow>(guesses: true)
    var owners = Shelf<OwnerRow>()
    var accumulators = Shelf<AccumulatorRow>()
    var usages = Shelf<UsageRow>()
    var credits = Shelf<CreditRow>()
    var contributions = Shelf<ContributionRow>()
    var openStays = Shelf<OpenStaysRow>(guesses: true)
    var settlements = Shelf<SettlementMark>()
    var admissions = Shelf<AdmissionRow>(guesses: true)
    var feeUploads = Shelf<FeeUploadMark>()
    var claims = Shelf<ClaimMark>()
    var bills = Shelf<BillRow>()
    var traceCodes = Shelf<TraceCodeRow>()
    var clearings = Shelf<ClearingRow>()
    var declarationLines = Shelf<DeclarationLineRow>()
    var days = Shelf<DayMark>()
    var institutions = Shelf<InstitutionRow>()
    var terminals = Shelf<TerminalRow>()
    var policies = Shelf<PolicyRow>()
    var catalogs = Shelf<CatalogMark>()
    var dates = Shelf<BusinessDateMark>()

    var entries = AnswerShelf<EntryPlace, JournalEntry>()
    var holders = AnswerShelf<IDNumber, [PersonRow]>()
    var cardsOf = AnswerShelf<PersonID, [CardRow]>()
    var years = AnswerShelf<YearOfPerson, DailyBalances>()
    var owed = AnswerShelf<ClearingKey, Money>()
    var likenesses = AnswerShelf<Likeness, [SettlementMark]>()

    var strangers = StrangeCards()

    let seal: any StoreSeal
    /// Whether rows that cannot be read are noted and passed over; otherwise the first is a fault.
    private let passesOver: Bool

    /// The newest version of all rows that were read: what is written comes after it.
    private(set) var newest: UInt64 = 0

    init(seal: any StoreSeal, passingOverUnreadable passesOver: Bool = false) {
        self.seal = seal
        self.passesOver = passesOver
    }

    /// A calendar year of a person's account.
    struct YearOfPerson: Hashable, Sendable {
        var person: PersonID
        var year: Int
    }

    /// What a settlement is recognised by that may be of a claim's bill.
    struct Likeness: Hashable, Sendable {
        var person: PersonID
        var institution: InstitutionID
        var serviceDate: CivilDate
        var total: Money
    }

    /// A command, and what takes its answer.
    struct Read {
        var command: Command
        var take: (ResultRows) throws(StoreFault) -> Void
    }

    /// Forgets what was read; what helps to guess is kept.
    func forget() {
        accounts.forget()
        answers.forget()
        cards.forget()
        persons.forget()
        families.forget()
        owners.forget()
        accumulators.forget()
        usages.forget()
        credits.forget()
        contributions.forget()
        openStays.forget()
        settlements.forget()
        admissions.forget()
        feeUploads.forget()
        claims.forget()
        bills.forget()
        traceCodes.forget()
        clearings.forget()
        declarationLines.forget()
        days.forget()
        institutions.forget()
        terminals.forget()
        policies.forget()
        catalogs.forget()
        dates.forget()
        entries.forget()
        holders.forget()
        cardsOf.forget()
        years.forget()
        owed.forget()
        likenesses.forget()
        strangers = StrangeCards()
        newest = 0
    }

    /// Takes note of a version that was read.
    func see(_ version: UInt64) { newest = max(newest, version) }

    /// Everything that is wanted, accounts first: a change that comes between is noticed by them.
    func reads() throws(StoreFault) -> [Read] {
        var reads: [Read] = []
        try add(\.accounts, to: &reads)
        try add(\.answers, to: &reads)
        try add(\.cards, to: &reads)
        try add(\.persons, to: &reads)
        try add(\.families, to: &reads)
        try add(\.owners, to: &reads)
        try add(\.accumulators, to: &reads)
        try add(\.usages, to: &reads)
        try add(\.credits, to: &reads)
        try add(\.contributions, to: &reads)
        try add(\.openStays, to: &reads)
        try add(\.settlements, to: &reads)
        try add(\.admissions, to: &reads)
        try add(\.feeUploads, to: &reads)
        try add(\.claims, to: &reads)
        try add(\.bills, to: &reads)
        try add(\.traceCodes, to: &reads)
        try add(\.clearings, to: &reads)
        try add(\.declarationLines, to: &reads)
        try add(\.days, to: &reads)
        try add(\.institutions, to: &reads)
        try add(\.terminals, to: &reads)
        try add(\.policies, to: &reads)
        try add(\.catalogs, to: &reads)
        try add(\.dates, to: &reads)
        try addHolders(to: &reads)
        addEntries(to: &reads)
        addLists(to: &reads)
        return reads
    }

    private func add<Row: Stored>(
        _ shelf: ReferenceWritableKeyPath<Fetch, Shelf<Row>>, to reads: inout [Read]
    ) throws(StoreFault) {
        guard let command = try self[keyPath: shelf].command(seal) else { return }
        reads.append(
            Read(command: command) { [unowned self] (rows: ResultRows) throws(StoreFault) in
                see(try self[keyPath: shelf].take(rows, passingOver: passesOver))
            })
    }

    /// A person's row of accounts is read with anything else of theirs.
    func guardPerson(_ person: PersonID) {
        accounts.want(person)
    }

    /// Gets a row, and wants the account of whoever it belongs to.
    func get<Row: Stored>(
        _ key: Row.Key, from shelf: ReferenceWritableKeyPath<Fetch, Shelf<Row>>
    ) -> Row? {
        if let person = Row.person(of: key) { guardPerson(person) }
        return self[keyPath: shelf].get(key)
    }

    /// Looks up the version of a row that is to be written: nil where it has to be read yet.
    func version<Row: Stored>(
        _ key: Row.Key, in shelf: ReferenceWritableKeyPath<Fetch, Shelf<Row>>
    ) -> UInt64? {
        if let version = self[keyPath: shelf].version(key) { return version }
        self[keyPath: shelf].want(key)
        return nil
    }
}
