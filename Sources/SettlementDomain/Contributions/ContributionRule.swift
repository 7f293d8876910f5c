/// What is paid every month for persons of one category, as shares of their base.
public struct ContributionRate: Sendable, Hashable {
    /// Of an employee: `active` or `flexibleEmployment`.
    public var category: PersonCategory
    /// What the employer pays; zero for flexible employment.
    public var employer: Ratio
    /// What the person pays.
    public var individual: Ratio

    /// Creates a rate of its parts.
    public init(category: PersonCategory, employer: Ratio, individual: Ratio) {
        self.category = category
        self.employer = employer
        self.individual = individual
    }
}

/// The share of the base that goes to the individual account from an age on.
public struct CreditBand: Sendable, Hashable {
    /// Of an employee: `active` or `flexibleEmployment`.
    public var category: PersonCategory
    /// Completed years on the period's first day from which it holds, until a higher band's.
    public var ageFrom: Int
    /// Of the base; never more than both parts together.
    public var ofBase: Ratio

    /// Creates a band of its parts.
    public init(category: PersonCategory, ageFrom: Int, ofBase: Ratio) {
        self.category = category
        self.ageFrom = ageFrom
        self.ofBase = ofBase
    }
}

/// What the pooled fund credits to a retired person's account every month, from an age on.
public struct RetireeBand: Sendable, Hashable {
    /// Completed years on the month's first day from which it holds, until a higher band's.
    public var ageFrom: Int
    /// Every month.
    public var monthly: Money

    /// Creates a band of its parts.
    public init(ageFrom: Int, monthly: Money) {
        self.ageFrom = ageFrom
        self.monthly = monthly
    }
}

/// The fixed amount that a resident pays for a year.
public struct ResidentAmount: Sendable, Hashable {
    /// `adultResident` or `minor`.
    public var category: PersonCategory
    /// For the whole year; all of it goes to the pooled fund.
    public var yearly: Money

    /// Creates an amount of its parts.
    public init(category: PersonCategory, yearly: Money) {
        self.category = category
        self.yearly = yearly
    }
}

/// From when on a payment lets the pooled fund pay again for a person in arrears.
public enum CoverageRestoration: UInt8, NamedCode {
    /// From the business date of the payment.
    case immediately = 1
    /// From the first day of the month after it.
    case nextMonth = 2
}

/// When unpaid months suspend the pooled benefit, and when a payment restores it.
public struct ArrearsRule: Sendable, Hashable {
    /// So many ended months in a row without payment suspend it; 1...60.
    public var suspendedAfterMonths: Int
    /// Months before this day's are nobody's arrears: before it other books were kept.
    public var countedFrom: CivilDate
    /// From when on a payment counts.
    public var restored: CoverageRestoration

    /// Creates a rule of its parts.
    public init(
        suspendedAfterMonths: Int, countedFrom: CivilDate, restored: CoverageRestoration
    ) {
        self.suspendedAfterMonths = suspendedAfterMonths
        self.countedFrom = countedFrom
        self.restored = restored
    }
}
