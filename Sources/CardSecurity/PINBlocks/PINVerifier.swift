import COpenSSL

/// Turns PINs into verification values under the keys in use; callable from any thread.
public struct PINVerifier: Sendable {
    /// The number of the current verification key.
    public let keyID: UInt16
    /// The number of the key before it, as long as that is kept.
    public let previousKeyID: UInt16?
    private let current: HMACSHA256
    private let previous: HMACSHA256?

    /// Takes the current key and, while a rotation is under way, the one before it.
    public init(
        current: SecretBytes, keyID: UInt16, previous: SecretBytes? = nil,
        previousKeyID: UInt16? = nil
    ) throws(CardSecurityFault) {
        self.keyID = keyID
        self.current = try HMACSHA256(key: current)
        if let previous, let previousKeyID {
            self.previous = try HMACSHA256(key: previous)
            self.previousKeyID = previousKeyID
        } else {
            self.previous = nil
            self.previousKeyID = nil
        }
    }

    /// The values of the PIN in a block bound to a card, the clear PIN wiped on return.
    ///
    /// - Parameters:
    ///   - pinBlock: the block, 16 bytes.
    ///   - card: the card number that the request names.
    ///   - opener: the opener of the session that the block came in.
    /// - Returns: the values under the current and the previous key.
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
        guard let code = current.authenticate(message) else {
            throw LibraryFailure.take("HMAC-SHA-256")
        }
        return VerificationValue(keyID: keyID, code: code)
    }

    private func values(of message: UnsafeRawBufferPointer) -> VerificationValues? {
        guard let code = current.authenticate(message) else { return nil }
        var values = VerificationValues(
            current: VerificationValue(keyID: keyID, code: code), previous: nil)
        if let previous, let previousKeyID {
            guard let code = previous.authenticate(message) else { return nil }
            values.previous = VerificationValue(keyID: previousKeyID, code: code)
        }
        return values
    }
}
