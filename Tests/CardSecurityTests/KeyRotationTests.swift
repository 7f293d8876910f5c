import Foundation
import Testing

@testable import CardSecurity

@Suite("Keys changed while they are in use")
struct KeyRotationTests {
    let directory: TemporaryDirectory
    let source: KeyEncryptionSource
    let store: SealedKeyStore
    let path: String

    init() throws {
        directory = try TemporaryDirectory()
        path = directory.file("keys")
        source = .keyFile(path: directory.file("kek"))
        try KeyEncryptionSource.generateKeyFile(at: directory.file("kek"))
        store = try SealedKeyStore.create(at: path, source: source)
        try store.update { contents throws(CardSecurityFault) in
            _ = try contents.register(terminal: "PHAR0001", created: 1)
        }
    }

    // MARK: Key-encryption key

    @Test("While a key-encryption key is changed, the old and the new one open the store")
    func twoKeyEncryptionKeys() throws {
        let new = try anotherKeyFile()
        try store.admit(new)
        #expect(store.openers == 2)
        for source in [source, new] {
            #expect(
                try SealedKeyStore.open(at: path, source: source).contents.terminals
                    == ["PHAR0001"])
        }
        #expect(try store.seal(under: new) == 1)
        #expect(try SealedKeyStore.open(at: path, source: new).openers == 1)
        #expect(throws: CardSecurityFault.cannotUnseal(path: path)) {
            try SealedKeyStore.open(at: path, source: source)
        }
    }

    @Test("A daemon whose key-encryption key is gone follows changes while another is admitted")
    func withoutTheOldKey() throws {
        let daemon = try SealedKeyStore.open(at: path, source: source)
        try store.admit(try anotherKeyFile())
        try FileManager.default.removeItem(atPath: directory.file("kek"))
        try store.update { contents throws(CardSecurityFault) in
            _ = try contents.register(terminal: "PHAR0002", created: 2)
        }
        #expect(try daemon.reloadIfChanged())
        #expect(daemon.contents.terminals == ["PHAR0001", "PHAR0002"])
    }

    @Test("A key file that is replaced in place is read anew when the store is sealed under it")
    func replacedInPlace() throws {
        let daemon = try SealedKeyStore.open(at: path, source: source)
        let new = try anotherKeyFile()
        try store.admit(new)
        #expect(rename(directory.file("kek2"), directory.file("kek")) == 0)
        try store.seal(under: source)
        #expect(try daemon.reloadIfChanged())
        #expect(try SealedKeyStore.open(at: path, source: source).openers == 1)
    }

    @Test("An old copy of the store and its old key do not open what is written after the change")
    func newContentKey() throws {
        let old = try directory.read("keys")
        let new = try anotherKeyFile()
        try store.seal(under: new)
        let (header, file) = (
            try SealedHeader.decode(old, path: path), try directory.read("keys")
        )
        let oldKey = try header.slot(openedBy: source, path: path).contentKey
        let present = try SealedHeader.decode(file, path: path)
        #expect(throws: CardSecurityFault.cannotUnseal(path: path)) {
            try Sealing.unseal(file, key: oldKey, header: present, path: path)
        }
    }

    @Test("At most eight key-encryption keys open a store")
    func slots() throws {
        for number in 2...8 { try store.admit(try anotherKeyFile("kek\(number)")) }
        #expect(throws: CardSecurityFault.full("key-encryption keys", limit: 8)) {
            try store.admit(try anotherKeyFile("kek9"))
        }
        #expect(try SealedKeyStore.open(at: path, source: source).openers == 8)
    }

    @Test("A passphrase in a file opens what it sealed; open to others or empty, it is refused")
    func passphraseFile() throws {
        let file = try directory.write("phrase", Array("correct horse battery\r\n".utf8))
        let cost = ScryptCost(logN: 10, blockSize: 8, parallelization: 1)
        try store.seal(under: .passphraseFile(path: file), cost: cost)
        var phrase = Array("correct horse battery".utf8)
        _ = try SealedKeyStore.open(
            at: path, source: .passphrase(SecretBytes(wiping: &phrase)))
        _ = try SealedKeyStore.open(at: path, source: .passphraseFile(path: file))
        try directory.setMode("phrase", 0o644)
        #expect(throws: CardSecurityFault.permissionsTooOpen(path: file, mode: 0o644)) {
            try SealedKeyStore.open(at: path, source: .passphraseFile(path: file))
        }
        try directory.write("phrase", [0x0a])
        #expect(throws: CardSecurityFault.passphraseFileMalformed(path: file)) {
            try SealedKeyStore.open(at: path, source: .passphraseFile(path: file))
        }
    }

    // MARK: Verification keys

    @Test("A session that began before a rotation makes values under the new key after it")
    func sessionFollows() throws {
        let card = try #require(CardDigits("6228480012345676"))
        let session = try store.openSession(
            terminal: "PHAR0001", algorithm: .aes128, masterKey: nil)
        let sealer = try PINSealer(
            unwrapping: session.wrappedKey, masterKey: try masterKey(), algorithm: .aes128)
        func values() throws -> VerificationValues {
            try session.verificationValues(
                pinBlock: try sealer.block(pin: "2468", card: card), card: card)
        }
        #expect(try values().others.isEmpty)
        let next = try store.update { contents throws(CardSecurityFault) in
            try contents.addVerificationKey(created: 2)
        }
        let staged = try values()
        #expect(staged.current.keyID == 1 && staged.others.map(\.keyID) == [2])
        try store.update { contents throws(CardSecurityFault) in
            try contents.activateVerificationKey(next)
        }
        let active = try values()
        #expect(active.current == staged.others[0] && active.others == [staged.current])
    }

    @Test("Cards under any number of older keys are verified")
    func manyKeys() throws {
        let card = try #require(CardDigits("6228480012345676"))
        var made: [VerificationValue] = []
        for _ in 1...4 {
            made.append(try store.verificationValue(pin: "2468", card: card))
            try store.update { contents throws(CardSecurityFault) in
                _ = try contents.rotateVerificationKey(created: 2)
            }
        }
        let session = try store.openSession(
            terminal: "PHAR0001", algorithm: .aes128, masterKey: nil)
        let sealer = try PINSealer(
            unwrapping: session.wrappedKey, masterKey: try masterKey(), algorithm: .aes128)
        let values = try session.verificationValues(
            pinBlock: try sealer.block(pin: "2468", card: card), card: card)
        #expect(values.current.keyID == 5 && values.others == made)
    }

    @Test("No key becomes current after a younger one: values move upwards only")
    func onlyUpwards() throws {
        try store.update { contents throws(CardSecurityFault) in
            _ = try contents.rotateVerificationKey(created: 2)
        }
        for (key, fault) in [
            (UInt16(1), CardSecurityFault.verificationKeyOlder(1)),
            (2, .verificationKeyOlder(2)), (3, .verificationKeyUnknown(3)),
        ] {
            #expect(throws: fault) {
                try store.update { contents throws(CardSecurityFault) in
                    try contents.activateVerificationKey(key)
                }
            }
        }
    }

    // MARK: Terminal master keys

    @Test("A terminal signs on under either master key until it does so under the new one")
    func masterKeyOverlap() throws {
        let old = try masterKey()
        let new = try store.update { contents throws(CardSecurityFault) in
            try contents.addMasterKey(terminal: "PHAR0001", created: 2)
        }
        for checkValue in [nil, try TerminalMasterKey.checkValue(of: old)] {
            let session = try store.openSession(
                terminal: "PHAR0001", algorithm: .aes128, masterKey: checkValue)
            _ = try session.wrappedKey.unwrap(masterKey: old, algorithm: .aes128)
        }
        store.waitUntilTakenOver()
        #expect(store.contents.terminalsWithNextKey == ["PHAR0001"])

        let newCheck = try TerminalMasterKey.checkValue(of: new)
        let session = try store.openSession(
            terminal: "PHAR0001", algorithm: .aes128, masterKey: newCheck)
        _ = try session.wrappedKey.unwrap(masterKey: new, algorithm: .aes128)
        store.waitUntilTakenOver()
        #expect(store.contents.terminalsWithNextKey.isEmpty)
        #expect(throws: CardSecurityFault.masterKeyDiffers("PHAR0001")) {
            try store.openSession(
                terminal: "PHAR0001", algorithm: .aes128,
                masterKey: try TerminalMasterKey.checkValue(of: old))
        }
        let again = try SealedKeyStore.open(at: path, source: source).contents
        #expect(try again.masterKey(of: "PHAR0001").revealed == new.revealed)
    }

    @Test("A next master key never used gives way to a newer one, and goes with its terminal")
    func nextReplaced() throws {
        try store.update { contents throws(CardSecurityFault) in
            _ = try contents.addMasterKey(terminal: "PHAR0001", created: 2)
        }
        let second = try store.update { contents throws(CardSecurityFault) in
            try contents.addMasterKey(terminal: "PHAR0001", created: 3)
        }
        let isTaken = try store.update { contents throws(CardSecurityFault) in
            contents.takeOverMasterKey(terminal: "PHAR0001")
        }
        #expect(isTaken)
        #expect(try masterKey().revealed == second.revealed)
        try store.update { contents throws(CardSecurityFault) in
            _ = try contents.addMasterKey(terminal: "PHAR0001", created: 4)
            try contents.remove(terminal: "PHAR0001")
        }
        #expect(store.contents.terminalsWithNextKey.isEmpty)
        #expect(throws: CardSecurityFault.terminalUnknown("PHAR0009")) {
            try store.update { contents throws(CardSecurityFault) in
                try contents.addMasterKey(terminal: "PHAR0009", created: 5)
            }
        }
    }

    @Test("A master key in a file is 32 digits and a line feed, readable by its owner only")
    func masterKeyFile() throws {
        let key = secret("00112233445566778899aabbccddeeff")
        try TerminalMasterKey.write(key, to: directory.file("master.key"))
        #expect(
            try directory.read("master.key")
                == Array("00112233445566778899aabbccddeeff\n".utf8))
        let attributes = try FileManager.default.attributesOfItem(
            atPath: directory.file("master.key"))
        #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == 0o600)
    }

    private func masterKey() throws -> SecretBytes {
        try store.contents.masterKey(of: "PHAR0001")
    }

    private func anotherKeyFile(_ name: String = "kek2") throws -> KeyEncryptionSource {
        try KeyEncryptionSource.generateKeyFile(at: directory.file(name))
        return .keyFile(path: directory.file(name))
    }
}
