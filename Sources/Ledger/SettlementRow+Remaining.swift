import SettlementDomain

/// A line of a settlement, or what refunds have left of it.
struct RemainingLine {
    /// The line's position in the bill, from 0.
    var position: Int
    var line: BillLine
}

extension SettlementRow {
    /// The refunds that stand: those that were not reversed.
    var refunds: [Undoing] {
        let reversed = Set(undone.compactMap(\.reversed))
        return undone.filter { $0.kind == .refund && !reversed.contains($0.key) }
    }

    /// What refunds have left of the bill, in its order; lines that came back whole are left out.
    var remainingLines: [RemainingLine] {
        var remaining = lines.enumerated().map { RemainingLine(position: $0, line: $1) }
        for refund in refunds {
            for refunded in refund.lines { remaining.take(refunded, ofSold: lines) }
        }
        return remaining.filter { $0.line.quantity > .zero }
    }

    /// The void or refund of this key, where it is the last thing that happened here.
    func lastUndoing(by key: RequestKey) -> Undoing? {
        undone.last.flatMap { $0.key == key && $0.reversed == nil ? $0 : nil }
    }
}

extension BillLine {
    /// What remains of this line as it was sold when so much of it stays.
    ///
    /// The amount is the rounded product of quantity and price, never more than was charged; the
    /// course days are in proportion, rounded up.
    /// - Source: Protocol/Undoing.md, "What remains of a line".
    func reduced(to quantity: Quantity, traceCodes: [TraceCode]) -> BillLine {
        guard quantity < self.quantity else { return self }
        var line = self
        line.quantity = quantity
        line.traceCodes = traceCodes
        line.amount = min(amount, unitPrice.amount(for: quantity) ?? amount)
        line.courseDays = courseDays.map { days in
            let share = FixedShare.up(Int64(days), quantity.thousandths, self.quantity.thousandths)
            return UInt32(clamping: share)
        }
        return line
    }
}

extension [RemainingLine] {
    /// Takes off what a refund gave back of one line.
    mutating func take(_ refunded: RefundedLine, ofSold lines: [BillLine]) {
        guard let index = firstIndex(where: { $0.position == refunded.line }) else { return }
        let line = self[index].line
        let quantity = Quantity(
            thousandths: line.quantity.thousandths - refunded.quantity.thousandths)
        self[index].line = lines[refunded.line].reduced(
            to: quantity, traceCodes: line.traceCodes.filter { !refunded.traceCodes.contains($0) })
    }
}

/// A share of a whole number.
enum FixedShare {
    /// `value` x `part` / `whole`, rounded up; all above zero, `part` below `whole`.
    static func up(_ value: Int64, _ part: Int64, _ whole: Int64) -> Int64 {
        let product = value.multipliedFullWidth(by: part)
        let (quotient, remainder) = whole.dividingFullWidth(product)
        return quotient + (remainder > 0 ? 1 : 0)
    }
}
