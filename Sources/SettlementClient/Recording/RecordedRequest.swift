import Ledger
import SettlementDomain

/// One request of a recorded workload: what was asked, by whom and when, with card data replaced.
///
/// - Source: Protocol/Recording.md.
public struct RecordedRequest: Sendable, Hashable {
    /// Microseconds after the recording's start.
    public var offset: UInt64
    /// The recording's number of the terminal, from 1.
    public var terminal: UInt32
    /// By what others name it; nil where it has no key, and in recordings of version 1.
    public var key: RecordedKey?
    /// What was asked.
    public var content: Content

    /// What a terminal may be recorded asking.
    public enum Content: Sendable, Hashable {
        case echo
        /// What became of the terminal's keyed request so many before this one; 1 is the latest.
        case status(back: UInt32)
        /// What became of the request with this name.
        case statusOf(RecordedName)
        /// A card inquiry.
        case inquiry(RecordedCard)
        case quote(RecordedSale)
        case settle(RecordedSale)
        case void(RecordedUndoing)
        case refund(RecordedUndoing)
        case reversal(RecordedUndoing)
        /// A receipt's copy.
        case copy(RecordedName)
    }

    /// Creates a request of its parts.
    public init(offset: UInt64, terminal: UInt32, key: RecordedKey? = nil, content: Content) {
        self.offset = offset
        self.terminal = terminal
        self.key = key
        self.content = content
    }

    /// By what others name it; nil where it has no key.
    public var name: RecordedName? { key.map { RecordedName(terminal: terminal, key: $0) } }
}

/// The key of a recorded request, without its terminal.
public struct RecordedKey: Sendable, Hashable {
    /// Days from the date of the recording's first key; may be below 0.
    public var day: Int32
    /// The STAN, 1...999999.
    public var stan: UInt32

    /// Creates a key of its parts.
    public init(day: Int32, stan: UInt32) {
        self.day = day
        self.stan = stan
    }
}

/// Names a recorded request: its terminal's number and its key.
public struct RecordedName: Sendable, Hashable {
    /// The recording's number of the terminal, from 1.
    public var terminal: UInt32
    /// The request's key.
    public var key: RecordedKey

    /// Creates a name of its parts.
    public init(terminal: UInt32, key: RecordedKey) {
        self.terminal = terminal
        self.key = key
    }
}

/// A card in a recording: a number instead of the card's own.
public struct RecordedCard: Sendable, Hashable {
    /// From 1, in the order in which cards appear; equal for equal cards.
    public var number: UInt32
    /// Whether the request carried a PIN block.
    public var hasPIN: Bool

    /// Creates a card of its parts.
    public init(number: UInt32, hasPIN: Bool = true) {
        self.number = number
        self.hasPIN = hasPIN
    }
}

/// What was sold, without key and card data.
public struct RecordedSale: Sendable, Hashable {
    /// Which card paid.
    public var card: RecordedCard
    /// What the patient came for.
    public var visitType: VisitType
    /// Whether partial approval was allowed.
    public var partialAllowed: Bool
    /// The most that the own account should pay.
    public var accountLimit: Money?
    /// Days from the service date to the request's business date; 0: the same day.
    public var serviceDaysBefore: UInt32
    /// The lines.
    public var lines: [RecordedLine]

    /// Creates a sale of its parts.
    public init(
        card: RecordedCard, visitType: VisitType, partialAllowed: Bool,
        accountLimit: Money? = nil, serviceDaysBefore: UInt32 = 0, lines: [RecordedLine]
    ) {
        self.card = card
        self.visitType = visitType
        self.partialAllowed = partialAllowed
        self.accountLimit = accountLimit
        self.serviceDaysBefore = serviceDaysBefore
        self.lines = lines
    }
}

/// One line of a recorded sale; trace codes are counted, not kept.
public struct RecordedLine: Sendable, Hashable {
    /// The item, by national code whatever the request named it by.
    public var code: ItemCode
    /// How much of it.
    public var quantity: Quantity
    /// The price of one unit.
    public var unitPrice: UnitPrice
    /// What was charged.
    public var amount: Money
    /// Days prescribed for; 0: not given.
    public var courseDays: UInt32
    /// How many trace codes the line had.
    public var traceCodes: UInt32

    /// Creates a line of its parts.
    public init(
        code: ItemCode, quantity: Quantity, unitPrice: UnitPrice, amount: Money,
        courseDays: UInt32 = 0, traceCodes: UInt32 = 0
    ) {
        self.code = code
        self.quantity = quantity
        self.unitPrice = unitPrice
        self.amount = amount
        self.courseDays = courseDays
        self.traceCodes = traceCodes
    }
}
