import CardSecurity

/// PIN blocks, wrapped keys and the contents of a key store.
///
/// The first byte says which; of blocks and keys, the second says the cipher, and 16 bytes are the
/// key under which they are opened.
enum PINFuzz {

    static func run(_ bytes: [UInt8]) throws -> Bool {
        var input = FuzzInput(bytes)
        switch input.byte() % 4 {
        case 0: return try open(&input)
        case 1: return try sealAndOpen(&input)
        case 2: return try unwrap(&input)
        default: return try keyStore(input.remainder())
        }
    }

    /// A block of the input's: a value, or the one fault.
    private static func open(_ input: inout FuzzInput) throws -> Bool {
        let opener = try opener(&input)
        guard let card = card(&input) else { return false }
        let verifier = PINVerifier(
            current: secret(Array(1...32)), keyID: 2, others: [(1, secret(Array(2...33)))])
        let values: VerificationValues
        do throws(PINBlockFault) {
            values = try verifier.verificationValues(
                pinBlock: input.remainder(), card: card, opener: opener)
        } catch {
            return false
        }
        try FuzzFinding.unless(values.others.map(\.keyID) == [1], "the other key is left out")
        return true
    }

    /// A block of the input's PIN: it opens to that PIN's own value, under this card alone.
    private static func sealAndOpen(_ input: inout FuzzInput) throws -> Bool {
        let algorithm = algorithm(&input)
        let key = key(&input)
        guard let card = card(&input) else { return false }
        let verifier = PINVerifier(current: secret(Array(1...32)), keyID: 2)
        let pin = String(decoding: input.remainder(), as: UTF8.self)
        let block: [UInt8]
        do throws(CardSecurityFault) {
            block = try PINSealer(key: key, algorithm: algorithm)
                .block(pin: pin, card: card)
        } catch {
            let value = try? verifier.verificationValue(pin: pin, card: card)
            try FuzzFinding.unless(value == nil, "a PIN that cannot be sent can be imported")
            return false
        }
        let opener = try PINOpener(key: key, algorithm: algorithm)
        let values = try verifier.verificationValues(pinBlock: block, card: card, opener: opener)
        let imported = try verifier.verificationValue(pin: pin, card: card)
        try FuzzFinding.unless(values.current == imported, "a PIN is not the one that was imported")
        return true
    }

    private static func unwrap(_ input: inout FuzzInput) throws -> Bool {
        let algorithm = algorithm(&input)
        let key = key(&input)
        let check = input.bytes(3)
        let wrapped = WrappedPINKey(wrapped: input.remainder(), checkValue: check)
        return (try? wrapped.unwrap(masterKey: key, algorithm: algorithm)) != nil
    }

    private static func keyStore(_ bytes: [UInt8]) throws -> Bool {
        guard let contents = KeyStoreContents(decoding: secret(bytes), version: 3) else {
            return false
        }
        let same = contents.encoded.withUnsafeBytes { $0.elementsEqual(bytes) }
        try FuzzFinding.unless(same, "a key store is written differently")
        return true
    }

    private static func opener(_ input: inout FuzzInput) throws -> PINOpener {
        let algorithm = algorithm(&input)
        return try PINOpener(key: key(&input), algorithm: algorithm)
    }

    private static func algorithm(_ input: inout FuzzInput) -> PINAlgorithm {
        input.byte() & 1 == 0 ? .aes128 : .sm4
    }

    private static func key(_ input: inout FuzzInput) -> SecretBytes {
        let bytes = input.bytes(PINAlgorithm.keyBytes)
        return secret(bytes + Array(repeating: 0, count: PINAlgorithm.keyBytes - bytes.count))
    }

    private static func card(_ input: inout FuzzInput) -> CardDigits? {
        let count = 10 + input.below(10)
        var digits: UInt64 = 0
        for _ in 0..<count { digits = digits * 10 + UInt64(input.below(10)) }
        return CardDigits(value: digits, count: UInt8(count))
    }

    private static func secret(_ bytes: [UInt8]) -> SecretBytes {
        var bytes = bytes
        return SecretBytes(wiping: &bytes)
    }
}
