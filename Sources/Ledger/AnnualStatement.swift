import SettlementDomain

/// What a person's insurance was in a calendar year, by what was booked in it.
///
/// Made of bookings of the year alone, so that it says the same whenever it is made once the year
/// has ended.
/// - Source: Social Insurance Law, article 74; Protocol/Queries.md, "Annual statement".
public struct AnnualStatement: Sendable, Hashable {
    /// Contributions that were paid in the year, for whatever periods.
    public struct Contributions: Sendable, Hashable {
        /// For how many periods.
        public var periods = 0
        /// What employers paid.
        public var employerPart = Money.zero
        /// What the person paid.
        public var individualPart = Money.zero
        /// What of both went to the individual account.
        public var credited = Money.zero

        /// Creates an empty sum.
        public init() {}
    }

    /// Own bills of one benefit category, less what was undone.
    public struct Visits: Sendable, Hashable {
        /// Which; nil: visits without pooled benefit.
        public var category: BenefitCategory?
        /// The bills that were made, undone ones too.
        public var bills = 0
        /// Who paid what; without parts, plans and owners.
        public var split = Split()

        /// Creates an empty sum.
        public init(category: BenefitCategory?) {
            self.category = category
        }
    }

    /// What of a year's limits the bookings have used, of services in the year.
    public struct Use: Sendable, Hashable {
        /// Of which limits.
        public var category: BenefitCategory
        /// Of the deductible.
        public var deductible = Money.zero
        /// Of the pooled fund's cap.
        public var pooled = Money.zero
        /// Of large-amount assistance's cap.
        public var large = Money.zero

        /// Creates an empty sum.
        public init(category: BenefitCategory) {
            self.category = category
        }
    }

    /// Claims that were approved in the year.
    public struct Claims: Sendable, Hashable {
        /// How many.
        public var count = 0
        /// Of their bills.
        public var total = Money.zero
        /// What the funds pay of it.
        public var approved = Money.zero

        /// Creates an empty sum.
        public init() {}
    }

    /// The year.
    public var year: Int
    /// Its twelve months in the individual account.
    public var months: [MonthlyEntry]
    /// What was paid for the person.
    public var contributions = Contributions()
    /// By benefit category, those without pooled benefit last; only what there was.
    public var visits: [Visits] = []
    /// By benefit category; only what there was.
    public var use: [Use] = []
    /// Claims.
    public var claims = Claims()

    /// Creates a statement in which nothing happened but to the account.
    public init(year: Int, months: [MonthlyEntry]) {
        self.year = year
        self.months = months
    }

    /// Takes over an entry of the year that made or changed one of the person's settlements.
    mutating func take(_ entry: JournalEntry, of person: PersonID) {
        guard let row = entry.settlementRow, row.person == person else { return }
        let isNew = entry.answer?.key == row.id.key
        let before = isNew ? Split() : row.undone.dropLast().last?.standing ?? row.split
        let change = (isNew ? row.split : row.standing).less(before)
        let place = visits.firstIndex { $0.category == row.benefitCategory } ?? visits.endIndex
        if place == visits.endIndex { visits.append(Visits(category: row.benefitCategory)) }
        if isNew { visits[place].bills += 1 }
        visits[place].split.addTotals(of: change)
        guard let category = row.benefitCategory, row.serviceDate.year == year else { return }
        use(category, change)
    }

    /// Takes over a claim that was approved in the year.
    mutating func take(_ claim: ClaimRow) {
        claims.count += 1
        claims.total = claims.total.addingHeld(claim.total)
        claims.approved = claims.approved.addingHeld(claim.approved)
        for (bill, award) in zip(claim.bills, claim.awards) where bill.serviceDate.year == year {
            if let category = award.benefitCategory { use(category, award.split) }
        }
    }

    private mutating func use(_ category: BenefitCategory, _ split: Split) {
        let place = use.firstIndex { $0.category == category } ?? use.endIndex
        if place == use.endIndex { use.append(Use(category: category)) }
        use[place].deductible = use[place].deductible + split.deductible
        use[place].pooled = use[place].pooled + split.pooled
        use[place].large = use[place].large + split.large
    }

    /// Puts the sums in the order of categories.
    mutating func sort() {
        visits.sort {
            ($0.category?.rawValue ?? .max) < ($1.category?.rawValue ?? .max)
        }
        use.sort { $0.category.rawValue < $1.category.rawValue }
    }
}

extension AnnualStatement {
    /// The balance when the year began.
    public var opening: Money { months.first?.opening ?? .zero }

    /// The balance at its end, or now.
    public var closing: Money { months.last?.closing ?? .zero }

    /// A column of the months, summed.
    public func sum(_ column: KeyPath<MonthlyEntry, Money>) -> Money {
        months.reduce(.zero) { $0 + $1[keyPath: column] }
    }
}

extension Split {
    private static let totals: [WritableKeyPath<Split, Money> & Sendable] = [
        \.total, \.fullSelfPay, \.overLimit, \.firstSelfPay, \.inScope, \.deductible, \.pooled,
        \.large, \.scopeSelfPay, \.supplement, \.personal, \.excluded, \.payable, \.account,
        \.family, \.cash,
    ]

    /// Adds the totals of another split, not its parts, plans and owners; nothing bounds a year's bills.
    mutating func addTotals(of other: Split) {
        for total in Self.totals {
            self[keyPath: total] = self[keyPath: total].addingHeld(other[keyPath: total])
        }
    }
}

extension StoreReader {
    /// A person's year.
    public func annualStatement(
        of person: PersonID, year: Int
    ) throws(StoreFault) -> AnnualStatement {
        guard let first = CivilDate(year: year, month: 1, day: 1),
            let last = CivilDate(year: year, month: 12, day: 31)
        else { throw .corrupt("\(year) is no year") }
        var statement = AnnualStatement(
            year: year, months: try months(MonthQuestion(from: first, count: 12), of: person))
        var before: UInt64?
        while true {
            guard
                case .entries(let found) = try read(
                    .historyOf(
                        person, from: first, through: last, before: before,
                        limit: Self.entriesAtOnce))
            else { break }
            for entry in found { statement.take(entry, of: person) }
            guard found.count == Self.entriesAtOnce, let oldest = found.last else { break }
            before = oldest.sequence
        }
        if case .claims(let claims) = try read(.claimsOf(person)) {
            for claim in claims
            where claim.events.contains(where: { $0.step == .approve && $0.date.year == year }) {
                statement.take(claim)
            }
        }
        try takeContributions(of: person, into: &statement)
        statement.sort()
        return statement
    }

    private static var entriesAtOnce: Int { 1_000 }

    private func takeContributions(
        of person: PersonID, into statement: inout AnnualStatement
    ) throws(StoreFault) {
        // A person has some hundred periods in a life.
        guard
            case .contributions(let rows) = try read(
                .contributionsOf(person, before: nil, limit: 1_200))
        else { return }
        for row in rows where row.paidDate.year == statement.year {
            statement.contributions.periods += 1
            statement.contributions.employerPart += row.employerPart
            statement.contributions.individualPart += row.individualPart
            statement.contributions.credited += row.credited
        }
    }
}
