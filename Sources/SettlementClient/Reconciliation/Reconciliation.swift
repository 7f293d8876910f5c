import Ledger
import SettlementDomain
import SettlementProtocol

/// How far a terminal's day and the daemon's agree.
public struct Reconciliation: Sendable, Hashable {
    /// The booked date.
    public var date: CivilDate
    /// Whose transactions.
    public var scope: ReconciliationScope
    /// Whether nothing is added to the date any more.
    public var isClosed: Bool
    /// The terminal's totals, one of each kind.
    public var own: [KindTotals]
    /// The daemon's; a kind that does not occur is left out.
    public var daemon: [KindTotals]
    /// Whether the daemon found its totals and the terminal's to be the same.
    public var totalsAgree: Bool
    /// What differs, in the order of keys.
    ///
    /// Empty although totals disagree: something was booked between the questions; ask again.
    public var differences: [Difference]
    /// How many requests it took.
    public var requests: Int

    /// Whether nothing differs.
    public var agrees: Bool { totalsAgree && differences.isEmpty }

    /// When transactions are compared, beside totals.
    public enum Thoroughness: Sendable, Hashable {
        /// Where totals disagree.
        case whereTotalsDisagree
        /// In any case: differences may cancel each other out in totals.
        case always
    }

    /// Counts and sums of transactions by kind, one of each kind in the order of their numbers.
    ///
    /// A sum that does not fit is held to what does: it equals none of the daemon's.
    public static func totals(_ transactions: some Sequence<DayTransaction>) -> [KindTotals] {
        var totals = DayTotals.kinds.map { KindTotals(kind: $0) }
        for transaction in transactions {
            guard let index = DayTotals.kinds.firstIndex(of: transaction.kind) else { continue }
            totals[index].count += 1
            totals[index].total = sum(totals[index].total, transaction.total)
            totals[index].insured = sum(totals[index].insured, transaction.insured)
        }
        return totals
    }

    private static func sum(_ left: Money, _ right: Money) -> Money {
        left.checkedAdding(right) ?? Money(fen: .max)
    }
}

extension DayTransaction {
    /// The transaction that an answer tells of; nil where it had no effect.
    ///
    /// - Parameters:
    ///   - kind: what was asked.
    ///   - key: the key of the request.
    ///   - response: the answer to it.
    /// - Source: Protocol/Reconciliation.md, "What counts".
    public init?(_ kind: RequestKind, _ key: RequestKey, _ response: TerminalResponse) {
        let result = response.result
        switch response.payload {
        case .settlement(let settled):
            guard kind == .settle, result.code.isApproval else { return nil }
            self.init(
                key: key, kind: kind, total: settled.split.total, insured: settled.split.insured,
                settlement: settled.id ?? SettlementID(key), time: result.time)
        case .undone(let undone):
            guard [.void, .refund, .reversal].contains(kind), result.code == .approved,
                result.reason == .none
            else { return nil }
            self.init(
                key: key, kind: kind, total: undone.givenBack.total,
                insured: undone.givenBack.insured, settlement: undone.settlement,
                time: result.time)
        default: return nil
        }
    }
}
