import Foundation
import Ledger
import NIOCore
import SettlementDomain
import Testing

@testable import SettlementProtocol

@Suite("Vouchers")
struct VoucherTests {
    private static let pinBlock = [UInt8](0..<16)

    private static func wire() throws -> WireSettle {
        let body = RequestEncoder.settle(
            try Samples.header(), try Samples.command(lines: Samples.lines()), pinBlock: pinBlock)
        return try #require(WireSettle(body: ByteBuffer(bytes: body)))
    }

    private static func voucher(_ body: [UInt8], _ kind: RequestKind = .settle) throws -> [UInt8] {
        try ledgerMessage(kind, body).voucher
    }

    @Test("the voucher is the kind and the body without its PIN block")
    func isTheBody() throws {
        var wire = try Self.wire()
        let voucher = try Self.voucher(wire.bodyBytes)
        wire.pinBlock = Data()
        #expect(voucher == [0x12] + wire.bodyBytes)
        #expect(!Hex.text(voucher).contains(Hex.text(Self.pinBlock)))
    }

    @Test("another PIN block, or none, gives the same voucher")
    func pinBlockIsNoContent() throws {
        var wire = try Self.wire()
        let voucher = try Self.voucher(wire.bodyBytes)
        for block in [[], [UInt8](repeating: 0xff, count: 16), [1, 2, 3]] {
            wire.pinBlock = Data(block)
            let message = try ledgerMessage(.settle, wire.bodyBytes)
            #expect(message.voucher == voucher)
            #expect(message.pinBlock == (block.isEmpty ? nil : block))
        }
    }

    @Test("fields in any order give the same voucher", arguments: 1...50)
    func orderIsNoContent(_ seed: UInt64) throws {
        var generator = SplitMix(seed: seed)
        let body = try Self.wire().bodyBytes
        var fields = try WireFields.split(body)
        // The order of the lines is content; each stands where the first of them falls.
        let lines = fields.filter { $0.number == 9 }.flatMap(\.bytes)
        fields.removeAll { $0.number == 9 }
        fields.append(WireFields.Field(number: 9, bytes: lines))
        fields.shuffle(using: &generator)
        let shuffled = fields.flatMap(\.bytes)
        #expect(try Self.voucher(shuffled) == Self.voucher(body))
    }

    @Test("defaults that are written out, longer varints and unknown fields are no content")
    func encodingIsNoContent() throws {
        let body = try Self.wire().bodyBytes
        let voucher = try Self.voucher(body)
        // Field 100, varint 1; field 101, three bytes.
        #expect(try Self.voucher(body + [0xa0, 0x06, 0x01, 0xaa, 0x06, 3, 1, 2, 3]) == voucher)
        // Field 2, STAN 42 in three bytes, again.
        #expect(try Self.voucher(body + [0x10, 0xaa, 0x80, 0x00]) == voucher)

        var plain = try Self.wire()
        plain.serviceDate = 0
        #expect(
            try Self.voucher(plain.bodyBytes + [0x50, 0x00])
                == Self.voucher(plain.bodyBytes))
    }

    @Test("a PIN block under a wrong wire type does not come into the voucher")
    func wrongWireType() throws {
        var wire = try Self.wire()
        wire.pinBlock = Data()
        let voucher = try Self.voucher(wire.bodyBytes)
        // Field 5 as eight fixed bytes.
        let sent = wire.bodyBytes + [0x29, 1, 2, 3, 4, 5, 6, 7, 8]
        let message = try ledgerMessage(.settle, sent)
        #expect(message.voucher == voucher)
        #expect(message.pinBlock == nil)
    }

    @Test("every other field is content")
    func everythingElseIsContent() throws {
        let changes: [(inout WireSettle) -> Void] = [
            { $0.businessDate = 2026_11_22 }, { $0.stan += 1 }, { $0.terminalTime += 1 },
            { $0.card = Data([0x99, 0x99, 0, 0, 0, 0, 0, 0, 0x00, 0x2f]) },
            { $0.visitType = .outpatient }, { $0.total += 1 }, { $0.catalogVersion = 4 },
            { $0.lines.swapAt(0, 1) }, { $0.lines.removeLast() },
            { $0.lines[0].index = 1 }, { $0.lines[0].quantity = 2000 },
            { $0.lines[0].unitPrice += 1 }, { $0.lines[0].amount += 1 },
            { $0.lines[0].courseDays = 1 }, { $0.lines[1].code = "X" },
            { $0.lines[1].traceCodes.swapAt(0, 1) }, { $0.serviceDate = 2026_11_21 },
            { $0.partialAllowed = false }, { $0.accountLimit = 1 }, { $0.clearAccountLimit() },
            { $0.quoteDigest += 1 },
        ]
        var vouchers: Set<[UInt8]> = [try Self.voucher(try Self.wire().bodyBytes)]
        for change in changes {
            var wire = try Self.wire()
            change(&wire)
            vouchers.insert(try Self.voucher(wire.bodyBytes))
        }
        #expect(vouchers.count == changes.count + 1)
    }

    @Test("quote and settle of one body have different vouchers")
    func kindIsContent() throws {
        let body = try Self.wire().bodyBytes
        let settle = try Self.voucher(body)
        let quote = try Self.voucher(body, .quote)
        #expect(settle.dropFirst() == quote.dropFirst())
        #expect(settle.first == 0x12)
        #expect(quote.first == 0x11)
    }

    @Test("a card inquiry's voucher has no PIN block either")
    func cardInquiry() throws {
        let header = try Samples.header()
        let card = try Samples.card()
        let message = try ledgerMessage(
            .cardInquiry,
            RequestEncoder.cardInquiry(header, card: card, pinBlock: Self.pinBlock))
        let without = RequestEncoder.cardInquiry(header, card: card, pinBlock: nil)
        #expect(message.voucher == [0x10] + without)
        #expect(message.pinBlock == Self.pinBlock)
    }
}

/// The fields of a body, each with its tag.
enum WireFields {
    struct Field {
        var number: Int
        var bytes: [UInt8]
    }

    struct Fault: Error {}

    static func split(_ body: [UInt8]) throws -> [Field] {
        var fields: [Field] = []
        var position = 0
        while position < body.count {
            let start = position
            let tag = try varint(body, &position)
            switch tag & 7 {
            case 0: _ = try varint(body, &position)
            case 1: position += 8
            case 2:
                guard let length = Int(exactly: try varint(body, &position)),
                    length <= body.count - position
                else { throw Fault() }
                position += length
            case 5: position += 4
            default: throw Fault()
            }
            guard position <= body.count else { throw Fault() }
            fields.append(Field(number: Int(tag >> 3), bytes: Array(body[start..<position])))
        }
        return fields
    }

    private static func varint(_ body: [UInt8], _ position: inout Int) throws -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while position < body.count, shift < 64 {
            let byte = body[position]
            position += 1
            value |= UInt64(byte & 0x7f) << shift
            if byte < 0x80 { return value }
            shift += 7
        }
        throw Fault()
    }
}
