import SettlementDomain

/// A request to undo a whole settlement of the present business date.
public struct VoidCommand: Sendable, Hashable {
    /// Which settlement.
    public var settlement: SettlementID
    /// The card that paid; nil where its check digit is wrong (code 77: it is not the original's).
    public var card: CardNumber?
    /// The settlement's total.
    public var total: Money

    /// Creates a command of its parts.
    public init(settlement: SettlementID, card: CardNumber?, total: Money) {
        self.settlement = settlement
        self.card = card
        self.total = total
    }
}

/// A request to give back lines of a settlement, or quantities of them.
public struct RefundCommand: Sendable, Hashable {
    /// Which settlement.
    public var settlement: SettlementID
    /// The card that paid; nil where its check digit is wrong (code 77: it is not the original's).
    public var card: CardNumber?
    /// What comes back, 1...200 lines, none twice.
    public var lines: [RefundLine]
    /// What the refunded amounts sum to; nil: not checked.
    public var total: Money?

    /// Creates a command of its parts.
    public init(
        settlement: SettlementID, card: CardNumber?, lines: [RefundLine], total: Money?
    ) {
        self.settlement = settlement
        self.card = card
        self.lines = lines
        self.total = total
    }
}

/// One line of a refund request.
public struct RefundLine: Sendable, Hashable {
    /// The line's position in the settle request, from 0.
    public var line: Int
    /// How much of it comes back; nil: all that remains.
    public var quantity: Quantity?
    /// The packages that come back; not needed for a whole line.
    public var traceCodes: [TraceCode]

    /// Creates a line of its parts.
    public init(line: Int, quantity: Quantity?, traceCodes: [TraceCode]) {
        self.line = line
        self.quantity = quantity
        self.traceCodes = traceCodes
    }
}

/// A request to undo a settle, void or refund of the same terminal that had no answer.
public struct ReversalCommand: Sendable, Hashable {
    /// The key of the request to undo.
    public var original: RequestKey
    /// The card in it; nil where its check digit is wrong (code 77: it is not the original's).
    public var card: CardNumber?
    /// The total in it.
    public var total: Money

    /// Creates a command of its parts.
    public init(original: RequestKey, card: CardNumber?, total: Money) {
        self.original = original
        self.card = card
        self.total = total
    }
}
