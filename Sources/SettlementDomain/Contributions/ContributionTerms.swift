/// What a region's policy says of contributions.
///
/// - Source: Protocol/Contributions.md.
public struct ContributionTerms: Sendable, Hashable {
    /// Rates of employees; a category without one pays nothing.
    public var rates: [ContributionRate]
    /// How many months after the business date's month a period may begin; 0...24.
    public var payableAheadMonths: Int
    /// The lowest monthly base.
    public var baseFloor: Money
    /// The highest monthly base.
    public var baseCeiling: Money
    /// What goes to the individual account; nothing where no band fits.
    public var credits: [CreditBand]
    /// What retired persons get from the pooled fund.
    public var retirees: [RetireeBand]
    /// What residents pay for a year.
    public var residents: [ResidentAmount]
    /// Of a year, on the account's balance at the end of each of its days.
    public var interest: Ratio
    /// Arrears; nil: coverage is never suspended for them.
    public var arrears: ArrearsRule?

    /// Creates terms of their parts; `PolicyLint` says whether they make sense.
    public init(
        rates: [ContributionRate], payableAheadMonths: Int = 0, baseFloor: Money,
        baseCeiling: Money, credits: [CreditBand], retirees: [RetireeBand],
        residents: [ResidentAmount], interest: Ratio, arrears: ArrearsRule?
    ) {
        self.rates = rates
        self.payableAheadMonths = payableAheadMonths
        self.baseFloor = baseFloor
        self.baseCeiling = baseCeiling
        self.credits = credits
        self.retirees = retirees
        self.residents = residents
        self.interest = interest
        self.arrears = arrears
    }
}

/// What a contribution must be and where it goes; `employer + individual = credited + pooled`.
public struct ContributionAmounts: Sendable, Hashable {
    /// What the employer pays.
    public var employer: Money
    /// What the person pays.
    public var individual: Money
    /// What of both goes to the individual account.
    public var credited: Money

    /// What of both goes to the pooled fund.
    public var pooled: Money { employer + individual - credited }

    /// Creates amounts.
    public init(employer: Money, individual: Money, credited: Money) {
        self.employer = employer
        self.individual = individual
        self.credited = credited
    }
}

/// Why no contribution of a person is possible for a period and base.
public enum ContributionRefusal: Error, Sendable, Hashable {
    /// Persons of this category pay nothing: the retired, and those whom the policy names not.
    case categoryPaysNothing
    /// An employee pays by month, a resident by year.
    case periodOfOtherLength
    /// Below `floor` or above `ceiling`; of a resident both are zero.
    case baseOutOfRange(floor: Money, ceiling: Money)
}

extension ContributionTerms {
    /// What a contribution for a person must be.
    ///
    /// Each part is round(base × rate); the credited part is round(base × its band's share) and
    /// never above both parts; half away from zero to the fen. A resident's base is zero.
    /// The birth date decides the band, by the age on the period's first day; without an account
    /// all goes to the pooled fund.
    public func amounts(
        for category: PersonCategory, born birthDate: CivilDate, hasAccount: Bool,
        period: ContributionPeriod, base: Money
    ) -> Result<ContributionAmounts, ContributionRefusal> {
        if let resident = residents.first(where: { $0.category == category }) {
            guard period.isYear else { return .failure(.periodOfOtherLength) }
            guard base == .zero else {
                return .failure(.baseOutOfRange(floor: .zero, ceiling: .zero))
            }
            return .success(
                ContributionAmounts(employer: .zero, individual: resident.yearly, credited: .zero))
        }
        guard let rate = rates.first(where: { $0.category == category }) else {
            return .failure(.categoryPaysNothing)
        }
        guard !period.isYear else { return .failure(.periodOfOtherLength) }
        guard base >= baseFloor, base <= baseCeiling else {
            return .failure(.baseOutOfRange(floor: baseFloor, ceiling: baseCeiling))
        }
        let employer = base.share(rate.employer)
        let individual = base.share(rate.individual)
        let age = birthDate.years(to: period.firstDay)
        let band = credits.filter { $0.category == category && $0.ageFrom <= age }
            .max { $0.ageFrom < $1.ageFrom }
        let share = hasAccount ? base.share(band?.ofBase ?? .zero) : .zero
        return .success(
            ContributionAmounts(
                employer: employer, individual: individual,
                credited: min(share, employer + individual)))
    }

    /// What the pooled fund credits to a retired person's account for a month; zero where no band
    /// fits.
    public func retireeCredit(born birthDate: CivilDate, month: ContributionPeriod) -> Money {
        let age = birthDate.years(to: month.firstDay)
        return retirees.filter { $0.ageFrom <= age }.max { $0.ageFrom < $1.ageFrom }?.monthly
            ?? .zero
    }
}

extension ContributionTerms {
    /// Whether a period may be paid for on a business date.
    public func isPayable(_ period: ContributionPeriod, on day: CivilDate) -> Bool {
        Self.months(day) + payableAheadMonths >= Self.months(period.firstDay)
    }

    /// The months without payment that have ended before a day, as arrears count them.
    ///
    /// Zero without a rule and for those who pay nothing. `paidThrough` is the last month that was
    /// paid for.
    public func unpaidMonths(
        of category: PersonCategory, paidThrough: ContributionPeriod?, on day: CivilDate
    ) -> Int {
        guard let arrears, pays(category) else { return 0 }
        let before = Self.months(arrears.countedFrom) - 1
        let paid = paidThrough.map { Self.months($0.lastMonth) } ?? before
        return max(0, Self.months(day) - 1 - max(paid, before))
    }

    /// Whether arrears suspend the coverage of a person on a day.
    public func isInArrears(
        _ category: PersonCategory, paidThrough: ContributionPeriod?, on day: CivilDate
    ) -> Bool {
        guard let arrears else { return false }
        return unpaidMonths(of: category, paidThrough: paidThrough, on: day)
            >= arrears.suspendedAfterMonths
    }

    /// The day from which a payment made on a day lets the pooled fund pay again.
    public func coveredFrom(paidOn day: CivilDate) -> CivilDate {
        arrears?.restored == .nextMonth ? day.startOfNextMonth : day
    }

    /// Whether persons of a category pay contributions.
    public func pays(_ category: PersonCategory) -> Bool {
        rates.contains { $0.category == category }
            || residents.contains { $0.category == category }
    }

    private static func months(_ day: CivilDate) -> Int { day.year * 12 + day.month }
}
