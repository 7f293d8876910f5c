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
        catalogs.contains { $0.catalog.needsHistory(code, on: day) }
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
            .declarationLine, .admission, .feeUpload, .openStays, .claim, .bill:
            return false
        }
        return true
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
    /// Claims by id.
    public var claims: [ClaimID: ClaimRow] = [:]
    /// Who holds bills that are named.
    public var bills: [BillKey: BillRow] = [:]
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
        case .claim(let row): claims[row.id] = row
        case .bill(let row): bills[row.key] = row
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
