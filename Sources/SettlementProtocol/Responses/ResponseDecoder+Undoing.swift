import Ledger
import NIOCore
import SettlementDomain

extension ResponseDecoder {
    /// What was undone; nothing with a refusal and where nothing was to be undone.
    static func undone(
        _ kind: RequestKind, _ body: ByteBuffer
    ) throws(ResponseFault) -> TerminalResponse.Payload {
        let wire: WireUndoResponse = try message(kind, body)
        guard wire.hasGivenBack else { return .none }
        var givenBack = try totals(wire.givenBack)
        givenBack.plans = try plans(wire.plans)
        var remaining: Split?
        if wire.hasRemaining {
            var split = try totals(wire.remaining)
            for part in wire.parts { split.parts.append(try self.part(part)) }
            remaining = split
        }
        return .undone(
            UndoResponse(
                settlement: try settlementID(wire.settlementID), state: try state(wire.state),
                settledDate: try date(wire.settledBusinessDate, "settled_business_date"),
                givenBack: givenBack, family: try family(wire.family), remaining: remaining,
                balance: try amount(wire.balance),
                accumulator: wire.hasAccumulator ? try yearlyUse(wire.accumulator) : nil,
                nameMasked: wire.nameMasked))
    }

    static func receiptCopy(_ body: ByteBuffer) throws(ResponseFault) -> ReceiptCopy {
        let wire: WireReceiptCopyResponse = try message(.receiptCopy, body)
        guard let originalResult = wire.original.resultFields,
            case .settlement(let original) = try settlement(wire.original)
        else { throw .field("original") }
        var lines: [BillLine] = []
        for line in wire.lines { lines.append(try billLine(line)) }
        var undone: [UndoneStep] = []
        for step in wire.undone { undone.append(try undoneStep(step)) }
        return ReceiptCopy(
            state: try state(wire.state),
            settledDate: try date(wire.settledBusinessDate, "settled_business_date"),
            serviceDate: try date(wire.serviceDate, "service_date"),
            visitType: try choice(wire.visitType.rawValue, "visit_type"), lines: lines,
            originalResult: originalResult, original: original, undone: undone,
            remaining: wire.hasRemaining ? try totals(wire.remaining) : nil,
            isShortened: wire.shortened)
    }

    private static func undoneStep(_ wire: WireUndoneStep) throws(ResponseFault) -> UndoneStep {
        guard let kind = UInt8(exactly: wire.kind).flatMap(RequestKind.init(rawValue:)) else {
            throw .field("undone.kind")
        }
        guard let terminal = TerminalID(wire.terminal) else { throw .field("undone.terminal") }
        var lines: [RefundLine] = []
        for line in wire.lines {
            lines.append(
                RefundLine(
                    line: Int(line.line), quantity: Quantity(thousandths: line.quantity),
                    traceCodes: try traceCodes(line.traceCodes)))
        }
        return UndoneStep(
            kind: kind,
            key: RequestKey(
                terminal: terminal, date: try date(wire.businessDate, "undone.business_date"),
                stan: wire.stan),
            bookedDate: try date(wire.bookedBusinessDate, "undone.booked_business_date"),
            time: wire.time, state: try state(wire.state), lines: lines,
            givenBack: try totals(wire.givenBack))
    }

    static func billLine(_ wire: WireLine) throws(ResponseFault) -> BillLine {
        guard let code = ItemCode(wire.code) else { throw .field("lines.code") }
        return BillLine(
            code: code,
            quantity: wire.quantity == 0 ? .one : Quantity(thousandths: wire.quantity),
            unitPrice: UnitPrice(tenThousandths: wire.unitPrice), amount: try amount(wire.amount),
            courseDays: wire.courseDays == 0 ? nil : wire.courseDays,
            traceCodes: try traceCodes(wire.traceCodes))
    }

    private static func traceCodes(_ texts: [String]) throws(ResponseFault) -> [TraceCode] {
        let codes = texts.compactMap(TraceCode.init)
        guard codes.count == texts.count else { throw .field("trace_codes") }
        return codes
    }

    static func settlementID(_ text: String) throws(ResponseFault) -> SettlementID {
        guard let id = SettlementID(text) else { throw .field("settlement_id") }
        return id
    }

    static func state(_ wire: WireOriginalState) throws(ResponseFault) -> StatusAnswer.State {
        guard
            let state = UInt8(exactly: wire.rawValue).flatMap(StatusAnswer.State.init(rawValue:))
        else { throw .field("state") }
        return state
    }

    static func date(_ number: UInt32, _ field: String) throws(ResponseFault) -> CivilDate {
        guard let date = date(number) else { throw .field(field) }
        return date
    }
}
