/// The digits of a card number as a PIN block binds them: 10 to 19, no check digit test here.
public struct CardDigits: Sendable, Hashable {
    /// All digits as one decimal number; leading zeros are told by `count`.
    public let value: UInt64
    /// How many digits, 10...19.
    public let count: UInt8

    /// Creates the digits of a number; nil for a wrong count or a number of more digits.
    public init?(value: UInt64, count: UInt8) {
        guard (10...19).contains(count) else { return nil }
        var rest = value
        for _ in 0..<count { rest /= 10 }
        guard rest == 0 else { return nil }
        self.value = value
        self.count = count
    }

    /// Reads 10 to 19 ASCII digits; nil for anything else.
    public init?(_ text: some StringProtocol) {
        var value: UInt64 = 0
        var count: UInt8 = 0
        for byte in text.utf8 {
            guard count < 19, byte >= 0x30, byte <= 0x39 else { return nil }
            value = value * 10 + UInt64(byte - 0x30)
            count += 1
        }
        self.init(value: value, count: count)
    }

    /// The PAN field of format 4, its first nibble the most significant.
    ///
    /// One nibble with the count of digits less 12, the digits, zeros to 32 nibbles; fewer than 12
    /// digits are filled with zeros on the left to 12, under a first nibble of 0.
    ///
    /// - Source: ISO 9564-1:2017, 9.4.2.3; Protocol/PINBlock.md.
    var panField: UInt128 {
        let digits = max(Int(count), 12)
        var field = UInt128(digits - 12) << 124
        var rest = value
        for position in stride(from: digits, to: 0, by: -1) {
            let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
            field |= UInt128(digit) << UInt128(124 - 4 * position)
            rest = quotient
        }
        return field
    }
}

extension CardDigits: CustomStringConvertible {
    /// The count and nothing else: a card number is not printed by accident.
    public var description: String { "card of \(count) digits" }
}
