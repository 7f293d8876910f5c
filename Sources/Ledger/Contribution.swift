import SettlementDomain

/// A request about contributions.
public enum ContributionCommand: Sendable, Hashable {
    /// Pays for one person and period.
    case pay(ContributionLine)
    /// Declares a page of lines, each for itself.
    case declare(DeclarationPage)

    /// The frame kind of Protocol/Frames.md.
    public var kind: RequestKind {
        switch self {
        case .pay: .contributionPayment
        case .declare: .contributionDeclaration
        }
    }
}

/// What is paid for one person and period, as it came; what cannot be read is nil.
public struct ContributionLine: Sendable, Hashable {
    /// The full name as the ID document says; nil: no UTF-8 of 1...90 bytes.
    public var name: String?
    /// The ID number; nil: not 18 characters with their check character.
    public var idNumber: IDNumber?
    /// For what; nil: no month or year of 2000...2099.
    public var period: ContributionPeriod?
    /// The month's base; zero for a resident's year.
    public var base: Money
    /// What the employer pays.
    public var employerPart: Money
    /// What the person pays.
    public var individualPart: Money
    /// The employer.
    public var employer: Employer

    /// The longest name, UTF-8.
    public static let nameBytesMax = 90

    /// How a line names the employer.
    public enum Employer: Sendable, Hashable {
        /// Not at all: the one that is registered for the person.
        case registered
        case named(InstitutionID)
        /// By something that is no institution's code.
        case unreadable
    }

    /// Creates a line of its parts.
    public init(
        name: String?, idNumber: IDNumber?, period: ContributionPeriod?, base: Money,
        employerPart: Money, individualPart: Money, employer: Employer = .registered
    ) {
        self.name = name
        self.idNumber = idNumber
        self.period = period
        self.base = base
        self.employerPart = employerPart
        self.individualPart = individualPart
        self.employer = employer
    }
}

/// What a contribution did.
public struct ContributionAnswer: Sendable, Hashable {
    /// The person's name, masked.
    public var nameMasked: String
    /// What was paid, and where it went.
    public var row: ContributionRow
    /// The individual account's balance after it; nil where there is no account.
    public var balance: Money?
    /// The person's coverage on the business date after it.
    public var coverage: CoverageStatus
    /// How the person stands after it.
    public var standing: ContributionStanding

    /// Creates an answer of its parts.
    public init(
        nameMasked: String, row: ContributionRow, balance: Money?, coverage: CoverageStatus,
        standing: ContributionStanding
    ) {
        self.nameMasked = nameMasked
        self.row = row
        self.balance = balance
        self.coverage = coverage
        self.standing = standing
    }
}
