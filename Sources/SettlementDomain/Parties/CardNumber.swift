/// A card number: 10 to 19 digits, the last of them a Luhn check digit.
///
/// It is never printed whole by accident: `description` is masked, `clearText` is asked for.
public struct CardNumber: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// All digits as one decimal number; leading zeros are told by `count`.
    public let digits: UInt64
    /// How many digits, 10...19.
    public let count: UInt8

    /// Creates the number of these digits; nil for a wrong count or check digit.
    public init?(digits: UInt64, count: UInt8) {
        guard (10...19).contains(count) else { return nil }
        var rest = digits
        var sum: UInt64 = 0
        for position in 0..<count {
            let digit = rest % 10
            rest /= 10
            // Every second digit from the right counts double, its digits summed.
            let weighted = position % 2 == 1 ? digit * 2 : digit
            sum += weighted > 9 ? weighted - 9 : weighted
        }
        guard rest == 0, sum % 10 == 0 else { return nil }
        self.digits = digits
        self.count = count
    }

    /// Reads 10 to 19 digits; nil for anything else and for a wrong check digit.
    public init?(_ text: String) {
        var value: UInt64 = 0
        var count: UInt8 = 0
        for byte in text.utf8 {
            guard count < 19, byte >= 0x30, byte <= 0x39 else { return nil }
            value = value * 10 + UInt64(byte - 0x30)
            count += 1
        }
        self.init(digits: value, count: count)
    }

    /// Reads packed decimal; nil for anything else and for a wrong check digit.
    ///
    /// Two digits a byte, the first in the high nibble; an odd count is filled with one low nibble
    /// 0xF.
    public init?(bcd bytes: some Collection<UInt8>) {
        var value: UInt64 = 0
        var count: UInt8 = 0
        var filled = false
        for byte in bytes {
            let (high, low) = (byte >> 4, byte & 0x0f)
            guard !filled, count < 19, high <= 9 else { return nil }
            value = value * 10 + UInt64(high)
            count += 1
            if low == 0x0f {
                filled = true
            } else {
                guard count < 19, low <= 9 else { return nil }
                value = value * 10 + UInt64(low)
                count += 1
            }
        }
        self.init(digits: value, count: count)
    }

    /// The packed decimal form that `init(bcd:)` reads, 5 to 10 bytes.
    public var bcd: [UInt8] {
        var nibbles = digits
        var result = [UInt8](repeating: 0, count: (Int(count) + 1) / 2)
        for position in stride(from: Int(count) - 1, through: 0, by: -1) {
            let digit = UInt8(nibbles % 10)
            nibbles /= 10
            result[position / 2] |= position % 2 == 0 ? digit << 4 : digit
        }
        if count % 2 == 1 { result[result.count - 1] |= 0x0f }
        return result
    }

    /// All digits; not for logs.
    public var clearText: String {
        let text = String(digits)
        return String(repeating: "0", count: Int(count) - text.utf8.count) + text
    }

    /// The first six and the last four digits: `622848********0017`; of fewer than 14 digits only
    /// the last four.
    public var description: String {
        let shown = count >= 14 ? 6 : 0
        let hidden = String(repeating: "*", count: Int(count) - shown - 4)
        return clearText.prefix(shown) + hidden + clearText.suffix(4)
    }

    /// Whether the left number comes first: the shorter, else the smaller.
    public static func < (left: CardNumber, right: CardNumber) -> Bool {
        (left.count, left.digits) < (right.count, right.digits)
    }

    /// The number with its Luhn digit put after 9 to 18 leading digits; nil for another count.
    public static func completing(_ leading: String) -> CardNumber? {
        for check in 0...9 {
            if let number = CardNumber(leading + String(check)) { return number }
        }
        return nil
    }
}
