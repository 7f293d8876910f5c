import SettlementDomain

/// A recorded void, refund or reversal, without key and card data.
public struct RecordedUndoing: Sendable, Hashable {
    /// What it undoes.
    public var original: RecordedName
    /// The number of the card that it names, as in `RecordedCard`.
    public var card: UInt32
    /// The total that it names; nil: none.
    public var total: Money?
    /// Of a refund: what comes back; otherwise empty.
    public var lines: [RecordedRefundLine]

    /// Creates an undoing of its parts.
    public init(
        original: RecordedName, card: UInt32, total: Money?, lines: [RecordedRefundLine] = []
    ) {
        self.original = original
        self.card = card
        self.total = total
        self.lines = lines
    }
}

/// One line of a recorded refund; trace codes are counted, not kept.
public struct RecordedRefundLine: Sendable, Hashable {
    /// The line's position in the settle request, from 0.
    public var line: UInt32
    /// How much of it comes back; nil: all that remains.
    public var quantity: Quantity?
    /// How many trace codes it named.
    public var traceCodes: UInt32

    /// Creates a line of its parts.
    public init(line: UInt32, quantity: Quantity?, traceCodes: UInt32 = 0) {
        self.line = line
        self.quantity = quantity
        self.traceCodes = traceCodes
    }
}
