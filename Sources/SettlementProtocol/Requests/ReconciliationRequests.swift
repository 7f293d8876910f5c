import Ledger
import SettlementDomain

/// A transaction's key as it is written in a reconciliation.
public struct KeyOnWire: Sendable, Hashable {
    /// The terminal; nil: the one that asks.
    public var terminal: TerminalID?
    /// The date in the key; nil: the date that is reconciled.
    public var date: CivilDate?
    /// The STAN, 1...999999.
    public var stan: UInt32

    /// Creates a key of its parts.
    public init(terminal: TerminalID?, date: CivilDate?, stan: UInt32) {
        self.terminal = terminal
        self.date = date
        self.stan = stan
    }

    /// The whole key.
    public func resolved(at terminal: TerminalID, on date: CivilDate) -> RequestKey {
        RequestKey(terminal: self.terminal ?? terminal, date: self.date ?? date, stan: stan)
    }
}

/// Asks whether terminal and daemon agree on a date's totals.
public struct ReconciliationTotalsRequest: Sendable, Hashable {
    /// What every request begins with; the STAN may be anything.
    public var header: RequestHeader
    /// The booked date; nil: the daemon's business date.
    public var date: CivilDate?
    /// Whose transactions.
    public var scope: ReconciliationScope
    /// The terminal's own totals; a kind that is left out counts zero.
    public var totals: [KindTotals]

    /// Creates a request of its parts.
    public init(
        header: RequestHeader, date: CivilDate?, scope: ReconciliationScope, totals: [KindTotals]
    ) {
        self.header = header
        self.date = date
        self.scope = scope
        self.totals = totals
    }
}

/// Asks for a page of a date's transactions.
public struct ReconciliationDetailsRequest: Sendable, Hashable {
    /// What every request begins with; the STAN may be anything.
    public var header: RequestHeader
    /// The booked date; nil: the daemon's business date.
    public var date: CivilDate?
    /// Whose transactions.
    public var scope: ReconciliationScope
    /// The last transaction of the page before; nil: the first page.
    public var after: KeyOnWire?
    /// How many are wanted at most; nil: as many as fit.
    public var count: UInt32?

    /// Creates a request of its parts.
    public init(
        header: RequestHeader, date: CivilDate?, scope: ReconciliationScope, after: KeyOnWire?,
        count: UInt32?
    ) {
        self.header = header
        self.date = date
        self.scope = scope
        self.after = after
        self.count = count
    }

    /// The date and the key, whole.
    public func resolved(
        at terminal: TerminalID, today: CivilDate
    ) -> (date: CivilDate, after: RequestKey?) {
        let date = date ?? today
        return (date, after?.resolved(at: terminal, on: date))
    }
}

/// Asks in which ranges, or in which transactions, terminal and daemon differ.
public struct ReconciliationDifferencesRequest: Sendable, Hashable {
    /// A range as it is written.
    public struct Range: Sendable, Hashable {
        /// The first key; nil: from the beginning.
        public var first: KeyOnWire?
        /// The last key; nil: to the end.
        public var last: KeyOnWire?
        /// The terminal's side.
        public var content: Content

        /// What a terminal has in a range.
        public enum Content: Sendable, Hashable {
            /// How many, and the sum of their digests.
            case digest(count: UInt32, digest: UInt64)
            /// Each of them.
            case list([Item])
        }

        /// A transaction as a terminal lists it.
        public struct Item: Sendable, Hashable {
            /// Its key.
            public var key: KeyOnWire
            /// What it is.
            public var kind: RequestKind
            /// Its total.
            public var total: Money
            /// Of it, what was not cash.
            public var insured: Money
        }
    }

    /// What every request begins with; the STAN may be anything.
    public var header: RequestHeader
    /// The booked date; nil: the daemon's business date.
    public var date: CivilDate?
    /// Whose transactions.
    public var scope: ReconciliationScope
    /// The ranges, 1...`rangesMax`.
    public var ranges: [Range]

    /// The most ranges of a request.
    public static let rangesMax = 1000

    /// The date and the ranges, their keys whole.
    public func resolved(
        at terminal: TerminalID, today: CivilDate
    ) -> (date: CivilDate, ranges: [ReconciledRange]) {
        let date = date ?? today
        let ranges = ranges.map { range in
            let content: ReconciledRange.Content =
                switch range.content {
                case .digest(let count, let digest): .digest(count: count, digest: digest)
                case .list(let items):
                    .list(
                        items.map { item in
                            DayTransaction(
                                key: item.key.resolved(at: terminal, on: date), kind: item.kind,
                                total: item.total, insured: item.insured)
                        })
                }
            return ReconciledRange(
                first: range.first?.resolved(at: terminal, on: date),
                last: range.last?.resolved(at: terminal, on: date), content: content)
        }
        return (date, ranges)
    }
}
