import Foundation
import Testing

@testable import CardSecurity

@Suite("Sealed key store")
struct KeyStoreTests {
    let directory: TemporaryDirectory
    let source: KeyEncryptionSource
    let path: String

    init() throws {
        directory = try TemporaryDirectory()
        path = directory.file("keys")
        source = .keyFile(path: directory.file("kek"))
        try KeyEncryptionSource.generateKeyFile(at: directory.file("kek"))
    }

    @Test("What was stored is there after opening the file again")
    func persists() throws {
        let store = try SealedKeyStore.create(at: path, source: source, created: 100)
        let key = try store.update { contents throws(CardSecurityFault) in
            try contents.register(terminal: "PHAR0002", created: 300)
            return try contents.register(terminal: "PHAR0001", created: 200)
        }
        let again = try SealedKeyStore.open(at: path, source: source).contents
        #expect(again.terminals == ["PHAR0001", "PHAR0002"])
        #expect(try again.masterKey(of: "PHAR0001").revealed == key.revealed)
        #expect(try again.masterKey(of: "PHAR0002").revealed != key.revealed)
        #expect(try again.created(terminal: "PHAR0002") == 300)
        #expect(
            again.verificationKeyList == [
                VerificationKeyInfo(id: 1, created: 100, isCurrent: true)
            ])
    }

    @Test("Key store and key file are created with mode 0600 and are never overwritten")
    func creation() throws {
        _ = try SealedKeyStore.create(at: path, source: source)
        for file in [path, directory.file("kek")] {
            let attributes = try FileManager.default.attributesOfItem(atPath: file)
            #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == 0o600)
        }
        let before = try directory.read("keys")
        #expect(throws: CardSecurityFault.fileExists(path: path)) {
            try SealedKeyStore.create(at: path, source: source)
        }
        #expect(throws: CardSecurityFault.fileExists(path: directory.file("kek"))) {
            try KeyEncryptionSource.generateKeyFile(at: directory.file("kek"))
        }
        #expect(try directory.read("keys") == before)
    }

    @Test(
        "A key store that group or others may use is refused, and the fault says what to run",
        arguments: [0o640, 0o620, 0o610, 0o604, 0o602, 0o601, 0o666])
    func permissions(_ mode: Int) throws {
        _ = try SealedKeyStore.create(at: path, source: source)
        try directory.setMode("keys", mode)
        let fault = #expect(throws: CardSecurityFault.self) {
            try SealedKeyStore.open(at: path, source: source)
        }
        #expect(fault == .permissionsTooOpen(path: path, mode: UInt32(mode)))
        #expect(fault?.description.contains("chmod 600 \(path)") == true)
        try directory.setMode("keys", 0o400)
        _ = try SealedKeyStore.open(at: path, source: source)
        try directory.setMode("kek", mode)
        #expect(
            throws: CardSecurityFault.permissionsTooOpen(
                path: directory.file("kek"), mode: UInt32(mode))
        ) {
            try SealedKeyStore.open(at: path, source: source)
        }
    }

    @Test("A key store with any one byte changed, added or missing is refused")
    func everyByte() throws {
        let store = try SealedKeyStore.create(at: path, source: source)
        try store.update { contents throws(CardSecurityFault) in
            for number in 0..<3 {
                try contents.register(terminal: "T\(number)", created: 1)
            }
        }
        let whole = try directory.read("keys")
        for position in whole.indices {
            var changed = whole
            changed[position] ^= 1 << UInt8(position % 8)
            try expectRefused(changed)
        }
        for count in whole.indices { try expectRefused(Array(whole[..<count])) }
        try expectRefused(whole + [0])
        try directory.write("keys", whole)
        #expect(try SealedKeyStore.open(at: path, source: source).contents.terminals.count == 3)
    }

    @Test("A key store of a later version says so")
    func laterVersion() throws {
        _ = try SealedKeyStore.create(at: path, source: source)
        var bytes = try directory.read("keys")
        bytes[8] = 4
        try directory.write("keys", bytes)
        #expect(throws: CardSecurityFault.versionUnknown(path: path, version: 4)) {
            try SealedKeyStore.open(at: path, source: source)
        }
    }

    @Test("A missing key store and a missing key file are named")
    func missing() throws {
        #expect(throws: CardSecurityFault.fileMissing(path: path)) {
            try SealedKeyStore.open(at: path, source: source)
        }
        _ = try SealedKeyStore.create(at: path, source: source)
        #expect(throws: CardSecurityFault.fileMissing(path: "/nonexistent/kek")) {
            try SealedKeyStore.open(at: path, source: .keyFile(path: "/nonexistent/kek"))
        }
    }

    @Test("Another key does not open the store, and nothing tells it from a changed file")
    func otherKey() throws {
        _ = try SealedKeyStore.create(at: path, source: source)
        try KeyEncryptionSource.generateKeyFile(at: directory.file("other"))
        #expect(throws: CardSecurityFault.cannotUnseal(path: path)) {
            try SealedKeyStore.open(at: path, source: .keyFile(path: directory.file("other")))
        }
    }

    @Test("A key file is 32 bytes or 64 digits with blanks after them, and nothing else")
    func keyFileForms() throws {
        let raw = [UInt8](0..<32)
        let text = Array(Hexadecimal.text(of: raw).utf8)
        try directory.write("raw", raw)
        _ = try SealedKeyStore.create(at: path, source: .keyFile(path: directory.file("raw")))
        let upper = Hexadecimal.text(of: raw).uppercased()
        for good in [text, text + [0x0a], text + [0x20, 0x0d, 0x0a], Array(upper.utf8)] {
            try directory.write("form", good)
            _ = try SealedKeyStore.open(at: path, source: .keyFile(path: directory.file("form")))
        }
        for bad in [[], Array(raw.dropLast()), raw + [0], Array(text.dropLast()), text + [0x30]] {
            let file = try directory.write("form", bad)
            #expect(throws: CardSecurityFault.keyFileMalformed(path: file)) {
                try SealedKeyStore.open(at: path, source: .keyFile(path: file))
            }
        }
    }

    @Test("A passphrase opens what it sealed, another one and a key file do not")
    func passphrase() throws {
        let cost = ScryptCost(logN: 10, blockSize: 8, parallelization: 1)
        let right = KeyEncryptionSource.passphrase(secretText("correct horse battery"))
        _ = try SealedKeyStore.create(at: path, source: right, cost: cost)
        _ = try SealedKeyStore.open(at: path, source: right)
        #expect(throws: CardSecurityFault.cannotUnseal(path: path)) {
            try SealedKeyStore.open(
                at: path, source: .passphrase(secretText("correct horse batterx")))
        }
        #expect(throws: CardSecurityFault.sourceDiffers(path: path, needs: "a passphrase")) {
            try SealedKeyStore.open(at: path, source: source)
        }
        #expect(throws: CardSecurityFault.passphraseTooShort(bytesMin: 12)) {
            try SealedKeyStore.create(
                at: directory.file("second"), source: .passphrase(secretText("short")), cost: cost)
        }
    }

    @Test("Sealed under a passphrase, a store keeps its keys and the old key opens it no more")
    func sealedAnew() throws {
        let cost = ScryptCost(logN: 10, blockSize: 8, parallelization: 1)
        let store = try SealedKeyStore.create(at: path, source: source)
        let key = try store.update { contents throws(CardSecurityFault) in
            try contents.register(terminal: "PHAR0001", created: 1)
        }
        let phrase = KeyEncryptionSource.passphrase(secretText("a longer passphrase"))
        try store.seal(under: phrase, cost: cost)
        #expect(throws: CardSecurityFault.self) {
            try SealedKeyStore.open(at: path, source: source)
        }
        let again = try SealedKeyStore.open(at: path, source: phrase)
        #expect(try again.contents.masterKey(of: "PHAR0001").revealed == key.revealed)
        try store.update { contents throws(CardSecurityFault) in
            try contents.remove(terminal: "PHAR0001")
        }
        #expect(try again.reloadIfChanged())
        #expect(again.contents.terminals.isEmpty)
    }

    @Test("A credential is a plain file name below the directory of the service manager")
    func credentialNames() throws {
        _ = try SealedKeyStore.create(at: path, source: source)
        for name in ["", ".", "..", "a/b", "/etc/passwd"] {
            #expect(throws: CardSecurityFault.credentialNameMalformed) {
                try SealedKeyStore.open(at: path, source: .credential(name: name))
            }
        }
        #expect(
            try KeyEncryptionSource.credentialPath("kek", directory: "/run/credentials/settled")
                == "/run/credentials/settled/kek")
        #expect(throws: CardSecurityFault.credentialsUnavailable(name: "kek")) {
            try KeyEncryptionSource.credentialPath("kek", directory: nil)
        }
    }

    @Test("Two processes that update the same file lose neither's change")
    func twoWriters() throws {
        let first = try SealedKeyStore.create(at: path, source: source)
        let second = try SealedKeyStore.open(at: path, source: source)
        try first.update { contents throws(CardSecurityFault) in
            _ = try contents.register(terminal: "A", created: 1)
        }
        try second.update { contents throws(CardSecurityFault) in
            _ = try contents.register(terminal: "B", created: 2)
        }
        #expect(second.contents.terminals == ["A", "B"])
        #expect(first.contents.terminals == ["A"])
        #expect(try first.reloadIfChanged())
        #expect(first.contents.terminals == ["A", "B"])
        #expect(try !first.reloadIfChanged())
    }

    @Test("A reload that fails leaves the keys as they were")
    func failedReload() throws {
        let store = try SealedKeyStore.create(at: path, source: source)
        try store.update { contents throws(CardSecurityFault) in
            _ = try contents.register(terminal: "A", created: 1)
        }
        var bytes = try directory.read("keys")
        bytes[60] ^= 1
        try directory.write("new", bytes)
        try FileManager.default.removeItem(atPath: path)
        try FileManager.default.moveItem(atPath: directory.file("new"), toPath: path)
        #expect(throws: CardSecurityFault.cannotUnseal(path: path)) { try store.reloadIfChanged() }
        #expect(store.contents.terminals == ["A"])
        _ = try store.openSession(terminal: "A", algorithm: .aes128, masterKey: nil)
    }

    @Test("An update that throws changes neither file nor memory")
    func failedUpdate() throws {
        let store = try SealedKeyStore.create(at: path, source: source)
        let before = try directory.read("keys")
        #expect(throws: CardSecurityFault.terminalExists("A")) {
            try store.update { contents throws(CardSecurityFault) in
                try contents.register(terminal: "A", created: 1)
                try contents.register(terminal: "A", created: 2)
            }
        }
        #expect(store.contents.terminals.isEmpty)
        #expect(try directory.read("keys") == before)
    }

    @Test("Ten thousand terminals are stored and found")
    func manyTerminals() throws {
        let store = try SealedKeyStore.create(at: path, source: source)
        try store.update { contents throws(CardSecurityFault) in
            for number in 0..<10_000 {
                try contents.register(terminal: "T\(number)", created: Int64(number))
            }
        }
        let again = try SealedKeyStore.open(at: path, source: source)
        #expect(again.contents.terminals.count == 10_000)
        #expect(try again.contents.created(terminal: "T9999") == 9999)
    }

    @Test(
        "A store of each version, sealed by another implementation, opens: no form drifts",
        arguments: [GoldenKeyStore.first, GoldenKeyStore.second, GoldenKeyStore.third])
    func golden(_ file: [UInt8]) throws {
        let contents = try openGolden(file).contents
        #expect(contents.terminals == ["HOSP0001", "PHAR0001"])
        #expect(
            try contents.masterKey(of: "HOSP0001").revealed == "000102030405060708090a0b0c0d0e0f")
        #expect(try contents.created(terminal: "PHAR0001") == 1_700_000_002)
        #expect(contents.verificationKeyList.map(\.id) == [1, 3])
        #expect(contents.verificationKeyList.map(\.isCurrent) == [false, true])
        #expect(contents.terminalsWithNextKey == (file[8] == 1 ? [] : ["HOSP0001"]))
        let records = [
            RecordKeyInfo(id: 1, created: 1_700_000_004, isCurrent: false),
            RecordKeyInfo(id: 2, created: 1_700_000_005, isCurrent: true),
        ]
        #expect(contents.recordKeyList == (file[8] == 3 ? records : []))
    }

    @Test(
        "A store of an earlier version is written as version 3 and keeps its keys and what opens it",
        arguments: [GoldenKeyStore.first, GoldenKeyStore.second])
    func upgrade(_ file: [UInt8]) throws {
        let old = try openGolden(file)
        let before = try old.contents.masterKey(of: "HOSP0001").revealed
        try old.update { contents throws(CardSecurityFault) in
            _ = try contents.addMasterKey(terminal: "HOSP0001", created: 5)
        }
        #expect(try directory.read("golden")[8] == 3)
        let again = try SealedKeyStore.open(at: old.path, source: goldenSource)
        #expect(try again.contents.masterKey(of: "HOSP0001").revealed == before)
        #expect(again.contents.terminalsWithNextKey == ["HOSP0001"])
        #expect(again.contents.verificationKeyList == old.contents.verificationKeyList)
        #expect(again.contents.recordKeyList.isEmpty)
    }

    @Test(
        "A store of an earlier version has no record key, says what to run, and gets number 1",
        arguments: [GoldenKeyStore.first, GoldenKeyStore.second])
    func firstRecordKey(_ file: [UInt8]) throws {
        let old = try openGolden(file)
        let fault = #expect(throws: CardSecurityFault.self) { try old.recordCipher() }
        #expect(fault == .recordKeyMissing(path: old.path))
        #expect(
            fault?.description
                == "\(old.path): has no record key, as it was made by an earlier version; run: "
                + "settlectl key rotate record")
        try old.update { contents throws(CardSecurityFault) in
            _ = try contents.addRecordKey(created: 6)
        }
        let again = try SealedKeyStore.open(at: old.path, source: goldenSource)
        #expect(
            again.contents.recordKeyList == [RecordKeyInfo(id: 1, created: 6, isCurrent: true)])
        #expect(try again.recordCipher().name == old.recordCipher().name)
    }

    private var goldenSource: KeyEncryptionSource { .keyFile(path: directory.file("golden-kek")) }

    private func openGolden(_ file: [UInt8]) throws -> SealedKeyStore {
        try directory.write("golden", file)
        try directory.write("golden-kek", GoldenKeyStore.key)
        return try SealedKeyStore.open(at: directory.file("golden"), source: goldenSource)
    }

    private func expectRefused(
        _ bytes: [UInt8], sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        try directory.write("keys", bytes)
        #expect(throws: CardSecurityFault.self, sourceLocation: sourceLocation) {
            try SealedKeyStore.open(at: path, source: source)
        }
    }

    private func secretText(_ text: String) -> SecretBytes {
        var bytes = Array(text.utf8)
        return SecretBytes(wiping: &bytes)
    }
}
