import Ledger
import SettlementDomain

/// What the terminals of a run have done, by their answers: one side of a reconciliation.
struct OwnBooks: Sendable {
    /// By booked date and terminal.
    private(set) var booked: [CivilDate: [TerminalID: [DayTransaction]]] = [:]
    /// What the status of each request that was undone, or that undid something, must say.
    private(set) var states: [RequestKey: StatusAnswer.State] = [:]

    /// Books a transaction.
    mutating func book(_ transaction: DayTransaction, on date: CivilDate) {
        booked[date, default: [:]][transaction.key.terminal, default: []].append(transaction)
    }

    /// What has become of a request.
    mutating func set(_ state: StatusAnswer.State, of key: RequestKey) { states[key] = state }

    /// Adds another loop's books.
    mutating func add(_ other: OwnBooks) {
        for (date, terminals) in other.booked {
            for (terminal, transactions) in terminals {
                booked[date, default: [:]][terminal, default: []] += transactions
            }
        }
        states.merge(other.states) { _, later in later }
    }

    /// A terminal's transactions of a date.
    func transactions(of terminal: TerminalID, on date: CivilDate) -> [DayTransaction] {
        booked[date]?[terminal] ?? []
    }

    /// A terminal's totals of a date on top of what was booked before.
    func totals(
        of terminal: TerminalID, on date: CivilDate, onTopOf before: [KindTotals]
    ) -> [KindTotals] {
        var sums = DayTotals.kinds.map { kind in
            before.first { $0.kind == kind } ?? KindTotals(kind: kind)
        }
        for transaction in transactions(of: terminal, on: date) {
            guard let index = DayTotals.kinds.firstIndex(of: transaction.kind) else { continue }
            sums[index].count += 1
            sums[index].total += transaction.total
            sums[index].insured += transaction.insured
        }
        return sums
    }
}
