import CardSecurity
import Ledger
import NIOCore
import SettlementDomain
import SettlementProtocol

/// A request that is encoded once and sent many times, each time under another key and card.
///
/// A quote's, a settle's and a card inquiry's bodies begin with the same five fields: business date,
/// STAN, time, card, PIN block. Only these are written for each request.
public struct RequestTemplate: Sendable {
    /// The request's kind: `quote`, `settle` or `cardInquiry`.
    public let kind: RequestKind
    /// The fields behind the PIN block, encoded.
    private let tail: [UInt8]

    /// A card inquiry.
    public static let inquiry = RequestTemplate(kind: .cardInquiry, tail: [])

    /// The template of a quote or settle with these contents.
    ///
    /// - Parameters:
    ///   - kind: `quote` or `settle`.
    ///   - sale: its card and PIN are not used.
    public init(_ kind: RequestKind, _ sale: Sale) {
        var command = sale.command
        command.card = nil
        let header = RequestHeader(businessDate: nil, stan: 0, terminalTime: 0)
        // Fields with their default value are not written, so that only the tail is left.
        self.init(
            kind: kind, tail: RequestEncoder.settle(header, command, pinBlock: nil))
    }

    private init(kind: RequestKind, tail: [UInt8]) {
        self.kind = kind
        self.tail = tail
    }

    /// Appends the body: the same bytes as `RequestEncoder` makes.
    ///
    /// - Parameters:
    ///   - header: with its date.
    ///   - card: packed decimal.
    ///   - pinBlock: 16 bytes; nil: none.
    ///   - buffer: to which it is appended.
    public func write(
        _ header: RequestHeader, card: [UInt8], pinBlock: [UInt8]?, to buffer: inout ByteBuffer
    ) {
        let bytesMax =
            3 * Fields.numberBytesMax + 4 + card.count + (pinBlock?.count ?? 0) + tail.count
        // Once into the buffer, not field by field: each writing makes room and makes sure that it may.
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: bytesMax) { room in
            var fields = Fields(room)
            fields.add(1, UInt64(header.businessDate?.yyyymmdd ?? 0))
            fields.add(2, UInt64(header.stan))
            fields.add(3, UInt64(bitPattern: header.terminalTime))
            fields.add(4, card)
            if let pinBlock { fields.add(5, pinBlock) }
            fields.add(tail)
            return fields.count
        }
    }
}

/// Writes fields into bytes that must be enough for them.
private struct Fields {
    /// A numeric field's at most.
    static let numberBytesMax = 11

    private let room: UnsafeMutableRawBufferPointer
    private(set) var count = 0

    init(_ room: UnsafeMutableRawBufferPointer) { self.room = room }

    /// A numeric field, left out where it is zero.
    mutating func add(_ number: UInt8, _ value: UInt64) {
        guard value != 0 else { return }
        add(number << 3)
        var rest = value
        while rest >= 0x80 {
            add(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        add(UInt8(truncatingIfNeeded: rest))
    }

    /// A field of fewer than 128 bytes, left out where there are none.
    mutating func add(_ number: UInt8, _ bytes: [UInt8]) {
        guard !bytes.isEmpty else { return }
        add(number << 3 | 2)
        add(UInt8(truncatingIfNeeded: bytes.count))
        add(bytes)
    }

    /// Fields that are encoded already.
    mutating func add(_ bytes: [UInt8]) {
        UnsafeMutableRawBufferPointer(rebasing: room[count...]).copyBytes(from: bytes)
        count += bytes.count
    }

    private mutating func add(_ byte: UInt8) {
        room[count] = byte
        count += 1
    }
}
