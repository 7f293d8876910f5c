import Testing

@testable import CardSecurity

@Suite("Key vault and sessions")
struct KeyVaultTests {
    let directory: TemporaryDirectory
    let store: SealedKeyStore
    let masterKey: SecretBytes

    init() throws {
        directory = try TemporaryDirectory()
        let source = KeyEncryptionSource.keyFile(path: directory.file("kek"))
        try KeyEncryptionSource.generateKeyFile(at: directory.file("kek"))
        store = try SealedKeyStore.create(at: directory.file("keys"), source: source)
        masterKey = try store.update { contents throws(CardSecurityFault) in
            try contents.register(terminal: "PHAR0001", created: 1)
        }
    }

    @Test(
        "A terminal seals a PIN under what sign-on gave it, and the session finds its value",
        arguments: PINAlgorithm.allCases)
    func session(_ algorithm: PINAlgorithm) throws {
        let vault: any KeyVault = store
        let session = try vault.openSession(
            terminal: "PHAR0001", algorithm: algorithm, masterKey: nil)
        #expect(session.algorithm == algorithm)
        let sealer = try PINSealer(
            unwrapping: session.wrappedKey, masterKey: masterKey, algorithm: algorithm)
        let card = try #require(CardDigits("6228480012345676"))
        let values = try session.verificationValues(
            pinBlock: sealer.block(pin: "246810", card: card), card: card)
        #expect(values.current == (try vault.verificationValue(pin: "246810", card: card)))
        #expect(values.current != (try vault.verificationValue(pin: "246811", card: card)))
        #expect(values.current.keyID == vault.verificationKeyID)
        #expect(throws: PINBlockFault()) {
            try session.verificationValues(pinBlock: [1, 2, 3], card: card)
        }
    }

    @Test("Each session has a PIN key of its own")
    func sessionsDiffer() throws {
        let first = try store.openSession(terminal: "PHAR0001", algorithm: .aes128, masterKey: nil)
        let second = try store.openSession(terminal: "PHAR0001", algorithm: .aes128, masterKey: nil)
        #expect(first.wrappedKey != second.wrappedKey)
        let sealer = try PINSealer(
            unwrapping: first.wrappedKey, masterKey: masterKey, algorithm: .aes128)
        let card = try #require(CardDigits("6228480012345676"))
        let block = try sealer.block(pin: "2468", card: card)
        #expect(throws: PINBlockFault()) {
            try second.verificationValues(pinBlock: block, card: card)
        }
    }

    @Test("A terminal without a master key gets no session")
    func unknownTerminal() {
        #expect(throws: CardSecurityFault.terminalUnknown("PHAR0009")) {
            try store.openSession(terminal: "PHAR0009", algorithm: .aes128, masterKey: nil)
        }
    }

    @Test("After a rotation, values carry the new number and the former one's beside it")
    func rotation() throws {
        let card = try #require(CardDigits("6228480012345676"))
        let old = try store.verificationValue(pin: "2468", card: card)
        let number = try store.update { contents throws(CardSecurityFault) in
            try contents.rotateVerificationKey(created: 2)
        }
        #expect(number == 2 && store.verificationKeyID == 2 && old.keyID == 1)
        let session = try store.openSession(terminal: "PHAR0001", algorithm: .sm4, masterKey: nil)
        let sealer = try PINSealer(
            unwrapping: session.wrappedKey, masterKey: masterKey, algorithm: .sm4)
        let block = try sealer.block(pin: "2468", card: card)
        let values = try session.verificationValues(pinBlock: block, card: card)
        #expect(values.others == [old])
        #expect(values.current == (try store.verificationValue(pin: "2468", card: card)))
        try store.update { contents throws(CardSecurityFault) in
            try contents.retireVerificationKey(1)
        }
        let later = try store.openSession(terminal: "PHAR0001", algorithm: .sm4, masterKey: nil)
        let laterSealer = try PINSealer(
            unwrapping: later.wrappedKey, masterKey: masterKey, algorithm: .sm4)
        let laterValues = try later.verificationValues(
            pinBlock: laterSealer.block(pin: "2468", card: card), card: card)
        #expect(laterValues.others.isEmpty && laterValues.current == values.current)
    }

    @Test("The current verification key is never retired, nor one that is not there")
    func retire() throws {
        #expect(throws: CardSecurityFault.verificationKeyInUse(1)) {
            try store.update { contents throws(CardSecurityFault) in
                try contents.retireVerificationKey(1)
            }
        }
        #expect(throws: CardSecurityFault.verificationKeyUnknown(9)) {
            try store.update { contents throws(CardSecurityFault) in
                try contents.retireVerificationKey(9)
            }
        }
    }

    @Test(
        "Identifiers that cannot name a terminal are refused",
        arguments: ["", "A B", "Ä", "T\n", String(repeating: "T", count: 33)])
    func terminalNames(_ name: String) {
        #expect(throws: CardSecurityFault.terminalMalformed) {
            try store.update { contents throws(CardSecurityFault) in
                try contents.register(terminal: name, created: 1)
            }
        }
    }

    @Test("A replaced master key is another key, and the old one unwraps no new session")
    func replace() throws {
        let new = try store.update { contents throws(CardSecurityFault) in
            try contents.register(terminal: "PHAR0001", existing: .replace, created: 2)
        }
        let session = try store.openSession(
            terminal: "PHAR0001", algorithm: .aes128, masterKey: nil)
        #expect(throws: CardSecurityFault.unwrapFailed) {
            try session.wrappedKey.unwrap(masterKey: masterKey, algorithm: .aes128)
        }
        _ = try session.wrappedKey.unwrap(masterKey: new, algorithm: .aes128)
    }
}
