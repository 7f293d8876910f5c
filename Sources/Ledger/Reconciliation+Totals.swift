import SettlementDomain

/// Counts and sums of a date's transactions, kind by kind, made row by row.
public struct DayTotals: Sendable, Hashable {
    /// The kinds that are counted, in the order of their numbers.
    public static let kinds: [RequestKind] = [.settle, .void, .refund, .reversal]

    /// One of each kind, in the order of their numbers.
    public private(set) var totals = kinds.map { KindTotals(kind: $0) }

    /// Nothing counted yet.
    public init() {}

    /// Counts a row; one of another kind is passed over.
    public mutating func take(_ row: DayRow) {
        guard let index = Self.kinds.firstIndex(of: row.kind) else { return }
        add(
            KindTotals(kind: row.kind, count: 1, total: row.total, insured: row.insured),
            at: index)
    }

    /// Whether a terminal's totals are these.
    ///
    /// A kind that the terminal leaves out counts as nothing.
    public func agree(with terminal: [KindTotals]) -> Bool {
        var other = DayTotals()
        for totals in terminal {
            guard let index = Self.kinds.firstIndex(of: totals.kind) else { return false }
            other.add(totals, at: index)
        }
        return other == self
    }

    private mutating func add(_ other: KindTotals, at index: Int) {
        let (count, overflow) = totals[index].count.addingReportingOverflow(other.count)
        totals[index].count = overflow ? .max : count
        totals[index].total = Self.sum(totals[index].total, other.total)
        totals[index].insured = Self.sum(totals[index].insured, other.insured)
    }

    /// A terminal may claim any amount: a sum out of range equals none of ours.
    private static func sum(_ left: Money, _ right: Money) -> Money {
        left.checkedAdding(right) ?? Money(fen: .max)
    }
}
