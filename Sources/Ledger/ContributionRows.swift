import SettlementDomain

/// How a person stands with contributions.
public struct ContributionStanding: Sendable, Hashable {
    /// The employer that pays for the person; nil: none is known.
    public var employer: InstitutionID?
    /// The newest month that was paid for; nil: none.
    public var paidThrough: ContributionPeriod?
    /// With suspended coverage, its first day; nil: not known, all days before count as well.
    public var suspendedFrom: CivilDate?
    /// With suspended coverage, the day from which a payment restores it; nil: none was made.
    public var coveredFrom: CivilDate?

    /// Nothing is known.
    public static let unknown = ContributionStanding()

    /// Creates a standing of its parts.
    public init(
        employer: InstitutionID? = nil, paidThrough: ContributionPeriod? = nil,
        suspendedFrom: CivilDate? = nil, coveredFrom: CivilDate? = nil
    ) {
        self.employer = employer
        self.paidThrough = paidThrough
        self.suspendedFrom = suspendedFrom
        self.coveredFrom = coveredFrom
    }
}

extension PersonRow {
    /// The person with the coverage of a day: suspended from the day of a suspension until that from
    /// which a payment restored it.
    public func covered(on day: CivilDate) -> PersonRow {
        guard person.coverage == .suspended else { return self }
        let isBefore = standing.suspendedFrom.map { day < $0 } ?? false
        let isAfter = standing.coveredFrom.map { $0 <= day } ?? false
        guard isBefore || isAfter else { return self }
        var row = self
        row.person.coverage = .active
        return row
    }
}

/// Which contribution: of whom, for what.
public struct ContributionKey: Sendable, Hashable {
    /// Of whom.
    public var person: PersonID
    /// For which month or year.
    public var period: ContributionPeriod

    /// Creates a key of its parts.
    public init(person: PersonID, period: ContributionPeriod) {
        self.person = person
        self.period = period
    }
}

/// A contribution that was paid: one for a person and period.
public struct ContributionRow: Sendable, Hashable {
    /// Whose, for what.
    public var key: ContributionKey
    /// The month's base; zero for a resident's year.
    public var base: Money
    /// What the employer paid.
    public var employerPart: Money
    /// What the person paid.
    public var individualPart: Money
    /// What of both went to the individual account; the rest went to the pooled fund.
    public var credited: Money
    /// The business date of the payment.
    public var paidDate: CivilDate
    /// Whose terminal took it: the ledger account `contributions:<collector>`.
    public var collector: InstitutionID
    /// The employer that paid; nil: the person paid all.
    public var employer: InstitutionID?

    /// Creates a contribution's row.
    public init(
        key: ContributionKey, base: Money, employerPart: Money, individualPart: Money,
        credited: Money, paidDate: CivilDate, collector: InstitutionID, employer: InstitutionID?
    ) {
        self.key = key
        self.base = base
        self.employerPart = employerPart
        self.individualPart = individualPart
        self.credited = credited
        self.paidDate = paidDate
        self.collector = collector
        self.employer = employer
    }

    /// What was paid in all.
    public var paid: Money { employerPart + individualPart }
}
