import COpenSSL

/// Turns PINs into verification values under the keys in use; callable from any thread.
public struct PINVerifier: Sendable {
    /// The number of the current verification key.
    public let keyID: UInt16
    private let current: HMACSHA256
    private let others: [(keyID: UInt16, code: HMACSHA256)]

    /// Takes the current key and, while keys are rotated, the others that cards may still or will
    /// soon have values under.
    public init(
        current: SecretBytes, keyID: UInt16, others: [(keyID: UInt16, key: SecretBytes)] = []
    ) {
        self.keyID = keyID
        self.current = HMACSHA256(key: current)
        self.others = others.map { ($0.keyID, HMACSHA256(key: $0.key)) }
    }

    /// The values of the PIN in a block bound to a card, the clear PIN wiped on return.
    ///
    /// - Parameters:
    ///   - pinBlock: the block, 16 bytes.
    ///   - card: the card number that the request names.
    ///   - opener: the opener of the session that the block came in.
    /// - Returns: the values under the current key and each other one.
    /// - Throws: one fault for a wrong length, card, key, format, PIN length, digit and filler
    ///   alike.
    public func verificationValues(
        pinBlock: UnsafeRawBufferPointer, card: CardDigits, opener: PINOpener
    ) throws(PINBlockFault) -> VerificationValues {
        try opener.open(pinBlock, card: card) { values(of: $0) }
    }

    /// The values of the PIN in a block bound to a card, the clear PIN wiped on return.
    public func verificationValues(
        pinBlock: [UInt8], card: CardDigits, opener: PINOpener
    ) throws(PINBlockFault) -> VerificationValues {
        try pinBlock.withUnsafeBufferPointer { (bytes) throws(PINBlockFault) in
            try opener.open(UnsafeRawBufferPointer(bytes), card: card) { values(of: $0) }
        }
    }

    /// The value of a PIN in clear digits under the current key, for an operator's import.
    public func verificationValue(
        pin: String, card: CardDigits
    ) throws(CardSecurityFault) -> VerificationValue {
        var digits = Array(pin.utf8)
        defer { Wiping.wipe(&digits) }
        guard (4...12).contains(digits.count), digits.allSatisfy({ (0x30...0x39).contains($0) })
        else { throw .pinMalformed }
        let scratch = SecretScratch(count: PINMessage.bytes)
        PINMessage.write(pin: digits, card: card, to: scratch.base)
        let message = UnsafeRawBufferPointer(start: scratch.base, count: PINMessage.bytes)
        return VerificationValue(keyID: keyID, code: current.authenticate(message))
    }

    private func values(of message: UnsafeRawBufferPointer) -> VerificationValues {
        var values = VerificationValues(
            current: VerificationValue(keyID: keyID, code: current.authenticate(message)))
        for other in others {
            values.others.append(
                VerificationValue(keyID: other.keyID, code: other.code.authenticate(message)))
        }
        return values
    }
}
