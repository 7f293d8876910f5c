import COpenSSL

/// Makes PIN blocks under one session's PIN key: the terminal's side.
///
/// Not Sendable: it belongs to one task or loop.
///
/// - Source: ISO 9564-1:2017, 9.4.2 (format 4); Protocol/PINBlock.md.
public final class PINSealer {
    private let cipher: BlockCipher
    private let scratch = SecretScratch(count: 16)
    /// Random bytes of fills that no block has yet: to draw many at once costs little more than one.
    private var drawn: [UInt8] = []
    private static let fillsDrawn = 64

    /// Takes the session's PIN key, 16 bytes.
    public init(key: SecretBytes, algorithm: PINAlgorithm) throws(CardSecurityFault) {
        cipher = try BlockCipher(key: key, algorithm: algorithm, direction: .encrypt)
    }

    /// Unwraps the PIN key that a sign-on answer carries and checks its check value.
    public convenience init(
        unwrapping wrapped: WrappedPINKey, masterKey: SecretBytes, algorithm: PINAlgorithm
    ) throws(CardSecurityFault) {
        let key = try wrapped.unwrap(masterKey: masterKey, algorithm: algorithm)
        try self.init(key: key, algorithm: algorithm)
    }

    /// The PIN block, 16 bytes, of 4 to 12 ASCII digits bound to a card, with fresh random fill.
    public func block(pin: String, card: CardDigits) throws(CardSecurityFault) -> [UInt8] {
        var digits = Array(pin.utf8)
        defer { Wiping.wipe(&digits) }
        return try block(pin: digits, card: card, fill: nextFill())
    }

    private func nextFill() throws(CardSecurityFault) -> [UInt8] {
        if drawn.isEmpty { drawn = try SecureRandom.bytes(8 * Self.fillsDrawn) }
        defer { drawn.removeLast(8) }
        return Array(drawn.suffix(8))
    }

    /// The PIN block with this fill of 8 bytes; a fill is used once only.
    func block(
        pin: [UInt8], card: CardDigits, fill: [UInt8]
    ) throws(CardSecurityFault) -> [UInt8] {
        guard (4...12).contains(pin.count), pin.allSatisfy({ (0x30...0x39).contains($0) }) else {
            throw .pinMalformed
        }
        guard fill.count == 8 else {
            throw .lengthWrong(of: "the fill", bytes: fill.count, expected: "8")
        }
        defer { scratch.wipe() }
        let work = scratch.base
        writePINField(pin, fill, to: work)
        guard cipher.transform(work) else { throw LibraryFailure.take("a PIN block") }
        PANField.add(card.panField, to: work)
        guard cipher.transform(work) else { throw LibraryFailure.take("a PIN block") }
        return Array(UnsafeBufferPointer(start: work, count: 16))
    }

    /// Control 4, the PIN's length, its digits, nibbles of ten up to the eighth byte, the fill.
    private func writePINField(
        _ pin: [UInt8], _ fill: [UInt8], to work: UnsafeMutablePointer<UInt8>
    ) {
        work[0] = 0x40 | UInt8(pin.count)
        for position in 1..<8 { work[position] = 0xaa }
        for (position, character) in pin.enumerated() {
            let (byte, digit) = (1 + position / 2, character - 0x30)
            if position % 2 == 0 {
                work[byte] = digit << 4 | 0x0a
            } else {
                work[byte] = work[byte] & 0xf0 | digit
            }
        }
        for position in 0..<8 { work[8 + position] = fill[position] }
    }
}

/// The addition of the PAN field to an intermediate block.
enum PANField {
    static func add(_ field: UInt128, to work: UnsafeMutablePointer<UInt8>) {
        for position in 0..<16 {
            work[position] ^= UInt8(truncatingIfNeeded: field >> UInt128(120 - 8 * position))
        }
    }
}
