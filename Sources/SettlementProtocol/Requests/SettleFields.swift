import Foundation
import Ledger
import NIOCore

/// The fields of a settle's or quote's body, not judged yet.
///
/// Read from the canonical bytes where the body is canonical, as what Protocol Buffers libraries
/// write nearly always is, and otherwise by SwiftProtobuf: the same fields either way, the first at
/// a fifth of the cost.
struct SettleFields: Equatable {
    var businessDate: UInt32
    var stan: UInt32
    var terminalTime: Int64
    var card: Data
    /// Empty: none.
    var pinBlock: [UInt8]
    /// The number of the visit type, known or not.
    var visitType: Int
    var total: Int64
    var catalogVersion: UInt32
    var lines: [LineFields]
    var serviceDate: UInt32
    var partialAllowed: Bool
    var accountLimit: Int64?
    var quoteDigest: UInt64
    var diagnosis: String
    var billNumber: String
    /// The kind and the canonical bytes without the PIN block.
    var voucher: [UInt8]

    /// Reads a body; nil where it is no message of this type.
    init?(_ kind: RequestKind, _ body: ByteBuffer) {
        if let fields = SettleFields(canonical: body, kind) {
            self = fields
        } else if let wire = WireSettle(body: body) {
            self.init(kind, wire)
        } else {
            return nil
        }
    }

    init(_ kind: RequestKind, _ wire: WireSettle) {
        var content = wire
        content.pinBlock = Data()
        businessDate = wire.businessDate
        stan = wire.stan
        terminalTime = wire.terminalTime
        card = wire.card
        pinBlock = [UInt8](wire.pinBlock)
        visitType = wire.visitType.rawValue
        total = wire.total
        catalogVersion = wire.catalogVersion
        lines = wire.lines.map { LineFields($0) }
        serviceDate = wire.serviceDate
        partialAllowed = wire.partialAllowed
        accountLimit = wire.hasAccountLimit ? wire.accountLimit : nil
        quoteDigest = wire.quoteDigest
        diagnosis = wire.diagnosis
        billNumber = wire.billNumber
        voucher = RequestDecoder.voucher(kind, content.bodyBytes)
    }

    /// Reads a body that is canonical; nil where it is not.
    init?(canonical body: ByteBuffer, _ kind: RequestKind) {
        guard let fields = body.withUnsafeReadableBytes({ SettleFields(canonical: $0, kind) })
        else { return nil }
        self = fields
    }

    private init?(canonical body: UnsafeRawBufferPointer, _ kind: RequestKind) {
        var reader = WireReader(body)
        businessDate = reader.unsigned32(1)
        stan = reader.unsigned32(2)
        terminalTime = reader.signed(3)
        card = reader.content(4).map { Data($0) } ?? Data()
        let contentEnd = reader.position
        pinBlock = reader.content(5).map { [UInt8]($0) } ?? []
        let contentBegin = reader.position
        let visit = reader.unsigned(6)
        // There is no visit type beyond; SwiftProtobuf says which number it was.
        guard visit < 0x80 else { return nil }
        visitType = Int(visit)
        total = reader.signed(7)
        catalogVersion = reader.unsigned32(8)
        lines = []
        lines.reserveCapacity(8)
        while let content = reader.element(9) {
            guard let line = LineFields(canonical: content) else { return nil }
            lines.append(line)
        }
        serviceDate = reader.unsigned32(10)
        partialAllowed = reader.bool(11)
        accountLimit = reader.optionalSigned(12)
        quoteDigest = reader.fixed64(13)
        diagnosis = reader.string(14) ?? ""
        billNumber = reader.string(15) ?? ""
        guard reader.isComplete else { return nil }

        voucher = []
        voucher.reserveCapacity(1 + contentEnd + body.count - contentBegin)
        voucher.append(kind.rawValue)
        voucher.append(contentsOf: UnsafeRawBufferPointer(rebasing: body[..<contentEnd]))
        voucher.append(contentsOf: UnsafeRawBufferPointer(rebasing: body[contentBegin...]))
    }
}

/// The fields of a line, not judged yet.
struct LineFields: Equatable {
    var item: WireLine.OneOf_Item?
    var quantity: Int64
    var unitPrice: Int64
    var amount: Int64
    var courseDays: UInt32
    var traceCodes: [String]

    init(_ wire: WireLine) {
        item = wire.item
        quantity = wire.quantity
        unitPrice = wire.unitPrice
        amount = wire.amount
        courseDays = wire.courseDays
        traceCodes = wire.traceCodes
    }

    /// Reads a line that is canonical; nil where it is not.
    fileprivate init?(canonical content: UnsafeRawBufferPointer) {
        var reader = WireReader(content)
        if let index = reader.optionalUnsigned32(1) {
            item = .index(index)
        } else {
            item = reader.string(2).map { .code($0) }
        }
        quantity = reader.signed(3)
        unitPrice = reader.signed(4)
        amount = reader.signed(5)
        courseDays = reader.unsigned32(6)
        traceCodes = []
        while let code = reader.repeatedString(7) { traceCodes.append(code) }
        guard reader.isComplete else { return nil }
    }
}
