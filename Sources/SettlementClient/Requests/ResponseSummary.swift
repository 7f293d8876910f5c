import Ledger
import NIOCore
import SettlementDomain

/// What a load generator must know of a response, read without making the whole of it.
///
/// Reads the fields in place and allocates nothing. A body that is no message gives nil.
/// - Source: `Result`, `SettleResponse` and `Split` of `settlement.proto`.
public struct ResponseSummary: Sendable, Hashable {
    /// The number of the response code; numbers that are none are kept.
    public var code: UInt8 = 0
    /// The number of the reason; numbers that are none are kept.
    public var reason: UInt16 = 0
    /// Whether the answer was recorded before.
    public var replayed = false
    /// The daemon's business date as YYYYMMDD; 0: not told.
    public var businessDate: Int32 = 0
    /// The whole bill, or what was given back of it.
    public var total: Int64 = 0
    /// Paid by the pooled fund.
    public var pooled: Int64 = 0
    /// Paid by large-amount assistance.
    public var large: Int64 = 0
    /// Paid by supplementary plans.
    public var supplement: Int64 = 0
    /// Paid by the own account.
    public var account: Int64 = 0
    /// Paid by relatives' accounts.
    public var family: Int64 = 0

    /// Reads a response's body; of a quote or settle with the payers' sums, of a void, refund or
    /// reversal with what each was given back.
    ///
    /// - Parameters:
    ///   - body: the bytes.
    ///   - isUndoing: whether it answers a void, refund or reversal.
    public init?(_ body: ByteBuffer, isUndoing: Bool = false) {
        let read = body.withUnsafeReadableBytes { Self.read($0, split: isUndoing ? 13 : 14) }
        guard let read else { return nil }
        self = read
    }

    /// What others than the patient in cash pay, in fen: what the institution is owed.
    public var insured: Int64 { pooled + large + supplement + account + family }

    private init() {}

    private static func read(
        _ bytes: UnsafeRawBufferPointer, split number: UInt64
    ) -> ResponseSummary? {
        var summary = ResponseSummary()
        var fields = WireFields(bytes)
        while let field = fields.next() {
            switch (field.number, field.value) {
            case (1, .varint(let value)): summary.code = UInt8(clamping: value)
            case (2, .varint(let value)): summary.reason = UInt16(clamping: value)
            case (3, .varint(let value)): summary.replayed = value != 0
            case (4, .varint(let value)): summary.businessDate = Int32(clamping: value)
            case (number, .bytes(let split)):
                guard summary.readSplit(split) else { return nil }
            default: break
            }
        }
        return fields.isWhole ? summary : nil
    }

    private mutating func readSplit(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var fields = WireFields(bytes)
        while let field = fields.next() {
            guard case .varint(let raw) = field.value else { continue }
            let amount = Int64(bitPattern: raw)
            switch field.number {
            case 1: total = amount
            case 7: pooled = amount
            case 8: large = amount
            case 10: supplement = amount
            case 13: account = amount
            case 14: family = amount
            default: break
            }
        }
        return fields.isWhole
    }
}

/// The fields of a Protocol Buffers message, one behind the other, in place.
///
/// - Source: Protocol Buffers, "Encoding".
struct WireFields {
    enum Value {
        case varint(UInt64)
        case fixed
        case bytes(UnsafeRawBufferPointer)
    }

    private let bytes: UnsafeRawBufferPointer
    private var position = 0
    /// Whether all bytes were fields so far.
    private(set) var isWhole = true

    init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    /// The next field; nil at the end, and at the first byte that is no field.
    mutating func next() -> (number: UInt64, value: Value)? {
        guard position < bytes.count, isWhole else { return nil }
        guard let tag = varint(), let value = value(of: tag & 7) else {
            isWhole = false
            return nil
        }
        return (tag >> 3, value)
    }

    private mutating func value(of type: UInt64) -> Value? {
        switch type {
        case 0: return varint().map(Value.varint)
        case 1: return skip(8) ? .fixed : nil
        case 5: return skip(4) ? .fixed : nil
        case 2:
            guard let length = varint().flatMap(Int.init(exactly:)) else { return nil }
            let start = position
            return skip(length)
                ? .bytes(UnsafeRawBufferPointer(rebasing: bytes[start..<position])) : nil
        default: return nil
        }
    }

    private mutating func skip(_ count: Int) -> Bool {
        guard count <= bytes.count - position else { return false }
        position += count
        return true
    }

    private mutating func varint() -> UInt64? {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while position < bytes.count, shift < 64 {
            let byte = bytes[position]
            position += 1
            value |= UInt64(byte & 0x7f) << shift
            if byte < 0x80 { return value }
            shift += 7
        }
        return nil
    }
}
