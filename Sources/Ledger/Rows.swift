import SettlementDomain

/// A card as it stands.
public struct CardRow: Sendable, Hashable {
    /// What was done to the card; a lock of its PIN and its expiry are told by other fields.
    public enum State: UInt8, Sendable { case active = 1, lost = 2, cancelled = 3 }

    /// The number on the card.
    public var number: CardNumber
    /// Whose card it is.
    public var person: PersonID
    /// Active, reported lost or cancelled.
    public var state: State
    /// The last day on which it is good.
    public var expires: CivilDate
    /// What the PIN is compared with; nil where no PIN was ever set.
    public var verification: PINVerification?
    /// Wrong PINs in a row, 0...`triesMax`; at `triesMax` the PIN is locked.
    public var triesFailed: UInt8

    /// Three wrong PINs in a row lock it.
    public static let triesMax: UInt8 = 3

    /// Creates a card's row.
    public init(
        number: CardNumber, person: PersonID, state: State, expires: CivilDate,
        verification: PINVerification?, triesFailed: UInt8
    ) {
        self.number = number
        self.person = person
        self.state = state
        self.expires = expires
        self.verification = verification
        self.triesFailed = triesFailed
    }
}

/// A PIN verification value under one verification key: 16 bytes as two big-endian words.
public struct PINVerification: Sendable, Hashable {
    /// Which verification key made it.
    public var keyID: UInt16
    /// Bytes 0 to 7.
    public var high: UInt64
    /// Bytes 8 to 15.
    public var low: UInt64

    /// Creates a value of its parts.
    public init(keyID: UInt16, high: UInt64, low: UInt64) {
        self.keyID = keyID
        self.high = high
        self.low = low
    }

    /// Whether both were made by the same key from the same card and PIN, in constant time.
    public func matches(_ other: PINVerification) -> Bool {
        (high ^ other.high) | (low ^ other.low) | UInt64(keyID ^ other.keyID) == 0
    }
}

/// An insured person as the ledger knows them.
public struct PersonRow: Sendable, Hashable {
    /// What sorting and splitting need.
    public var person: Person
    /// The full name; answers carry it masked.
    public var name: String
    /// The ID document's number.
    public var idNumber: IDNumber
    /// Whether every payment is refused to this person (code 57).
    public var frozen: Bool
    /// How they stand with contributions.
    public var standing: ContributionStanding

    /// Creates a person's row.
    public init(
        person: Person, name: String, idNumber: IDNumber, frozen: Bool,
        standing: ContributionStanding = .unknown
    ) {
        self.person = person
        self.name = name
        self.idNumber = idNumber
        self.frozen = frozen
        self.standing = standing
    }
}

/// An individual account: its balance and the head of its hash chain.
public struct AccountRow: Sendable, Hashable {
    /// Whose account it is.
    public var person: PersonID
    /// Never below zero; equals the sum of the account's postings.
    public var balance: Money
    /// How many entries have posted to it.
    public var entries: UInt64
    /// The hash of the newest of them; `Digest.zero` before the first.
    public var head: Digest

    /// Creates an account's row.
    public init(person: PersonID, balance: Money, entries: UInt64, head: Digest) {
        self.person = person
        self.balance = balance
        self.entries = entries
        self.head = head
    }
}

/// Which year's use of which benefit category, of whom.
public struct AccumulatorKey: Sendable, Hashable {
    /// Of whom.
    public var person: PersonID
    /// The calendar year of the service date.
    public var year: UInt16
    /// The benefit category of the visit.
    public var category: BenefitCategory

    /// Creates a key of its parts.
    public init(person: PersonID, year: UInt16, category: BenefitCategory) {
        self.person = person
        self.year = year
        self.category = category
    }
}

/// What a person has used of a year's limits in one benefit category.
public struct AccumulatorRow: Sendable, Hashable {
    /// Whose, when, of what.
    public var key: AccumulatorKey
    /// The amounts, and each supplementary plan's.
    public var used: Accumulators

    /// Creates an accumulator's row.
    public init(key: AccumulatorKey, used: Accumulators) {
        self.key = key
        self.used = used
    }
}

/// A drug package's trace code that was paid for, or was and is free again.
public struct TraceCodeRow: Sendable, Hashable {
    /// The code on the package.
    public var code: TraceCode
    /// How many settlements and claims that stand have taken it: where a policy demands no codes, more
    /// than one may.
    public var takings: Int
    /// Whether a settlement or claim that stands has taken it.
    public var isTaken: Bool { takings > 0 }

    /// Creates a trace code's row.
    public init(code: TraceCode, takings: Int) {
        self.code = code
        self.takings = takings
    }
}

/// Whose use of which item.
public struct UsageKey: Sendable, Hashable {
    /// Of whom.
    public var person: PersonID
    /// Of which item.
    public var code: ItemCode

    /// Creates a key of its parts.
    public init(person: PersonID, code: ItemCode) {
        self.person = person
        self.code = code
    }
}

/// What a person was paid for of one restricted item, newest last.
public struct UsageRow: Sendable, Hashable {
    /// Whose, of what.
    public var key: UsageKey
    /// Each paid part, with its day; older than `UsageHistory`'s longest window are dropped.
    public var history: UsageHistory

    /// Creates a usage row.
    public init(key: UsageKey, history: UsageHistory) {
        self.key = key
        self.history = history
    }
}

/// The owners on whose accounts a person may draw, in the order in which they were linked.
public struct FamilyRow: Sendable, Hashable {
    /// The relative who draws.
    public var member: PersonID
    /// The links in force, oldest first; at most `linksMax`.
    public var links: [FamilyLink]

    /// The most owners a person may have.
    public static let linksMax = 8

    /// Creates a family row.
    public init(member: PersonID, links: [FamilyLink]) {
        self.member = member
        self.links = links
    }
}

/// A sum credited to an individual account, kept so that the same credit is never made twice.
public struct CreditKey: Sendable, Hashable {
    /// Whose account.
    public var person: PersonID
    /// The collector's reference for it: unique per person.
    public var reference: String

    /// Creates a key of its parts.
    public init(person: PersonID, reference: String) {
        self.person = person
        self.reference = reference
    }
}

/// A credit that was made.
public struct CreditRow: Sendable, Hashable {
    /// Whose, by which reference.
    public var key: CreditKey
    /// How much.
    public var amount: Money
    /// Who collected it: the ledger account `contributions:<collector>`.
    public var collector: String

    /// Creates a credit's row.
    public init(key: CreditKey, amount: Money, collector: String) {
        self.key = key
        self.amount = amount
        self.collector = collector
    }
}

/// A designated institution, or the agency itself.
public struct InstitutionRow: Sendable, Hashable {
    /// Everything known of it.
    public var institution: Institution

    /// Creates an institution's row.
    public init(institution: Institution) {
        self.institution = institution
    }
}

/// A registered terminal.
///
/// Its master key is in the key store, not here.
public struct TerminalRow: Sendable, Hashable {
    /// Eight characters; the client certificate names the same.
    public var id: TerminalID
    /// Where it stands.
    public var institution: InstitutionID
    /// Which transactions it may make.
    public var role: Role
    /// Whether it is refused at sign-on and in mid-session (code 58).
    public var blocked: Bool

    /// Creates a terminal's row.
    public init(id: TerminalID, institution: InstitutionID, role: Role, blocked: Bool) {
        self.id = id
        self.institution = institution
        self.role = role
        self.blocked = blocked
    }
}
