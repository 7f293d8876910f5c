/// A resident's 18-character ID number: region, birth date, sequence, check character.
///
/// - Source: GB 11643-1999; the check character is ISO 7064 MOD 11-2.
public struct IDNumber: Sendable, Hashable, CustomStringConvertible {
    /// The first seventeen digits as one decimal number; the check character follows from them.
    public let digits: UInt64

    /// Reads the 18 characters; nil for a wrong form, check character or birth date.
    public init?(_ text: String) {
        var value: UInt64 = 0
        var last: UInt8 = 0
        var count = 0
        for byte in text.utf8 {
            count += 1
            if count < 18 {
                guard byte >= 0x30, byte <= 0x39 else { return nil }
                value = value * 10 + UInt64(byte - 0x30)
            } else {
                last = byte
            }
        }
        guard count == 18, last == Self.checkCharacter(of: value) else { return nil }
        self.init(digits: value)
    }

    /// Creates the number of its first seventeen digits; nil where the first is a zero or the birth
    /// date is none.
    public init?(digits: UInt64) {
        guard digits >= 10_000_000_000_000_000, digits < 100_000_000_000_000_000,
            CivilDate(yyyymmdd: Int32(digits / 1000 % 100_000_000)) != nil
        else { return nil }
        self.digits = digits
    }

    /// The birth date that the number says.
    public var birthDate: CivilDate {
        CivilDate(yyyymmdd: Int32(digits / 1000 % 100_000_000)) ?? .first
    }

    /// The sex that the number says: odd sequence numbers are men's.
    public var sex: Sex { digits % 2 == 1 ? .male : .female }

    /// All eighteen characters; not for logs.
    public var clearText: String {
        String(digits) + String(UnicodeScalar(Self.checkCharacter(of: digits)))
    }

    /// The first four and the last four characters: `9999**********0017`.
    public var description: String {
        let text = clearText
        return text.prefix(4) + "**********" + text.suffix(4)
    }

    private static func checkCharacter(of digits: UInt64) -> UInt8 {
        var rest = digits
        var weight: UInt64 = 1
        var sum: UInt64 = 0
        for _ in 0..<17 {
            weight = weight * 2 % 11
            sum += rest % 10 * weight
            rest /= 10
        }
        let check = (12 - sum % 11) % 11
        return check == 10 ? UInt8(ascii: "X") : UInt8(ascii: "0") + UInt8(check)
    }
}
