import Foundation
import Testing

@testable import CardSecurity

@Suite("Record keys")
struct RecordKeyTests {
    let directory: TemporaryDirectory
    let source: KeyEncryptionSource
    let store: SealedKeyStore
    let path: String

    init() throws {
        directory = try TemporaryDirectory()
        path = directory.file("keys")
        source = .keyFile(path: directory.file("kek"))
        try KeyEncryptionSource.generateKeyFile(at: directory.file("kek"))
        store = try SealedKeyStore.create(at: path, source: source, created: 100)
    }

    @Test("A new store has one record key; one that is added is current once it is made so")
    func list() throws {
        #expect(
            store.contents.recordKeyList == [RecordKeyInfo(id: 1, created: 100, isCurrent: true)])
        try add(created: 200)
        let old = RecordKeyInfo(id: 1, created: 100, isCurrent: true)
        let next = RecordKeyInfo(id: 2, created: 200, isCurrent: false)
        #expect(store.contents.recordKeyList == [old, next])
        try activate(2)
        let again = try SealedKeyStore.open(at: path, source: source)
        #expect(again.contents.recordKeyList.map(\.isCurrent) == [false, true])
        #expect(again.contents.verificationKeyList.count == 1)
    }

    @Test("Sixteen record keys at most, and none becomes current after a younger one")
    func limits() throws {
        for _ in 2...16 { try add() }
        #expect(throws: CardSecurityFault.full("record keys", limit: 16)) { try add() }
        try activate(3)
        for (key, fault) in [
            (UInt16(2), CardSecurityFault.recordKeyOlder(2)), (3, .recordKeyOlder(3)),
            (17, .recordKeyUnknown(17)), (0, .recordKeyUnknown(0)),
        ] {
            #expect(throws: fault) { try activate(key) }
        }
        try activate(16)
        #expect(store.contents.recordKeyList.last?.isCurrent == true)
    }

    @Test("Contents with record keys out of order, too many, or none current are refused")
    func malformed() throws {
        try add()
        let good = store.contents
        func reads(_ change: (inout KeyStoreContents) -> Void) -> Bool {
            var contents = good
            change(&contents)
            return KeyStoreContents(decoding: contents.encoded, version: 3) != nil
        }
        #expect(reads { _ in })
        #expect(!reads { $0.recordKeys.reverse() })
        #expect(!reads { $0.recordKeys[1].id = 1 })
        #expect(!reads { $0.recordKeys[0].id = 0 })
        #expect(!reads { $0.currentRecordID = 3 })
        #expect(!reads { $0.currentRecordID = 0 })
        #expect(!reads { $0.recordKeys = [] })
        #expect(
            reads {
                $0.recordKeys = []
                $0.currentRecordID = 0
            })
        #expect(
            !reads {
                for id in UInt16(3)...17 {
                    $0.recordKeys.append(
                        .init(id: id, created: 0, secret: $0.recordKeys[0].secret))
                }
            })
        for version in UInt8(1)...2 {
            #expect(KeyStoreContents(decoding: good.encoded, version: version) == nil)
        }
    }

    @Test("Another store's cipher opens nothing, reads no token, and has another name")
    func anotherStore() throws {
        let other = try SealedKeyStore.create(at: directory.file("other"), source: source)
            .recordCipher()
        let cipher = try store.recordCipher()
        let card = try #require(CardDigits("6228480012345676"))
        let token = try cipher.token(of: card)
        #expect(try other.open(cipher.seal([1, 2, 3], place: 1), place: 1) == nil)
        #expect(try other.card(of: token) == nil)
        #expect(try other.token(of: card) != token)
        #expect(other.name != cipher.name)
    }

    @Test("Every process with the store has its name, its tokens, and opens what another sealed")
    func sameStore() throws {
        let here = try store.recordCipher()
        let there = try SealedKeyStore.open(at: path, source: source).recordCipher()
        let card = try #require(CardDigits("6228480012345676"))
        #expect(here.name == there.name)
        #expect(try here.token(of: card) == there.token(of: card))
        #expect(try there.open(here.seal([1, 2, 3], place: 1), place: 1) == [1, 2, 3])
    }

    @Test("After a rotation old records open, new ones are under the new key, tokens stay")
    func rotation() throws {
        let cipher = try store.recordCipher()
        let card = try #require(CardDigits("6228480012345676"))
        let (name, token) = (cipher.name, try cipher.token(of: card))
        let old = try cipher.seal([1], place: 1)
        try add()
        let staged = try cipher.seal([2], place: 2)
        try activate(2)
        let new = try cipher.seal([3], place: 3)
        #expect([old, staged, new].map { Array($0[..<2]) } == [[0, 1], [0, 1], [0, 2]])
        let later = try SealedKeyStore.open(at: path, source: source).recordCipher()
        for cipher in [cipher, later] {
            for (number, sealed) in [old, staged, new].enumerated() {
                let record = UInt8(number + 1)
                #expect(try cipher.open(sealed, place: UInt64(record)) == [record])
            }
            #expect(cipher.name == name)
            #expect(try cipher.token(of: card) == token)
            #expect(try cipher.card(of: token) == card)
        }
        // The number that a record names is authenticated: no other key of the store opens it.
        #expect(try cipher.open([0, 2] + old[2...], place: 1) == nil)
    }

    @Test("A cipher follows the rotation of another process, whose records it opens at once")
    func otherProcess() throws {
        let cipher = try store.recordCipher()
        let other = try SealedKeyStore.open(at: path, source: source)
        try other.update { contents throws(CardSecurityFault) in
            try contents.activateRecordKey(try contents.addRecordKey(created: 2))
        }
        #expect(try cipher.seal([1], place: 1).prefix(2) == [0, 1])
        let sealed = try other.recordCipher().seal([2], place: 2)
        #expect(sealed.prefix(2) == [0, 2])
        #expect(try cipher.open(sealed, place: 2) == [2])
        // The file was read for it.
        #expect(try !store.reloadIfChanged())
        #expect(try cipher.seal([3], place: 3).prefix(2) == [0, 2])
    }

    @Test("A record under a key that the store does not have says whose key store to copy")
    func unknownKey() throws {
        let cipher = try store.recordCipher()
        let copy = directory.file("copy")
        try FileManager.default.copyItem(atPath: path, toPath: copy)
        let other = try SealedKeyStore.open(at: copy, source: source)
        try other.update { contents throws(CardSecurityFault) in
            try contents.activateRecordKey(try contents.addRecordKey(created: 2))
        }
        let sealed = try other.recordCipher().seal([1], place: 1)
        let fault = #expect(throws: CardSecurityFault.self) { try cipher.open(sealed, place: 1) }
        #expect(fault == .recordKeyUnknown(2))
        #expect(
            fault?.description
                == "there is no record key 2 in the key store; copy the key store of the daemon that "
                + "made it")
        #expect(rename(copy, path) == 0)
        #expect(try cipher.open(sealed, place: 1) == [1])
    }

    @Test("A file without a record key that is in use, or with another one, is not taken over")
    func keysInUse() throws {
        let cipher = try store.recordCipher()
        let old = try directory.read("keys")
        try add()
        try activate(2)
        let sealed = try cipher.seal([1], place: 1)
        let fault = CardSecurityFault.recordKeysDiffer(path: path)
        func expectKept(sourceLocation: SourceLocation = #_sourceLocation) throws {
            #expect(throws: fault, sourceLocation: sourceLocation) { try store.reloadIfChanged() }
            #expect(throws: fault, sourceLocation: sourceLocation) { try add() }
            #expect(store.contents.recordKeyList.count == 2, sourceLocation: sourceLocation)
            #expect(try cipher.open(sealed, place: 1) == [1], sourceLocation: sourceLocation)
        }
        // A copy of before the rotation, as it was and with a second key of its own.
        try directory.write("keys", old)
        try expectKept()
        let stray = try SealedKeyStore.open(at: path, source: source)
        try stray.update { contents throws(CardSecurityFault) in
            try contents.activateRecordKey(try contents.addRecordKey(created: 2))
        }
        try expectKept()
    }

    @Test("No description shows a byte of a record key")
    func descriptions() throws {
        let cipher = try store.recordCipher()
        _ = try cipher.open(cipher.seal([1], place: 1), place: 1)
        var text = "\(cipher) \(store.contents) \(store.contents.recordKeyList)"
        dump(cipher, to: &text)
        dump(store.contents, to: &text)
        let secret = store.contents.recordKeys[0].secret
        let derived = HMACSHA256(key: secret)
        #expect(text.contains("secret of 32 bytes"))
        for key in [
            secret, derived.derivedKey("settled record 1", count: 32),
            derived.derivedKey("settled card token 1", count: 16),
        ] {
            let listed = key.withUnsafeBytes { Array($0.prefix(3)) }.description.dropLast()
            #expect(!text.contains(listed) && !text.contains(key.revealed.prefix(8)))
        }
    }

    private func add(created: Int64 = 1) throws {
        try store.update { contents throws(CardSecurityFault) in
            _ = try contents.addRecordKey(created: created)
        }
    }

    private func activate(_ id: UInt16) throws {
        try store.update { contents throws(CardSecurityFault) in
            try contents.activateRecordKey(id)
        }
    }
}
