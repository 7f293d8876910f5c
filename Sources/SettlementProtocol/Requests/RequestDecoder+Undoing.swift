import Foundation
import Ledger
import NIOCore
import SettlementDomain

extension RequestDecoder {
    static func void(_ body: ByteBuffer) throws(RequestFault) -> LedgerMessage {
        let path = "void"
        guard let wire = WireVoid(body: body) else { throw unreadable(path) }
        let header = try keyedHeader(path, wire.businessDate, wire.stan, wire.terminalTime)
        let command = VoidCommand(
            settlement: try settlement(path, wire.settlementID), card: try card(path, wire.card),
            total: Money(fen: wire.total))
        return LedgerMessage(
            header: header, command: .void(command), pinBlock: nil,
            voucher: voucher(.void, wire.bodyBytes))
    }

    static func refund(_ body: ByteBuffer) throws(RequestFault) -> LedgerMessage {
        let path = "refund"
        guard let wire = WireRefund(body: body) else { throw unreadable(path) }
        let header = try keyedHeader(path, wire.businessDate, wire.stan, wire.terminalTime)
        let settlement = try settlement(path, wire.settlementID)
        let card = try card(path, wire.card)
        guard wire.lines.count <= linesReadMax else {
            throw .outOfRange("\(path).lines", "\(wire.lines.count) lines, at most 200")
        }
        var lines: [RefundLine] = []
        lines.reserveCapacity(wire.lines.count)
        for (index, line) in wire.lines.enumerated() {
            lines.append(
                RefundLine(
                    line: Int(line.line),
                    quantity: line.quantity == 0 ? nil : Quantity(thousandths: line.quantity),
                    traceCodes: try traceCodes("\(path).lines[\(index)]", line.traceCodes)))
        }
        let command = RefundCommand(
            settlement: settlement, card: card, lines: lines,
            total: wire.total == 0 ? nil : Money(fen: wire.total))
        return LedgerMessage(
            header: header, command: .refund(command), pinBlock: nil,
            voucher: voucher(.refund, wire.bodyBytes))
    }

    static func reversal(_ body: ByteBuffer) throws(RequestFault) -> ReversalRequest {
        let path = "reversal"
        guard let wire = WireReversal(body: body) else { throw unreadable(path) }
        let header = try keyedHeader(path, wire.businessDate, wire.stan, wire.terminalTime)
        let date = try requiredDate(path, "original_business_date", wire.originalBusinessDate)
        try checkSTAN(path, "original_stan", wire.originalStan)
        return ReversalRequest(
            header: header, originalDate: date, originalSTAN: wire.originalStan,
            card: try card(path, wire.card), total: Money(fen: wire.total),
            voucher: voucher(.reversal, wire.bodyBytes))
    }

    static func receiptCopy(_ body: ByteBuffer) throws(RequestFault) -> ReceiptCopyRequest {
        let path = "receipt_copy"
        guard let wire = WireReceiptCopy(body: body) else { throw unreadable(path) }
        return ReceiptCopyRequest(
            header: try header(path, wire.businessDate, wire.stan, wire.terminalTime),
            settlement: try settlement(path, wire.settlementID))
    }

    private static func settlement(
        _ path: String, _ text: String
    ) throws(RequestFault) -> SettlementID {
        guard !text.isEmpty else { throw .missing("\(path).settlement_id") }
        guard let id = SettlementID(text) else {
            throw .outOfRange(
                "\(path).settlement_id",
                "must be a date, a terminal and a STAN: "
                    + "20261123-T0000001-000042")
        }
        return id
    }

    /// The trace codes of a line.
    static func traceCodes(
        _ path: @autoclosure () -> String, _ texts: [String]
    ) throws(RequestFault) -> [TraceCode] {
        guard !texts.isEmpty else { return [] }
        var codes: [TraceCode] = []
        codes.reserveCapacity(texts.count)
        for (position, text) in texts.enumerated() {
            guard let code = TraceCode(text) else {
                throw .outOfRange(
                    "\(path()).trace_codes[\(position)]",
                    "must be 1 to 32 printable ASCII characters without spaces")
            }
            codes.append(code)
        }
        return codes
    }
}
