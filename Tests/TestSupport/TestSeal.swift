import Ledger
import SettlementDomain

/// A seal of tests: like the real one in all that a store sees, and no secret to anybody.
///
/// What is sealed is a function of the bytes, so that a run out of a seed is the same each time.
public struct TestSeal: StoreSeal {
    private let key: UInt64

    /// Creates a site's seal; another key is another site's.
    public init(key: UInt64 = 0x5EA1) {
        self.key = key
    }

    /// Names the key.
    public var name: UInt64 { hash([], 0) }

    /// Seals a record: eight bytes that depend on all of it, then the record, mixed.
    public func seal(_ record: UnsafeRawBufferPointer, place: UInt64) -> [UInt8] {
        let tag = hash(Array(record), place)
        return Self.bytes(tag) + mixed(record, tag)
    }

    /// Opens what `seal` gave for the place; nil for anything else.
    public func open(_ sealed: UnsafeRawBufferPointer, place: UInt64) -> [UInt8]? {
        guard sealed.count >= 8 else { return nil }
        let tag = sealed.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
        let record = mixed(UnsafeRawBufferPointer(rebasing: sealed[8...]), tag)
        return hash(record, place) == tag ? record : nil
    }

    /// What stands for a number.
    public func token(of number: CardNumber) -> CardToken {
        let first = number.digits ^ hash([number.count], 1)
        let second = UInt64(number.count) ^ hash(Self.bytes(first), 2)
        return CardToken(high: first ^ hash(Self.bytes(second), 3), low: second)
    }

    /// What a token stands for.
    public func number(of token: CardToken) -> CardNumber? {
        let first = token.high ^ hash(Self.bytes(token.low), 3)
        let count = token.low ^ hash(Self.bytes(first), 2)
        guard let count = UInt8(exactly: count) else { return nil }
        return CardNumber(digits: first ^ hash([count], 1), count: count)
    }

    private func mixed(_ bytes: UnsafeRawBufferPointer, _ tag: UInt64) -> [UInt8] {
        var stream = SplitMix(seed: tag ^ key)
        var word: UInt64 = 0
        return bytes.enumerated().map { index, byte in
            if index % 8 == 0 { word = stream.next() }
            return byte ^ UInt8(truncatingIfNeeded: word >> UInt64(index % 8 * 8))
        }
    }

    private func hash(_ bytes: [UInt8], _ place: UInt64) -> UInt64 {
        (bytes + Self.bytes(place)).withUnsafeBytes { XXHash64.hash($0, seed: key) }
    }

    private static func bytes(_ word: UInt64) -> [UInt8] {
        withUnsafeBytes(of: word.bigEndian) { Array($0) }
    }
}
