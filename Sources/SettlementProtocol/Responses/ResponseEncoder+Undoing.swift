import Foundation
import Ledger
import SettlementDomain

extension ResponseEncoder {
    static func undone(_ answer: UndoAnswer, _ result: ResultFields) -> [UInt8] {
        var wire = WireUndoResponse(result)
        wire.settlementID = answer.settlement.description
        wire.state = state(answer.state)
        wire.settledBusinessDate = UInt32(answer.settledDate.yyyymmdd)
        wire.givenBack = totals(answer.givenBack)
        wire.plans = answer.givenBack.plans.map(plan)
        wire.family = zip(answer.givenBack.owners, answer.ownersMasked).map(family)
        if let remaining = answer.remaining {
            wire.remaining = totals(remaining)
            wire.parts = remaining.parts.map(part)
        }
        wire.balance = answer.balance.fen
        if let row = answer.accumulator { wire.accumulator = accumulator(row) }
        wire.nameMasked = answer.nameMasked
        return wire.bodyBytes
    }

    static func receiptCopy(_ answer: ReceiptCopyAnswer, _ result: ResultFields) -> [UInt8] {
        var wire = WireReceiptCopyResponse(result)
        let row = answer.settlement
        wire.copy = true
        wire.state = state(row.state)
        wire.settledBusinessDate = UInt32(row.bookedDate.yyyymmdd)
        wire.serviceDate = UInt32(row.serviceDate.yyyymmdd)
        wire.visitType = WireVisitType(rawValue: Int(row.visitType.rawValue)) ?? .unspecified
        // A stay's lines may be thousands: they are read page by page.
        if row.stay == nil { wire.lines = row.lines.map(line) }
        wire.shortened = row.stay != nil
        // A settle's recorded body is a message that this build or an older one has written.
        if let original = try? WireSettleResponse(serializedBytes: answer.original) {
            wire.original = original
        }
        var before = row.split
        for step in row.undone {
            wire.undone.append(undoneStep(step, before: before))
            before = step.standing
        }
        if !before.parts.isEmpty { wire.remaining = totals(before) }
        return fitted(wire, bodyBytesMax: Int(Frame.terminalLengthMax) - Frame.countedHeaderBytes)
    }

    /// The copy's body: where it would be longer than a frame, without trace codes, then without as
    /// many of the oldest steps as needed.
    ///
    /// What is always kept, 200 lines without trace codes and the original answer, takes less.
    static func fitted(_ copy: WireReceiptCopyResponse, bodyBytesMax: Int) -> [UInt8] {
        let whole = copy.bodyBytes
        guard whole.count > bodyBytesMax else { return whole }
        var wire = copy
        wire.shortened = true
        for index in wire.lines.indices { wire.lines[index].traceCodes = [] }
        let steps = wire.undone.map { step in
            var step = step
            for index in step.lines.indices { step.lines[index].traceCodes = [] }
            return step
        }
        wire.undone = []
        var room = bodyBytesMax - wire.bodyBytes.count
        let kept = steps.reversed().prefix { step in
            room -= fieldBytes(step.bodyBytes.count)
            return room >= 0
        }
        wire.undone = kept.reversed()
        return wire.bodyBytes
    }

    private static func undoneStep(_ step: Undoing, before: Split) -> WireUndoneStep {
        var wire = WireUndoneStep()
        wire.kind = UInt32(step.kind.rawValue)
        wire.terminal = step.key.terminal.text
        wire.businessDate = UInt32(step.key.date.yyyymmdd)
        wire.stan = step.key.stan
        wire.bookedBusinessDate = UInt32(step.bookedDate.yyyymmdd)
        wire.time = step.time
        wire.state = state(step.state)
        wire.lines = step.lines.map { line in
            RequestEncoder.refundLine(
                RefundLine(
                    line: line.line, quantity: line.quantity, traceCodes: line.traceCodes))
        }
        wire.givenBack = totals(before.less(step.standing))
        return wire
    }

    private static func state(_ state: SettlementRow.State) -> WireOriginalState {
        WireOriginalState(rawValue: Int(state.asOriginalState.rawValue)) ?? .unspecified
    }

    private static func line(_ line: BillLine) -> WireLine {
        RequestEncoder.line(
            RequestLine(
                item: .code(line.code), quantity: line.quantity, unitPrice: line.unitPrice,
                amount: line.amount, courseDays: line.courseDays, traceCodes: line.traceCodes))
    }
}
