import Ledger
import SettlementClient
import SettlementDomain

/// Counts and sums of each terminal's transactions by kind, as reconciliation counts them.
struct OwnBooks: Sendable {
    private var terminals: [TerminalID: [RequestKind: KindTotals]] = [:]
    /// The business dates under which they were booked.
    private(set) var dates: Set<Int32> = []

    /// Takes one answer.
    mutating func take(
        _ flight: LoadConnection.Flight, _ terminal: TerminalID, _ summary: ResponseSummary
    ) {
        guard !flight.isDuplicate, summary.code == 0 || summary.code == 10 else { return }
        let kind: RequestKind
        switch flight.item.kind {
        case .settle: kind = .settle
        case .void: kind = .void
        case .refund: kind = .refund
        // One with a reason has undone nothing.
        case .reversal where summary.reason == 0: kind = .reversal
        default: return
        }
        dates.insert(summary.businessDate)
        add(kind, terminal, summary)
        // A sale that was given up had been executed, if there was something to reverse.
        if kind == .reversal, flight.undoing?.isCounted == false { add(.settle, terminal, summary) }
    }

    private mutating func add(
        _ kind: RequestKind, _ terminal: TerminalID, _ summary: ResponseSummary
    ) {
        var totals = terminals[terminal]?[kind] ?? KindTotals(kind: kind)
        totals.count += 1
        totals.total += Money(fen: summary.total)
        totals.insured += Money(fen: summary.insured)
        terminals[terminal, default: [:]][kind] = totals
    }

    /// Adds another loop's books.
    mutating func add(_ other: OwnBooks) {
        for (terminal, kinds) in other.terminals {
            for (kind, theirs) in kinds {
                var totals = terminals[terminal]?[kind] ?? KindTotals(kind: kind)
                totals.count += theirs.count
                totals.total += theirs.total
                totals.insured += theirs.insured
                terminals[terminal, default: [:]][kind] = totals
            }
        }
        dates.formUnion(other.dates)
    }

    /// A terminal's totals on top of others.
    func totals(of terminal: TerminalID, onTopOf before: [KindTotals]) -> [KindTotals] {
        DayTotals.kinds.map { kind in
            var sum = before.first { $0.kind == kind } ?? KindTotals(kind: kind)
            if let own = terminals[terminal]?[kind] {
                sum.count += own.count
                sum.total += own.total
                sum.insured += own.insured
            }
            return sum
        }
    }
}
