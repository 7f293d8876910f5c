import SettlementDomain

/// The answer to an approved void, refund or reversal.
public struct UndoAnswer: Sendable {
    /// Which settlement it concerns.
    public var settlement: SettlementID
    /// What the settlement is now.
    public var state: SettlementRow.State
    /// The business date under which the settlement was booked.
    public var settledDate: CivilDate
    /// What it took before less what it takes now, column by column, without parts.
    ///
    /// Below zero where a void or refund is reversed.
    public var givenBack: Split
    /// What it takes now; nil where nothing remains.
    public var remaining: Split?
    /// The own account's balance after it.
    public var balance: Money
    /// The year's use after it, in the visit's benefit category.
    public var accumulator: AccumulatorRow?
    /// The person's name, masked.
    public var nameMasked: String
    /// The masked names of the owners in `givenBack.owners`, in its order.
    public var ownersMasked: [String]

    /// Creates an answer of its parts.
    public init(
        settlement: SettlementID, state: SettlementRow.State, settledDate: CivilDate,
        givenBack: Split, remaining: Split?, balance: Money, accumulator: AccumulatorRow?,
        nameMasked: String, ownersMasked: [String]
    ) {
        self.settlement = settlement
        self.state = state
        self.settledDate = settledDate
        self.givenBack = givenBack
        self.remaining = remaining
        self.balance = balance
        self.accumulator = accumulator
        self.nameMasked = nameMasked
        self.ownersMasked = ownersMasked
    }
}

/// The answer to a request for a receipt's copy.
public struct ReceiptCopyAnswer: Sendable {
    /// The settlement as it is now, with all that became of it.
    public var settlement: SettlementRow
    /// The recorded body of the response to the settle request.
    public var original: [UInt8]

    /// Creates an answer of its parts.
    public init(settlement: SettlementRow, original: [UInt8]) {
        self.settlement = settlement
        self.original = original
    }
}
