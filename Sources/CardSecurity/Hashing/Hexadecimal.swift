/// Hexadecimal text of bytes, and back.
enum Hexadecimal {
    /// Two lower-case digits a byte.
    static func text(of bytes: some Collection<UInt8>) -> String {
        String(decoding: digits(of: bytes), as: UTF8.self)
    }

    /// Two lower-case digits a byte, with room for one more: a secret's digits are wiped by who
    /// asked for them, and no shorter copy stays behind.
    static func digits(of bytes: some Collection<UInt8>) -> [UInt8] {
        var digits: [UInt8] = []
        digits.reserveCapacity(2 * bytes.count + 1)
        for byte in bytes {
            digits.append(digit(byte >> 4))
            digits.append(digit(byte & 0x0f))
        }
        return digits
    }

    /// The bytes of an even number of digits in either case; nil for anything else.
    static func bytes(of text: some Collection<UInt8>) -> [UInt8]? {
        guard text.count % 2 == 0 else { return nil }
        var result: [UInt8] = []
        result.reserveCapacity(text.count / 2)
        var high: UInt8?
        for character in text {
            guard let value = value(of: character) else { return nil }
            if let first = high {
                result.append(first << 4 | value)
                high = nil
            } else {
                high = value
            }
        }
        return result
    }

    private static func digit(_ nibble: UInt8) -> UInt8 {
        nibble < 10 ? 0x30 + nibble : 0x61 + nibble - 10
    }

    private static func value(of character: UInt8) -> UInt8? {
        switch character {
        case 0x30...0x39: character - 0x30
        case 0x41...0x46: character - 0x41 + 10
        case 0x61...0x66: character - 0x61 + 10
        default: nil
        }
    }
}
