import Testing

@testable import CardSecurity

@Suite("Secrets in memory and in text")
struct SecretTests {
    @Test("No description, dump or fault shows a byte of a key, a PIN or a card")
    func nothingPrinted() throws {
        let key = secret("00112233445566778899aabbccddeeff")
        #expect("\(key)" == "secret of 16 bytes")
        #expect(String(reflecting: key) == "secret of 16 bytes")
        var dumped = ""
        dump(key, to: &dumped)
        #expect(!dumped.contains("00112233") && !dumped.contains("base"))
        let card = try #require(CardDigits("6228480012345676"))
        #expect("\(card)" == "card of 16 digits")
        let part = try KeyComponent(text: "00112233445566778899aabbccddeeff", expecting: nil)
        #expect("\(part)" == "key component with check value \(part.checkValue)")
        var dumpedSource = ""
        dump(KeyEncryptionSource.passphrase(key), to: &dumpedSource)
        #expect(!dumpedSource.contains("0011"))
    }

    @Test("An array moved into a secret is empty afterwards")
    func moved() {
        var bytes: [UInt8] = [1, 2, 3]
        let moved = SecretBytes(wiping: &bytes)
        #expect(bytes.isEmpty)
        #expect(moved.revealed == "010203")
    }

    @Test("Memory given back was wiped, and is not given to two secrets at a time")
    func memory() {
        for count in [0, 1, 31, 32, 33, 1024, 1025, 100_000] {
            var held: [SecretBytes] = []
            for number in 0..<20 {
                held.append(
                    SecretBytes(count: count) { bytes in
                        #expect(bytes.allSatisfy { $0 == 0 })
                        for position in bytes.indices { bytes[position] = UInt8(number + 1) }
                    })
            }
            for (number, secret) in held.enumerated() {
                let isWhole = secret.withUnsafeBytes { bytes in
                    bytes.count == count && bytes.allSatisfy { $0 == UInt8(number + 1) }
                }
                #expect(isWhole)
            }
        }
    }

    @Test("Secrets compare equal only when all bytes and the length are")
    func comparison() {
        let left: [UInt8] = [1, 2, 3, 4]
        #expect(constantTimeEqual(left, [1, 2, 3, 4]))
        for position in left.indices {
            var right = left
            right[position] ^= 0x80
            #expect(!constantTimeEqual(left, right))
        }
        #expect(!constantTimeEqual(left, [1, 2, 3]))
        #expect(constantTimeEqual([], []))
        #expect(constantTimeEqual(secret("0102"), secret("0102")))
        #expect(!constantTimeEqual(secret("0102"), secret("0103")))
    }

    @Test("Random bytes are asked for by count and do not repeat")
    func random() throws {
        #expect(try SecureRandom.bytes(0).isEmpty)
        let drawn = try (0..<1000).map { _ in try SecureRandom.bytes(16) }
        #expect(Set(drawn).count == 1000)
        let keys = try (0..<1000).map { _ in try SecretBytes.random(count: 16).revealed }
        #expect(Set(keys).count == 1000)
    }

    @Test("Every fault says a whole sentence, and those of files name the path")
    func sentences() {
        let path = "/var/lib/settled/keys"
        let faults: [CardSecurityFault] = [
            .fileMissing(path: path), .fileExists(path: path),
            .permissionsTooOpen(path: path, mode: 0o644), .foreignOwner(path: path, owner: 1),
            .file(path: path, operation: "read it", errno: 13), .notAKeyStore(path: path),
            .versionUnknown(path: path, version: 9), .cannotUnseal(path: path),
            .sourceDiffers(path: path, needs: "a passphrase"), .keyFileMalformed(path: path),
            .recordKeyMissing(path: path), .recordKeysDiffer(path: path),
        ]
        for fault in faults { #expect(fault.description.hasPrefix(path + ":")) }
        #expect("\(faults[4])" == "\(path): cannot read it: Permission denied")
        #expect("\(faults[2])".contains("mode 644"))
    }
}
