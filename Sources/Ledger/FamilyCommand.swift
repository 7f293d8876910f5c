import SettlementDomain

/// A request of an account owner about the relatives who may draw on the account.
public struct FamilyCommand: Sendable {
    /// What is to be done.
    public enum Step: Sendable, Hashable {
        /// Lets the relative draw, or changes on what terms.
        case link(FamilyTerms)
        /// The relative may draw no more.
        case unlink
    }

    /// Whose account, and by what right.
    public var asking: Asking
    /// The relative.
    public var relative: Subject
    /// What is to be done.
    public var step: Step

    /// Creates a command of its parts.
    public init(asking: Asking, relative: Subject, step: Step) {
        self.asking = asking
        self.relative = relative
        self.step = step
    }

    /// The frame kind.
    public var kind: RequestKind {
        if case .link = step { .familyLink } else { .familyUnlink }
    }
}

/// On what terms a relative may draw.
public struct FamilyTerms: Sendable, Hashable {
    /// What the relative is to the owner.
    public var relationship: Relationship
    /// The most in a calendar year; nil: no limit.
    public var yearlyLimit: Money?
    /// The most on a business date; nil: no limit.
    public var dailyLimit: Money?
    /// The owner's place among those on whose accounts the relative draws, 1...8; nil: the last, or
    /// where it was.
    public var position: Int?

    /// Creates terms of their parts.
    public init(
        relationship: Relationship, yearlyLimit: Money?, dailyLimit: Money?, position: Int?
    ) {
        self.relationship = relationship
        self.yearlyLimit = yearlyLimit
        self.dailyLimit = dailyLimit
        self.position = position
    }
}

/// A link with the other person's masked name, as lists show it.
public struct NamedLink: Sendable, Hashable {
    /// The relative's name, or in a list of owners the owner's; masked.
    public var nameMasked: String
    /// The other person's masked ID number.
    public var idNumberMasked: String
    /// The owner's place among those on whose accounts the relative draws, from 1.
    public var position: Int
    /// The link; what was drawn is as of the business date.
    public var link: FamilyLink

    /// Creates a named link.
    public init(nameMasked: String, idNumberMasked: String, position: Int, link: FamilyLink) {
        self.nameMasked = nameMasked
        self.idNumberMasked = idNumberMasked
        self.position = position
        self.link = link
    }
}
