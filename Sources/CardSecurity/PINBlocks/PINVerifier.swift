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
    ) throws(CardSecurityFault) {
        self.keyID = keyID
        self.current = try HMACSHA256(key: current)
        var codes: [(keyID: UInt16, code: HMACSHA256)] = []
        for other in others { codes.append((other.keyID, try HMACSHA256(key: other.key))) }
        self.others = codes
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
        guard let code = current.authenticate(message) else {
            throw LibraryFailure.take("HMAC-SHA-256")
        }
        return VerificationValue(keyID: keyID, code: code)
    }

    private func values(of message: UnsafeRawBufferPointer) -> VerificationValues? {
        guard let code = current.authenticate(message) else { return nil }
        var values = VerificationValues(current: VerificationValue(keyID: keyID, code: code))
        for other in others {
            guard let code = other.code.authenticate(message) else { return nil }
            values.others.append(VerificationValue(keyID: other.keyID, code: code))
        }
        return values
    }
}
