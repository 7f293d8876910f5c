import Ledger
import SettlementDomain

/// What an approved void, refund or reversal did.
public struct UndoResponse: Sendable, Hashable {
    /// Which settlement it concerns.
    public var settlement: SettlementID
    /// What that settlement is now.
    public var state: StatusAnswer.State
    /// The business date under which it was booked.
    public var settledDate: CivilDate
    /// What it took before less what it takes now, without parts and owners.
    ///
    /// Its `cash` is to be handed out.
    public var givenBack: Split
    /// Each relative's share of `givenBack.family`.
    public var family: [FamilyPayment]
    /// What it takes now; nil where nothing remains.
    public var remaining: Split?
    /// The own account's, after it.
    public var balance: Money
    /// After it, in the visit's benefit category.
    public var accumulator: YearlyUse?
    /// The person's name, masked.
    public var nameMasked: String

    /// Creates a response of its parts.
    public init(
        settlement: SettlementID, state: StatusAnswer.State, settledDate: CivilDate,
        givenBack: Split, family: [FamilyPayment], remaining: Split?, balance: Money,
        accumulator: YearlyUse?, nameMasked: String
    ) {
        self.settlement = settlement
        self.state = state
        self.settledDate = settledDate
        self.givenBack = givenBack
        self.family = family
        self.remaining = remaining
        self.balance = balance
        self.accumulator = accumulator
        self.nameMasked = nameMasked
    }
}

/// A settlement's details once more, and what became of it.
public struct ReceiptCopy: Sendable, Hashable {
    /// What it is now.
    public var state: StatusAnswer.State
    /// The business date under which it was booked.
    public var settledDate: CivilDate
    /// When the service was given.
    public var serviceDate: CivilDate
    /// What the patient came for.
    public var visitType: VisitType
    /// The lines as settled, their items by national code.
    public var lines: [BillLine]
    /// The result of the answer as it was recorded.
    public var originalResult: ResultFields
    /// The answer as it was recorded.
    public var original: SettlementResponse
    /// What became of it since, oldest first.
    public var undone: [UndoneStep]
    /// What it takes now; nil where nothing remains.
    public var remaining: Split?
    /// Whether trace codes, and perhaps the oldest of `undone`, did not fit into the frame.
    public var isShortened: Bool

    /// Creates a copy of its parts.
    public init(
        state: StatusAnswer.State, settledDate: CivilDate, serviceDate: CivilDate,
        visitType: VisitType, lines: [BillLine], originalResult: ResultFields,
        original: SettlementResponse, undone: [UndoneStep], remaining: Split?, isShortened: Bool
    ) {
        self.state = state
        self.settledDate = settledDate
        self.serviceDate = serviceDate
        self.visitType = visitType
        self.lines = lines
        self.originalResult = originalResult
        self.original = original
        self.undone = undone
        self.remaining = remaining
        self.isShortened = isShortened
    }
}

/// One void, refund or reversal of a settlement.
public struct UndoneStep: Sendable, Hashable {
    /// `void`, `refund` or `reversal`.
    public var kind: RequestKind
    /// The key of the request that did it.
    public var key: RequestKey
    /// The business date under which it is booked.
    public var bookedDate: CivilDate
    /// When, milliseconds since 1970 UTC.
    public var time: Int64
    /// What the settlement was after it.
    public var state: StatusAnswer.State
    /// What came back by a refund.
    public var lines: [RefundLine]
    /// As in `UndoResponse`.
    public var givenBack: Split

    /// Creates a step of its parts.
    public init(
        kind: RequestKind, key: RequestKey, bookedDate: CivilDate, time: Int64,
        state: StatusAnswer.State, lines: [RefundLine], givenBack: Split
    ) {
        self.kind = kind
        self.key = key
        self.bookedDate = bookedDate
        self.time = time
        self.state = state
        self.lines = lines
        self.givenBack = givenBack
    }
}
