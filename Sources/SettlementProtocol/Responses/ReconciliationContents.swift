import Ledger
import SettlementDomain

/// The daemon's totals of a date.
public struct ReconciliationTotalsContent: Sendable, Hashable {
    /// The booked date.
    public var date: CivilDate
    /// Whose transactions.
    public var scope: ReconciliationScope
    /// Whether nothing is added to the date any more.
    public var isClosed: Bool
    /// A kind that does not occur is left out.
    public var totals: [KindTotals]

    /// Creates totals of their parts.
    public init(
        date: CivilDate, scope: ReconciliationScope, isClosed: Bool, totals: [KindTotals]
    ) {
        self.date = date
        self.scope = scope
        self.isClosed = isClosed
        self.totals = totals
    }
}

/// A page of a date's transactions, in the order of their keys.
public struct ReconciliationDetailsContent: Sendable, Hashable {
    /// The booked date.
    public var date: CivilDate
    /// Whose transactions.
    public var scope: ReconciliationScope
    /// As the daemon has them.
    public var transactions: [DayTransaction]
    /// Whether there are more after the last one.
    public var hasMore: Bool

    /// Creates a page of its parts.
    public init(
        date: CivilDate, scope: ReconciliationScope, transactions: [DayTransaction], hasMore: Bool
    ) {
        self.date = date
        self.scope = scope
        self.transactions = transactions
        self.hasMore = hasMore
    }
}

/// Where terminal and daemon differ.
public struct ReconciliationDifferencesContent: Sendable, Hashable {
    /// The booked date.
    public var date: CivilDate
    /// Whose transactions.
    public var scope: ReconciliationScope
    /// The positions in the request of ranges by digest that differ.
    public var differingRanges: [Int]
    /// The differences within ranges by list, in the order of keys.
    public var differences: [Difference]
    /// Whether there are more differences than fit.
    public var hasMore: Bool

    /// Creates differences of their parts.
    public init(
        date: CivilDate, scope: ReconciliationScope, differingRanges: [Int],
        differences: [Difference], hasMore: Bool
    ) {
        self.date = date
        self.scope = scope
        self.differingRanges = differingRanges
        self.differences = differences
        self.hasMore = hasMore
    }
}
