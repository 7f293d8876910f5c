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
        buffer.reserveCapacity(minimumWritableBytes: 64 + card.count + tail.count)
        Self.write(1, UInt64(header.businessDate?.yyyymmdd ?? 0), &buffer)
        Self.write(2, UInt64(header.stan), &buffer)
        Self.write(3, UInt64(bitPattern: header.terminalTime), &buffer)
        Self.write(4, card, &buffer)
        if let pinBlock { Self.write(5, pinBlock, &buffer) }
        buffer.writeBytes(tail)
    }

    /// A numeric field, left out where it is zero.
    private static func write(_ number: UInt8, _ value: UInt64, _ buffer: inout ByteBuffer) {
        guard value != 0 else { return }
        buffer.writeInteger(number << 3)
        var rest = value
        while rest >= 0x80 {
            buffer.writeInteger(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        buffer.writeInteger(UInt8(truncatingIfNeeded: rest))
    }

    /// A field of fewer than 128 bytes, left out where there are none.
    private static func write(_ number: UInt8, _ bytes: [UInt8], _ buffer: inout ByteBuffer) {
        guard !bytes.isEmpty else { return }
        buffer.writeInteger(number << 3 | 2)
        buffer.writeInteger(UInt8(truncatingIfNeeded: bytes.count))
        buffer.writeBytes(bytes)
    }
}
