import SettlementDomain

/// One transaction with an effect, as reconciliation and clearing count it.
///
/// - Source: Protocol/Reconciliation.md, "What counts".
public struct DayTransaction: Sendable, Hashable {
    /// Its key.
    public var key: RequestKey
    /// `settle`, `void`, `refund` or `reversal`.
    public var kind: RequestKind
    /// A settle's total; of the others the total that was given back, below zero where a void or
    /// refund was reversed.
    public var total: Money
    /// The part of `total` that was not the patient's cash.
    public var insured: Money
    /// The settlement that it made or undid; nil where a terminal does not say.
    public var settlement: SettlementID?
    /// When, milliseconds since 1970 UTC; 0 where a terminal does not say.
    public var time: Int64

    /// Creates a transaction of its parts.
    public init(
        key: RequestKey, kind: RequestKind, total: Money, insured: Money,
        settlement: SettlementID? = nil, time: Int64 = 0
    ) {
        self.key = key
        self.kind = kind
        self.total = total
        self.insured = insured
        self.settlement = settlement
        self.time = time
    }
}

extension RequestKey: Comparable {
    /// Whether the left key comes first: by terminal, date, STAN.
    public static func < (left: RequestKey, right: RequestKey) -> Bool {
        if left.terminal != right.terminal { return left.terminal < right.terminal }
        if left.date != right.date { return left.date < right.date }
        return left.stan < right.stan
    }
}

/// Whose transactions are reconciled.
public enum ReconciliationScope: UInt8, Sendable, Hashable, CaseIterable {
    /// Those of the terminal that asks.
    case terminal = 0
    /// Those of all terminals of its institution.
    case institution = 1
}

/// Count and sums of a date's transactions of one kind.
public struct KindTotals: Sendable, Hashable {
    /// `settle`, `void`, `refund` or `reversal`.
    public var kind: RequestKind
    /// How many.
    public var count: UInt32
    /// The sum of their totals.
    public var total: Money
    /// The sum of what was not cash.
    public var insured: Money

    /// Creates totals of their parts.
    public init(
        kind: RequestKind, count: UInt32 = 0, total: Money = .zero, insured: Money = .zero
    ) {
        self.kind = kind
        self.count = count
        self.total = total
        self.insured = insured
    }
}

/// What a terminal says of its transactions whose keys lie in a range.
public struct ReconciledRange: Sendable, Hashable {
    /// The terminal's side of it.
    public enum Content: Sendable, Hashable {
        /// How many, and the sum of their digests.
        case digest(count: UInt32, digest: UInt64)
        /// Each of them.
        case list([DayTransaction])
    }

    /// The first key of the range; nil: from the beginning.
    public var first: RequestKey?
    /// The last key of the range; nil: to the end.
    public var last: RequestKey?
    /// What the terminal has in it.
    public var content: Content

    /// Creates a range of its parts.
    public init(first: RequestKey?, last: RequestKey?, content: Content) {
        self.first = first
        self.last = last
        self.content = content
    }
}

/// A transaction on which terminal and daemon disagree.
public struct Difference: Sendable, Hashable {
    /// As the terminal has it; nil: it has none.
    public var terminal: DayTransaction?
    /// As the daemon has it; nil: it has none.
    public var daemon: DayTransaction?

    /// Creates a difference of its sides.
    public init(terminal: DayTransaction?, daemon: DayTransaction?) {
        self.terminal = terminal
        self.daemon = daemon
    }
}
