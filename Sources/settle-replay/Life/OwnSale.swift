import Ledger
import SettlementDomain

/// A settlement that this terminal has made, as far as the answers told: a terminal's own model.
///
/// Confined to a loop. At most one void, refund or reversal of it is under way.
final class OwnSale {
    /// A void or refund that stands.
    struct Step: Hashable {
        var kind: TransactionKind
        var date: CivilDate
        var stan: UInt32
        /// What a reversal of it must name.
        var total: Money
        /// What was left of each line before it.
        var before: [Quantity]
    }

    let date: CivilDate
    let stan: UInt32
    /// Which card of the card file paid.
    let card: Int32
    let bill: Bill
    /// What is left of each line.
    private(set) var left: [Quantity]
    /// Oldest first.
    private(set) var steps: [Step] = []
    private(set) var isReversed = false
    /// Whether its last void or refund is the last thing that happened to it.
    private(set) var canTakeBack = false
    /// Whether it was made on the daemon's business date, as far as known.
    var isOfToday = true
    /// How often something was tried on it.
    var attempts = 0

    /// A settlement of which nothing was undone.
    init(date: CivilDate, stan: UInt32, card: Int32, bill: Bill) {
        self.date = date
        self.stan = stan
        self.card = card
        self.bill = bill
        left = bill.lines.map(\.quantity)
    }

    /// What its status must say.
    var state: StatusAnswer.State {
        if isReversed { return .reversed }
        guard let last = steps.last else { return .approved }
        if last.kind == .void { return .voided }
        return left.allSatisfy { $0 == .zero } ? .refunded : .partlyRefunded
    }

    /// Whether nothing of it was undone, or all of that was taken back.
    var isWhole: Bool { !isReversed && steps.isEmpty }

    /// Whether something is left to be undone.
    var stands: Bool { !isReversed && left.contains { $0 > .zero } }

    /// What comes back of lines, in fen: what they would be charged now less what afterwards.
    func amount(of lines: [RefundLine]) -> Money {
        lines.reduce(.zero) { sum, line in
            let sold = bill.lines[line.line]
            let now = left[line.line]
            return sum + sold.amount(remaining: now)
                - sold.amount(remaining: rest(of: line))
        }
    }

    /// A void is booked.
    func void(_ date: CivilDate, _ stan: UInt32) {
        add(.void, date, stan, total: bill.total)
        left = left.map { _ in .zero }
    }

    /// A refund is booked; `total` is that of its request, nil where it named none.
    func refund(_ lines: [RefundLine], total: Money?, _ date: CivilDate, _ stan: UInt32) {
        add(.refund, date, stan, total: total ?? .zero)
        for line in lines { left[line.line] = rest(of: line) }
    }

    /// The reversal of its settle is booked.
    func reverse() {
        isReversed = true
        left = left.map { _ in .zero }
    }

    /// The reversal of its last void or refund is booked.
    func takeBackLast() {
        guard let step = steps.popLast() else { return }
        left = step.before
        canTakeBack = false
    }

    /// A void or refund whose answer was lost had been booked, and its reversal is too.
    func tookBackLost() { canTakeBack = false }

    private func add(
        _ kind: TransactionKind, _ date: CivilDate, _ stan: UInt32, total: Money
    ) {
        steps.append(Step(kind: kind, date: date, stan: stan, total: total, before: left))
        canTakeBack = true
    }

    private func rest(of line: RefundLine) -> Quantity {
        guard let quantity = line.quantity else { return .zero }
        return Quantity(thousandths: left[line.line].thousandths - quantity.thousandths)
    }
}
