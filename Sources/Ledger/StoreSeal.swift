import SettlementDomain

/// What a store keeps records and card numbers under, so that a copy of it tells neither.
///
/// One seal belongs to a site's key store: what one of its processes sealed every other opens.
/// - Source: ARCHITECTURE.md, "What a store keeps sealed"; SECURITY.md, "What is written down".
public protocol StoreSeal: Sendable {
    /// Names the keys: a store is opened only by what has the keys that it was made with.
    var name: UInt64 { get }

    /// Seals a record; the same bytes are never sealed alike twice.
    ///
    /// - Parameters:
    ///   - record: any bytes.
    ///   - place: what the record is opened with again: a record that was put in another's place does
    ///     not open.
    /// - Returns: at most 30 bytes more than the record.
    /// - Throws: `unavailable` where the keys cannot be used.
    func seal(_ record: UnsafeRawBufferPointer, place: UInt64) throws(StoreFault) -> [UInt8]

    /// The record that was sealed; nil where it was changed, moved, or sealed by another site.
    func open(_ sealed: UnsafeRawBufferPointer, place: UInt64) throws(StoreFault) -> [UInt8]?

    /// What stands for a card number in a store: always the same, and to be had of the number by the
    /// site's keys alone.
    func token(of number: CardNumber) -> CardToken

    /// The number that a token stands for; nil where it is none of this site's.
    func number(of token: CardToken) -> CardNumber?
}

/// What stands for a card number in a store: 16 bytes, ordered as their bytes are.
public struct CardToken: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// The first eight bytes, big-endian.
    public let high: UInt64
    /// The last eight bytes, big-endian.
    public let low: UInt64

    /// Creates the token of these bytes.
    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Reads 16 bytes; nil for another count.
    public init?(_ bytes: [UInt8]) {
        guard bytes.count == 16 else { return nil }
        func word(_ bytes: ArraySlice<UInt8>) -> UInt64 {
            bytes.reduce(0) { $0 << 8 | UInt64($1) }
        }
        self.init(high: word(bytes[..<8]), low: word(bytes[8...]))
    }

    /// Runs the body with the 16 bytes.
    public func withUnsafeBytes<Result>(
        _ body: (UnsafeRawBufferPointer) throws -> Result
    ) rethrows -> Result {
        try Swift.withUnsafeBytes(of: (high.bigEndian, low.bigEndian), body)
    }

    /// The bytes as 32 hexadecimal digits.
    public var description: String {
        [high, low].map { word in
            let digits = String(word, radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }

    /// Whether the left token's bytes come first.
    public static func < (left: CardToken, right: CardToken) -> Bool {
        (left.high, left.low) < (right.high, right.low)
    }
}
