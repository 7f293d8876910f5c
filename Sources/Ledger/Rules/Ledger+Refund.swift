import SettlementDomain

extension Ledger {
    /// What a refund does, in the order of Protocol/ResponseCodes.md, "Precedence".
    func find(
        _ command: RefundCommand, of request: LedgerRequest, on rows: WorkingSet
    ) -> UndoFinding {
        let row: SettlementRow
        switch original(command.settlement, card: command.card, of: request, on: rows) {
        case .refused(let verdict, _, _): return .answer(verdict)
        case .passed(let found): row = found
        }
        guard (1...limits.linesMax).contains(command.lines.count),
            Set(command.lines.map(\.line)).count == command.lines.count
        else {
            return refusedUndo(
                .invalidAmount, .linesOutOfRange,
                "lines: \(command.lines.count), not 1...\(limits.linesMax), or one of them twice")
        }
        let before = row.remainingLines
        var after = before
        var refunded: [RefundedLine] = []
        for (position, line) in command.lines.enumerated() {
            switch refund(line, "lines[\(position)]", of: row, remaining: before) {
            case .refused(let verdict, _, _): return .answer(verdict)
            case .passed(let taken):
                refunded.append(taken)
                after.take(taken, ofSold: row.lines)
            }
        }
        after.removeAll { $0.line.quantity <= .zero }
        let sum = refunded.reduce(Money.zero) { $0 + $1.amount }
        if let total = command.total, total != sum {
            return refusedUndo(
                .invalidAmount, .totalDiffers, "total: the lines sum to \(sum.fen) fen")
        }
        if let refusal = isTooOften(row) { return refusal }
        guard let standingBefore = standing(of: row, on: rows),
            let standingAfter = standing(of: row, lines: after, on: rows)
        else { return refusedUndo(.invalidTransaction, .noPolicyForRegion) }
        return .carryOut(
            UndoPlan(
                row: row, before: standingBefore, after: standingAfter,
                state: after.isEmpty ? .refunded : .partlyRefunded, lines: refunded))
    }

    /// What comes back of one line.
    private func refund(
        _ line: RefundLine, _ path: String, of row: SettlementRow, remaining: [RemainingLine]
    ) -> Guarded<RefundedLine> {
        guard row.lines.indices.contains(line.line) else {
            return refusedLine(
                .invalidAmount, .linesOutOfRange,
                "\(path).line: the settlement has \(row.lines.count) lines")
        }
        guard line.quantity.map({ $0 > .zero }) ?? true else {
            return refusedLine(.invalidAmount, .lineAmountInvalid, "\(path).quantity: below 0")
        }
        guard let left = remaining.first(where: { $0.position == line.line })?.line,
            line.quantity ?? left.quantity <= left.quantity
        else {
            let left = remaining.first { $0.position == line.line }?.line.quantity ?? .zero
            return refusedLine(
                .invalidAmount, .aboveRemaining,
                "\(path).quantity: \(left.thousandths) thousandths remain")
        }
        let quantity = line.quantity ?? left.quantity
        let rest = Quantity(thousandths: left.quantity.thousandths - quantity.thousandths)
        guard let codes = returned(line.traceCodes, of: left, rest: rest) else {
            return refusedLine(
                .invalidAmount, .traceCodesDiffer,
                "\(path).trace_codes: name one of the line's codes for each whole unit")
        }
        let kept = row.lines[line.line].reduced(to: rest, traceCodes: [])
        let amount = rest > .zero ? left.amount - kept.amount : left.amount
        return .passed(
            RefundedLine(line: line.line, quantity: quantity, amount: amount, traceCodes: codes))
    }

    private func refusedLine(
        _ code: ResponseCode, _ reason: Reason, _ detail: String
    ) -> Guarded<RefundedLine> {
        .refused(refusal(code, reason, detail), recorded: true, card: nil)
    }

    /// The packages that come back when so much of a line is left; nil where those named are not
    /// as many of the line's as whole units come back.
    private func returned(
        _ named: [TraceCode], of line: BillLine, rest: Quantity
    ) -> [TraceCode]? {
        let known = line.traceCodes
        guard Set(named).count == named.count, named.allSatisfy(known.contains) else { return nil }
        guard rest > .zero else { return known }
        let units = line.quantity.wholeUnits - rest.wholeUnits
        return Int64(named.count) == min(Int64(known.count), units) ? named : nil
    }
}
