import SettlementDomain

/// Why a store could not do what was asked.
public enum StoreFault: Error, Sendable {
    /// Nothing was executed and nothing will be: code 91. The text says why.
    case unavailable(String)
    /// Another writer came between load and commit: load again. Nothing was executed.
    case conflict
    /// Reference data has changed since it was read: read it again. Nothing was executed.
    case outdatedReference
    /// A commit was sent and its result cannot be found out: code 96.
    case outcomeUnknown(String)
    /// What is stored contradicts itself; the text names what and where.
    case corrupt(String)
}

extension StoreFault: CustomStringConvertible {
    /// One sentence for an operator or a log.
    public var description: String {
        switch self {
        case .unavailable(let why), .outcomeUnknown(let why), .corrupt(let why): why
        case .conflict: "another writer came between; nothing was executed"
        case .outdatedReference: "reference data has changed; nothing was executed"
        }
    }
}

/// Whatever answers questions about what is stored: a store, or a daemon that has one.
public protocol StoreReader {
    /// Answers one page of a question about what is stored, as of the last commit.
    func read(_ question: StoreQuestion) throws(StoreFault) -> StorePage
}

/// The durable state under the ledger, owned by one thread: the committer's.
///
/// `load`, decide, `commit` are one transaction: what `commit` writes holds only if what `load`
/// read still stands.
public protocol LedgerStore: AnyObject, StoreReader {
    /// All reference data, read at start, after a fault and when it has changed.
    func loadReference() throws(StoreFault) -> Reference

    /// Which state of reference data `loadReference` or `commit` has seen last: the larger the newer.
    var referenceVersion: UInt64 { get }

    /// Whether another writer has changed reference data since.
    func isReferenceOutdated() throws(StoreFault) -> Bool

    /// The rows named by `keys`, as of the last commit.
    func load(_ keys: LoadKeys, reference: Reference) throws(StoreFault) -> WorkingSet

    /// Makes the entries durable, all or none, and their changes visible to the next `load`.
    ///
    /// When it returns they survive a loss of power. The entries' sequence numbers are given here,
    /// in order.
    func commit(_ entries: [JournalEntry]) throws(StoreFault)

    /// Does what a commit has left for the time when nobody waits for its answers.
    ///
    /// Whoever calls it not loses no more than time: the next `load` or `read` does what it needs.
    func tidy()

    /// Reads some of what requests are likely to ask for into memory: work for a moment in which
    /// nobody waits, and short enough for one who comes meanwhile.
    ///
    /// - Returns: how many rows it read; 0 when there is nothing left to read.
    func readAhead() throws(StoreFault) -> Int

    /// A fault that the last commit met and that it mended, so that nothing is lost and nobody was told;
    /// each is given once.
    func takeMended() -> StoreFault?

    /// Brings the store to rest and lets go of it; nothing may be called afterwards.
    func close()
}

extension LedgerStore {
    /// Nothing is left.
    public func tidy() {}

    /// Nothing is kept in memory.
    public func readAhead() throws(StoreFault) -> Int { 0 }

    /// Nothing is mended.
    public func takeMended() -> StoreFault? { nil }

    /// Nobody else changes it.
    public var referenceVersion: UInt64 { 0 }

    /// Nobody else changes it.
    public func isReferenceOutdated() throws(StoreFault) -> Bool { false }
}

/// A question about what is stored.
///
/// Lists give at most `limit` rows after the row named by `after`.
public enum StoreQuestion: Sendable, Hashable {
    case person(PersonID)
    case personByIDNumber(IDNumber)
    case card(CardNumber)
    case cardsOf(PersonID)
    case account(PersonID)
    case family(PersonID)
    case accumulators(PersonID, year: UInt16)
    case settlement(SettlementID)
    case answer(RequestKey)
    /// The journal entry of a sequence number.
    case entry(UInt64)
    /// Persons in the order of their ids.
    case persons(after: PersonID?, limit: Int)
    /// Cards in an order of the store's own, which does not change.
    case cards(after: CardNumber?, limit: Int)
    /// Movements of an account, newest first; before the sequence number given.
    case movements(PersonID, before: UInt64?, limit: Int)
    /// Entries booked from one date through another that changed a person's account or one of their
    /// settlements, newest first; before the sequence number given.
    case historyOf(
        PersonID, from: CivilDate, through: CivilDate, before: UInt64?, limit: Int)
    /// Changes of a person's account booked from one date through another, newest first; before the
    /// sequence number given.
    case movesOf(PersonID, from: CivilDate, through: CivilDate, before: UInt64?, limit: Int)
    /// A person's claims, the oldest first.
    case claimsOf(PersonID)
    /// A claim.
    case claim(ClaimID)
    /// Claims that wait for a decision and whose next step was due before a date, in the order of
    /// their ids; after the id given.
    case claimsDue(before: CivilDate, after: ClaimID?, limit: Int)
    /// The relatives of an owner.
    case owner(PersonID)
    /// A person's contributions, the newest period first; before the period given.
    case contributionsOf(PersonID, before: ContributionPeriod?, limit: Int)
    /// A person's access log, newest first; before the sequence number given.
    case accesses(PersonID, before: UInt64?, limit: Int)
    /// Settlements of a person, newest first by journal sequence; before the number given.
    case settlementsOf(PersonID, before: UInt64?, limit: Int)
    /// Settlements booked on a date at an institution (nil: any), in the order in which they were
    /// made; after the entry that made the one before.
    case settlementsOn(CivilDate, InstitutionID?, after: UInt64?, limit: Int)
    /// Transactions booked on a date at an institution, of all its terminals or one, in the order
    /// of their keys; after the key given, and up to the last one given.
    case day(
        CivilDate, InstitutionID, TerminalID?, after: RequestKey?, through: RequestKey?, limit: Int)
    /// Payments of clearing for a business date, in the order of institutions.
    case clearings(CivilDate)
    /// Journal entries in order.
    case entries(after: UInt64, limit: Int)
    /// Sums of all postings by ledger account, but for individual accounts, which are one sum.
    case balances
    /// Counts of rows and the journal's length.
    case counts
    /// All reference data: business date, institutions, terminals, catalogs, policies.
    case reference
}

/// An answer to a `StoreQuestion`.
public enum StorePage: Sendable {
    case persons([PersonRow])
    case cards([CardRow])
    case accounts([AccountRow])
    case families([FamilyRow])
    case accumulators([AccumulatorRow])
    /// Each with a sequence number, from which the question goes on: for a person's settlements that
    /// of the entry that last changed it, for a date's that of the entry that made it.
    case settlements([(sequence: UInt64, row: SettlementRow)])
    case answers([AnswerRow])
    case day([DayRow])
    case clearings([ClearingRow])
    case entries([JournalEntry])
    case movements([Movement])
    case moves([AccountMove])
    case owners([OwnerRow])
    case contributions([ContributionRow])
    case claims([ClaimRow])
    case accesses([Access])
    case balances([(account: String, balance: Money)])
    case counts([(name: String, count: UInt64)])
    /// As `Reference.rows` gives them.
    case reference([RowChange])
}
