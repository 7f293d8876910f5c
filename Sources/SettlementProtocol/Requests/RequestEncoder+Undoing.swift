import Foundation
import Ledger
import SettlementDomain

extension RequestEncoder {
    /// Undoes a whole settlement; the command's card must be given.
    public static func void(_ header: RequestHeader, _ command: VoidCommand) -> [UInt8] {
        var wire = WireVoid()
        wire.businessDate = number(header.businessDate)
        wire.stan = header.stan
        wire.terminalTime = header.terminalTime
        wire.settlementID = command.settlement.description
        if let card = command.card { wire.card = Data(card.bcd) }
        wire.total = command.total.fen
        return wire.bodyBytes
    }

    /// Gives back lines of a settlement; the command's card must be given.
    public static func refund(_ header: RequestHeader, _ command: RefundCommand) -> [UInt8] {
        var wire = WireRefund()
        wire.businessDate = number(header.businessDate)
        wire.stan = header.stan
        wire.terminalTime = header.terminalTime
        wire.settlementID = command.settlement.description
        if let card = command.card { wire.card = Data(card.bcd) }
        wire.lines = command.lines.map(refundLine)
        wire.total = command.total?.fen ?? 0
        return wire.bodyBytes
    }

    /// Undoes a request of the same terminal that had no answer.
    public static func reversal(
        _ header: RequestHeader, originalDate: CivilDate, originalSTAN: UInt32, card: CardNumber,
        total: Money
    ) -> [UInt8] {
        var wire = WireReversal()
        wire.businessDate = number(header.businessDate)
        wire.stan = header.stan
        wire.terminalTime = header.terminalTime
        wire.originalBusinessDate = number(originalDate)
        wire.originalStan = originalSTAN
        wire.card = Data(card.bcd)
        wire.total = total.fen
        return wire.bodyBytes
    }

    /// Asks for a settlement's details once more.
    public static func receiptCopy(_ request: ReceiptCopyRequest) -> [UInt8] {
        var wire = WireReceiptCopy()
        wire.businessDate = number(request.header.businessDate)
        wire.stan = request.header.stan
        wire.terminalTime = request.header.terminalTime
        wire.settlementID = request.settlement.description
        return wire.bodyBytes
    }

    static func refundLine(_ line: RefundLine) -> WireRefundLine {
        var wire = WireRefundLine()
        wire.line = UInt32(clamping: line.line)
        wire.quantity = line.quantity?.thousandths ?? 0
        wire.traceCodes = line.traceCodes.map(\.text)
        return wire
    }
}
