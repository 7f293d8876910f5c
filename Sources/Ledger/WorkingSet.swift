import SettlementDomain

/// The small data that every decision may need, held whole in memory.
public struct Reference: Sendable {
    /// The daemon's business date.
    public var businessDate: CivilDate
    /// Every institution.
    public var institutions: [InstitutionID: InstitutionRow]
    /// Every terminal.
    public var terminals: [TerminalID: TerminalRow]
    /// Every catalog version, oldest first by first day, then by version.
    public private(set) var catalogs: [CatalogRow]
    /// Every region's policy versions, oldest first by first day, then by version.
    public private(set) var policies: [RegionCode: [Policy]]

    /// Creates an empty reference for a new site.
    public init(businessDate: CivilDate) {
        self.businessDate = businessDate
        institutions = [:]
        terminals = [:]
        catalogs = []
        policies = [:]
    }

    /// The catalog in force on a day; nil before the first.
    public func catalog(on day: CivilDate) -> Catalog? {
        catalogs.last { $0.effectiveFrom <= day }?.catalog
    }

    /// The catalog of that version; nil where there is none.
    public func catalog(version: CatalogVersion) -> Catalog? {
        catalogs.last { $0.catalog.version == version }?.catalog
    }

    /// The policy of a region in force on a day; nil before the first.
    public func policy(of region: RegionCode, on day: CivilDate) -> Policy? {
        policies[region]?.last { $0.effectiveFrom <= day }
    }

    /// That version of a region's policy; nil where there is none.
    public func policy(of region: RegionCode, version: PolicyVersion) -> Policy? {
        policies[region]?.last { $0.version == version }
    }

    /// Whether any catalog version limits course or frequency of an item on a day.
    public func needsHistory(_ code: ItemCode, on day: CivilDate) -> Bool {
        catalogs.contains { $0.catalog.entry(of: code, on: day)?.needsHistory == true }
    }

    /// Everything in it, each as the change that puts it there, in a fixed order.
    public var rows: [RowChange] {
        [.businessDate(businessDate)]
            + institutions.values.sorted { $0.institution.id < $1.institution.id }
            .map { .institution($0) }
            + terminals.values.sorted { $0.id < $1.id }.map { .terminal($0) }
            + catalogs.map { .catalog($0) }
            + policies.keys.sorted().flatMap { region in
                (policies[region] ?? []).map { .policy(PolicyRow(policy: $0)) }
            }
    }

    /// Takes over a change of reference data; says whether it was one.
    @discardableResult
    public mutating func apply(_ change: RowChange) -> Bool {
        switch change {
        case .institution(let row): institutions[row.institution.id] = row
        case .terminal(let row): terminals[row.id] = row
        case .businessDate(let date): businessDate = date
        case .catalog(let row):
            catalogs.removeAll { $0.catalog.version == row.catalog.version }
            catalogs.append(row)
            catalogs.sort {
                ($0.effectiveFrom, $0.catalog.version.rawValue)
                    < ($1.effectiveFrom, $1.catalog.version.rawValue)
            }
        case .policy(let row):
            var versions = policies[row.policy.region, default: []]
            versions.removeAll { $0.version == row.policy.version }
            versions.append(row.policy)
            versions.sort {
                ($0.effectiveFrom, $0.version.rawValue) < ($1.effectiveFrom, $1.version.rawValue)
            }
            policies[row.policy.region] = versions
        case .card, .person, .account, .accumulator, .traceCode, .usage, .family, .credit,
            .settlement, .tombstone, .clearing, .access, .owner, .contribution,
            .declarationLine, .admission, .feeUpload, .openStays:
            return false
        }
        return true
    }
}

/// What a batch of requests may read.
///
/// Keys may occur more than once. The store follows a card to its person, the person to account,
/// family owners and their accounts.
public struct LoadKeys: Sendable {
    /// A card and how far to follow it.
    public struct Card: Sendable, Hashable {
        /// The card's number.
        public var number: CardNumber
        /// The year whose accumulators are wanted; nil: none.
        public var year: UInt16?
        /// Whether the family owners' persons and accounts are wanted.
        public var family: Bool
        /// The visit whose benefit category alone is wanted of the year; nil: all of them.
        public var visit: Visit?
        /// Whether the person's open stays are wanted.
        public var stays: Bool

        /// A visit before its person is known.
        public struct Visit: Sendable, Hashable {
            /// What for.
            public var type: VisitType
            /// When; in the key's year.
            public var day: CivilDate

            /// Creates a visit of its parts.
            public init(type: VisitType, day: CivilDate) {
                self.type = type
                self.day = day
            }
        }

        /// Creates a key of its parts.
        public init(
            number: CardNumber, year: UInt16?, family: Bool, visit: Visit? = nil,
            stays: Bool = false
        ) {
            self.number = number
            self.year = year
            self.family = family
            self.visit = visit
            self.stays = stays
        }
    }

    /// An item whose use in the past decides about a restriction.
    public struct Usage: Sendable, Hashable {
        /// The card of the person whose use is wanted.
        public var card: CardNumber
        /// The item.
        public var code: ItemCode

        /// Creates a key of its parts.
        public init(card: CardNumber, code: ItemCode) {
            self.card = card
            self.code = code
        }
    }

    /// Somebody whom a request is about, with their account.
    public struct Holder: Sendable, Hashable {
        /// Whom.
        public var subject: Subject
        /// Whether all cards of the person are wanted.
        public var cards: Bool
        /// Whether the person's links are wanted, as a relative and as an owner.
        public var family: Bool

        /// Creates a key of its parts.
        public init(subject: Subject, cards: Bool = false, family: Bool = false) {
            self.subject = subject
            self.cards = cards
            self.family = family
        }
    }

    /// A contribution, before its person is known.
    public struct Contribution: Sendable, Hashable {
        /// The person's ID number.
        public var idNumber: IDNumber
        /// For what.
        public var period: ContributionPeriod

        /// Creates a key of its parts.
        public init(idNumber: IDNumber, period: ContributionPeriod) {
            self.idNumber = idNumber
            self.period = period
        }
    }

    /// A stay and how far to follow it, always to its person.
    public struct Stay: Sendable, Hashable {
        /// How far.
        public enum Depth: Sendable, Hashable {
            /// The stay alone.
            case row
            /// And one of its uploads.
            case upload(UInt16)
            /// And every upload, with what is known of their items and trace codes.
            case fees
            /// And every upload, and the discharge that stands.
            case details
        }

        /// The stay.
        public var admission: AdmissionID
        /// How far.
        public var depth: Depth
        /// Items whose use in the past a discharge in the same batch may ask for.
        public var codes: [ItemCode]

        /// Creates a key of its parts.
        public init(admission: AdmissionID, depth: Depth, codes: [ItemCode] = []) {
            self.admission = admission
            self.depth = depth
            self.codes = codes
        }
    }

    /// Requests whose recorded answers are wanted.
    public var answers: [RequestKey] = []
    /// Cards.
    public var cards: [Card] = []
    /// Persons whom requests are about.
    public var subjects: [Holder] = []
    /// Persons named directly, with their accounts and family rows.
    public var persons: [PersonID] = []
    /// Trace codes.
    public var traceCodes: [TraceCode] = []
    /// Uses of restricted items.
    public var usages: [Usage] = []
    /// Settlements.
    public var settlements: [SettlementID] = []
    /// Settlements that are to be undone, with every row that this changes.
    public var undone: [SettlementID] = []
    /// Requests that are to be reversed or asked about: their recorded answers, and the settlements
    /// that they made or undid, as for `undone`.
    public var originals: [RequestKey] = []
    /// Credits.
    public var credits: [CreditKey] = []
    /// Payments of clearing, with what the books say is owed.
    public var clearings: [ClearingKey] = []
    /// Lines of declarations, which may have been answered.
    public var declarationLines: [DeclarationLineKey] = []
    /// Runs of interest, whose years' balances are wanted.
    public var yearBalances: [PeriodicRow] = []
    /// Contributions of whoever has an ID number.
    public var contributions: [Contribution] = []
    /// Stays in hospital.
    public var stays: [Stay] = []
    /// Whether a request of the batch may change persons or policies, so that those of before it do
    /// not tell which benefit category a later one needs.
    public var changesPolicies = false

    /// Creates a set without keys.
    public init() {}

    /// Forgets every key, keeping the room.
    public mutating func removeAll() {
        answers.removeAll(keepingCapacity: true)
        cards.removeAll(keepingCapacity: true)
        subjects.removeAll(keepingCapacity: true)
        persons.removeAll(keepingCapacity: true)
        traceCodes.removeAll(keepingCapacity: true)
        usages.removeAll(keepingCapacity: true)
        settlements.removeAll(keepingCapacity: true)
        undone.removeAll(keepingCapacity: true)
        originals.removeAll(keepingCapacity: true)
        credits.removeAll(keepingCapacity: true)
        clearings.removeAll(keepingCapacity: true)
        contributions.removeAll(keepingCapacity: true)
        yearBalances.removeAll(keepingCapacity: true)
        declarationLines.removeAll(keepingCapacity: true)
        stays.removeAll(keepingCapacity: true)
        changesPolicies = false
    }
}

/// The rows a batch may read, and the entries it makes.
///
/// A row that was asked for and is not here does not exist.
public struct WorkingSet: Sendable {
    /// Reference data, changes of this batch included.
    public var reference: Reference
    /// Recorded answers by key.
    public var answers: [RequestKey: AnswerRow] = [:]
    /// Reversals of requests that had not been seen, by the key of the request.
    public var tombstones: [RequestKey: TombstoneRow] = [:]
    /// Cards by number.
    public var cards: [CardNumber: CardRow] = [:]
    /// Persons by id.
    public var persons: [PersonID: PersonRow] = [:]
    /// The persons of an ID number that was asked for.
    public var holders: [IDNumber: [PersonID]] = [:]
    /// Every card of a person whose cards were asked for.
    public var cardsOf: [PersonID: [CardNumber]] = [:]
    /// Individual accounts by person.
    public var accounts: [PersonID: AccountRow] = [:]
    /// Accumulators by person, year, category.
    public var accumulators: [AccumulatorKey: AccumulatorRow] = [:]
    /// Trace codes that were ever taken.
    public var traceCodes: [TraceCode: TraceCodeRow] = [:]
    /// Past uses of restricted items.
    public var usages: [UsageKey: UsageRow] = [:]
    /// Family links by member.
    public var families: [PersonID: FamilyRow] = [:]
    /// The relatives of owners.
    public var owners: [PersonID: OwnerRow] = [:]
    /// Credits that were made.
    public var credits: [CreditKey: CreditRow] = [:]
    /// Lines of declarations that were answered.
    public var declarationLines: [DeclarationLineKey: DeclarationLineRow] = [:]
    /// The balances of years that had ended before the batch, by the run that asks for them.
    public var yearBalances: [PeriodicRow: DailyBalances] = [:]
    /// Contributions that were paid.
    public var contributions: [ContributionKey: ContributionRow] = [:]
    /// Payments of clearing that were made.
    public var clearings: [ClearingKey: ClearingRow] = [:]
    /// What the books say is owed for dates that had ended before the batch and are not paid.
    public var owed: [ClearingKey: Money] = [:]
    /// Stays in hospital by id.
    public var admissions: [AdmissionID: AdmissionRow] = [:]
    /// Uploaded fees.
    public var feeUploads: [FeeUploadKey: FeeUploadRow] = [:]
    /// Stays that are not settled, by person.
    public var openStays: [PersonID: OpenStaysRow] = [:]
    /// Settlements by id.
    public var settlements: [SettlementID: SettlementRow] = [:]
    /// What the batch has done so far, in order: the change set.
    public private(set) var entries: [JournalEntry] = []

    /// Creates a working set without rows.
    public init(reference: Reference) {
        self.reference = reference
    }

    /// Makes room for the rows of these keys at once.
    mutating func reserve(for keys: LoadKeys) {
        answers.reserveCapacity(keys.answers.count)
        cards.reserveCapacity(keys.cards.count)
        persons.reserveCapacity(keys.cards.count)
        accounts.reserveCapacity(keys.cards.count)
        accumulators.reserveCapacity(keys.cards.count)
        families.reserveCapacity(keys.cards.count)
        usages.reserveCapacity(keys.usages.count)
        settlements.reserveCapacity(keys.cards.count)
        entries.reserveCapacity(keys.answers.count)
    }

    /// Takes over an entry: the rows it changed are the rows that later requests of the batch see.
    public mutating func append(_ entry: JournalEntry) {
        if let answer = entry.answer { answers[answer.key] = answer }
        for change in entry.changes { apply(change) }
        entries.append(entry)
    }

    /// Puts a row's new value in place.
    public mutating func apply(_ change: RowChange) {
        switch change {
        case .card(let row):
            cards[row.number] = row
            cardsOf[row.person]?.addMissing(row.number)
        case .person(let row):
            persons[row.person.id] = row
            holders[row.idNumber]?.addMissing(row.person.id)
        case .account(let row): accounts[row.person] = row
        case .accumulator(let row): accumulators[row.key] = row
        case .traceCode(let row): traceCodes[row.code] = row
        case .usage(let row): usages[row.key] = row
        case .family(let row): families[row.member] = row
        case .credit(let row): credits[row.key] = row
        case .settlement(let row): settlements[row.id] = row
        case .tombstone(let row): tombstones[row.original] = row
        case .clearing(let row): clearings[row.key] = row
        case .owner(let row): owners[row.owner] = row
        case .contribution(let row): contributions[row.key] = row
        case .declarationLine(let row): declarationLines[row.key] = row
        case .admission(let row): admissions[row.id] = row
        case .feeUpload(let row): feeUploads[row.key] = row
        case .openStays(let row): openStays[row.person] = row
        case .access: break
        case .institution, .terminal, .catalog, .policy, .businessDate: reference.apply(change)
        }
    }
}

extension Array where Element: Equatable {
    /// Appends what is not in it.
    fileprivate mutating func addMissing(_ element: Element) {
        if !contains(element) { append(element) }
    }
}
