import Foundation
import Ledger
import NIOCore
import SettlementDomain

extension RequestDecoder {
    static func cardInquiry(_ body: ByteBuffer) throws(RequestFault) -> LedgerMessage {
        guard var wire = WireCardInquiry(body: body) else { throw unreadable("card_inquiry") }
        let header = try keyedHeader(
            "card_inquiry", wire.businessDate, wire.stan, wire.terminalTime)
        let card = try card("card_inquiry", wire.card)
        let pinBlock = pinBlock(wire.pinBlock)
        wire.pinBlock = Data()
        return LedgerMessage(
            header: header, command: .inquire(CardInquiry(card: card, proof: .absent)),
            pinBlock: pinBlock, voucher: voucher(.cardInquiry, wire.bodyBytes))
    }

    static func settle(
        _ kind: RequestKind, _ body: ByteBuffer
    ) throws(RequestFault) -> LedgerMessage {
        let path = kind == .quote ? "quote" : "settle"
        guard let fields = SettleFields(kind, body) else { throw unreadable(path) }
        let header = try keyedHeader(path, fields.businessDate, fields.stan, fields.terminalTime)
        let card = try card(path, fields.card)
        guard let visit = UInt8(exactly: fields.visitType).flatMap(VisitType.init) else {
            if fields.visitType == 0 { throw .missing("\(path).visit_type") }
            throw .outOfRange("\(path).visit_type", "\(fields.visitType) is no visit type")
        }
        guard fields.lines.count <= linesReadMax else {
            throw .outOfRange("\(path).lines", "\(fields.lines.count) lines, at most 200")
        }
        var lines: [RequestLine] = []
        lines.reserveCapacity(fields.lines.count)
        for index in fields.lines.indices {
            lines.append(try line(fields.lines[index], path, index))
        }
        let serviceDate = try date("\(path).service_date", fields.serviceDate)
        let command = SettleCommand(
            card: card, proof: .absent, visitType: visit, total: Money(fen: fields.total),
            catalogVersion: fields.catalogVersion == 0
                ? nil : CatalogVersion(rawValue: fields.catalogVersion),
            lines: lines, serviceDate: serviceDate, partialAllowed: fields.partialAllowed,
            accountLimit: fields.accountLimit.map(Money.init(fen:)),
            quoteDigest: fields.quoteDigest, diagnosis: try diagnosis(path, fields.diagnosis),
            billNumber: try billNumber(path, fields.billNumber))
        return LedgerMessage(
            header: header, command: kind == .quote ? .quote(command) : .settle(command),
            pinBlock: fields.pinBlock.isEmpty ? nil : fields.pinBlock, voucher: fields.voucher)
    }

    static func settlementStatus(
        _ body: ByteBuffer
    ) throws(RequestFault) -> SettlementStatusRequest {
        let path = "settlement_status"
        guard let wire = WireSettlementStatus(body: body) else { throw unreadable(path) }
        let header = try keyedHeader(path, wire.businessDate, wire.stan, wire.terminalTime)
        let date = try requiredDate(path, "original_business_date", wire.originalBusinessDate)
        try checkSTAN(path, "original_stan", wire.originalStan)
        return SettlementStatusRequest(
            header: header, originalDate: date, originalSTAN: wire.originalStan)
    }

    /// A diagnosis; nil where none is given.
    static func diagnosis(
        _ path: String, _ text: String
    ) throws(RequestFault) -> DiseaseCode? {
        guard !text.isEmpty else { return nil }
        guard let code = DiseaseCode(text) else {
            throw .outOfRange(
                "\(path).diagnosis", "must be 1 to 20 letters, digits, hyphens or points")
        }
        return code
    }

    static func line(
        _ fields: LineFields, _ path: String, _ index: Int
    ) throws(RequestFault) -> RequestLine {
        let item: RequestLine.Item
        switch fields.item {
        case .index(let position):
            item = .index(position)
        case .code(let text):
            guard let code = ItemCode(text) else {
                throw .outOfRange(
                    "\(path).lines[\(index)].code",
                    "must be 1 to 27 printable ASCII characters without spaces")
            }
            item = .code(code)
        case nil:
            throw .missing("\(path).lines[\(index)].item")
        }
        let traceCodes = try traceCodes("\(path).lines[\(index)]", fields.traceCodes)
        return RequestLine(
            item: item,
            quantity: fields.quantity == 0 ? .one : Quantity(thousandths: fields.quantity),
            unitPrice: UnitPrice(tenThousandths: fields.unitPrice),
            amount: Money(fen: fields.amount),
            courseDays: fields.courseDays == 0 ? nil : fields.courseDays, traceCodes: traceCodes)
    }

    /// The card; nil where only its check digit is wrong.
    static func card(_ path: String, _ bytes: Data) throws(RequestFault) -> CardNumber? {
        guard !bytes.isEmpty else { throw .missing("\(path).card") }
        if let card = CardNumber(bcd: bytes) { return card }
        guard PackedDecimal.isCardForm(bytes) else {
            throw .format(
                .cardNumberInvalid, "\(path).card", "must be 10 to 19 digits, packed decimal")
        }
        return nil
    }

    static func voucher(_ kind: RequestKind, _ body: [UInt8]) -> [UInt8] {
        var voucher: [UInt8] = []
        voucher.reserveCapacity(1 + body.count)
        voucher.append(kind.rawValue)
        voucher.append(contentsOf: body)
        return voucher
    }
}

/// Digits, two a byte, the first in the high nibble; an odd count is filled with one low 0xF.
enum PackedDecimal {
    /// Whether the bytes are 10 to 19 digits, whatever their check digit.
    static func isCardForm(_ bytes: Data) -> Bool {
        guard (5...10).contains(bytes.count) else { return false }
        var digits = 0
        for (position, byte) in bytes.enumerated() {
            guard byte >> 4 <= 9 else { return false }
            digits += 1
            if byte & 0x0f <= 9 {
                digits += 1
            } else {
                guard byte & 0x0f == 0x0f, position == bytes.count - 1 else { return false }
            }
        }
        return (10...19).contains(digits)
    }
}
