/// What a PIN verification value authenticates: card and PIN in 35 bytes, whatever their lengths.
///
/// | offset | bytes | content |
/// | --- | --- | --- |
/// | 0 | 5 | ASCII `PINV1` |
/// | 5 | 1 | count of the card's digits |
/// | 6 | 16 | PAN field of the card |
/// | 22 | 1 | count of the PIN's digits |
/// | 23 | 12 | the PIN's ASCII digits, then 0xff |
enum PINMessage {
    static let bytes = 35
    static let pinCountOffset = 22

    /// Writes the message of a decrypted PIN field, and returns 0 only where that is well formed.
    ///
    /// No branch and no address depends on the PIN field. Of one that is malformed, the message has
    /// the right shape and no meaning.
    static func write(
        pinField: UnsafePointer<UInt8>, panField: UInt128, card: CardDigits,
        to message: UnsafeMutablePointer<UInt8>
    ) -> UInt8 {
        writeCard(panField, card, to: message)
        let control = pinField[0] >> 4
        let count = pinField[0] & 0x0f
        var wrong = control ^ 4
        wrong |= mask(count, below: 4) | ~mask(count, below: 13)
        message[pinCountOffset] = count
        for position in 0..<14 {
            let byte = pinField[1 + position / 2]
            let nibble = position % 2 == 0 ? byte >> 4 : byte & 0x0f
            let isDigit = mask(UInt8(position), below: count)
            wrong |= isDigit & ~mask(nibble, below: 10)
            wrong |= ~isDigit & (nibble ^ 0x0a)
            if position < 12 {
                message[pinCountOffset + 1 + position] = isDigit & (0x30 + nibble) | ~isDigit
            }
        }
        return wrong
    }

    /// Writes the message of a PIN in clear digits, 4 to 12 of them, as it is imported.
    static func write(
        pin: [UInt8], card: CardDigits, to message: UnsafeMutablePointer<UInt8>
    ) {
        writeCard(card.panField, card, to: message)
        message[pinCountOffset] = UInt8(pin.count)
        for position in 0..<12 {
            message[pinCountOffset + 1 + position] = position < pin.count ? pin[position] : 0xff
        }
    }

    private static func writeCard(
        _ panField: UInt128, _ card: CardDigits, to message: UnsafeMutablePointer<UInt8>
    ) {
        message[0] = 0x50
        message[1] = 0x49
        message[2] = 0x4e
        message[3] = 0x56
        message[4] = 0x31
        message[5] = card.count
        for position in 0..<16 {
            message[6 + position] = UInt8(
                truncatingIfNeeded: panField >> UInt128(120 - 8 * position))
        }
    }

    /// 0xff where `value` is below `bound`, else 0; without a branch, for values up to 0x7f.
    private static func mask(_ value: UInt8, below bound: UInt8) -> UInt8 {
        UInt8(bitPattern: Int8(bitPattern: value &- bound) >> 7)
    }
}
