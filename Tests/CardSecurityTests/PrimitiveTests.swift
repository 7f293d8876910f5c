import Foundation
import Testing

@testable import CardSecurity

@Suite("Primitives against published vectors")
struct PrimitiveTests {
    @Test(
        "SHA-256 gives the digests of FIPS 180",
        arguments: [
            ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            (
                "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
            ),
        ])
    func sha256(_ message: String, _ digest: String) {
        #expect(SHA256.digest(Array(message.utf8)).hex == digest)
    }

    @Test("SHA-256 of a million letters a is that of FIPS 180, whole and in two parts")
    func sha256OfAMillion() {
        let expected = "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
        let message = [UInt8](repeating: 0x61, count: 1_000_000)
        #expect(SHA256.digest(message).hex == expected)
        message.withUnsafeBytes { bytes in
            for cut in [0, 1, 63, 64, 65, 999_999, 1_000_000] {
                let first = UnsafeRawBufferPointer(rebasing: bytes[..<cut])
                let second = UnsafeRawBufferPointer(rebasing: bytes[cut...])
                #expect(SHA256.digest(first, second).hex == expected)
            }
        }
    }

    @Test("A link of a hash chain is the digest of the former digest's bytes and the entry")
    func chaining() {
        let former = SHA256.digest(Array("abc".utf8))
        let entry: [UInt8] = [1, 2, 3]
        let link = entry.withUnsafeBytes { SHA256.digest(chaining: former, $0) }
        #expect(link == SHA256.digest(former.bytes + entry))
    }

    @Test("SHA-256 gives the same digests on many threads at once")
    func sha256OnManyThreads() async {
        let expected = (0..<64).map { SHA256.digest([UInt8](repeating: UInt8($0), count: $0)) }
        await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    (0..<64).allSatisfy { number in
                        SHA256.digest([UInt8](repeating: UInt8(number), count: number))
                            == expected[number]
                    }
                }
            }
            for await isSame in group { #expect(isSame) }
        }
    }

    @Test("HMAC-SHA-256 gives the codes of RFC 4231, again and again", arguments: HMACVector.all)
    func hmac(_ vector: HMACVector) {
        let hmac = HMACSHA256(key: secret(vector.key))
        for _ in 0..<3 {
            let code = hex(vector.message).withUnsafeBytes { hmac.authenticate($0) }
            #expect(code.hex.hasPrefix(vector.code))
        }
    }

    @Test("HMAC under one key gives the same codes on many threads at once")
    func hmacOnManyThreads() async {
        let hmac = HMACSHA256(key: secret("0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b"))
        let message = Array("Hi There".utf8)
        let expected = message.withUnsafeBytes { hmac.authenticate($0) }
        await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    (0..<200).allSatisfy { _ in
                        message.withUnsafeBytes { hmac.authenticate($0) } == expected
                    }
                }
            }
            for await isSame in group { #expect(isSame) }
        }
    }

    @Test("AES-128 encrypts and decrypts the block of FIPS 197, appendix C.1")
    func aes() throws {
        try expectBlock(
            .aes128, key: "000102030405060708090a0b0c0d0e0f",
            clear: "00112233445566778899aabbccddeeff", cipher: "69c4e0d86a7b0430d8cdb78070b4c55a")
    }

    @Test("SM4 encrypts and decrypts the block of GB/T 32907, appendix A, example 1")
    func sm4() throws {
        try expectBlock(
            .sm4, key: "0123456789abcdeffedcba9876543210",
            clear: "0123456789abcdeffedcba9876543210", cipher: "681edf34d206965e86b3e94f536e4246")
    }

    @Test("SM4 a million times over is GB/T 32907, appendix A, example 2")
    func sm4AMillionTimes() throws {
        let key = secret("0123456789abcdeffedcba9876543210")
        let cipher = try BlockCipher(key: key, algorithm: .sm4, direction: .encrypt)
        var block = hex("0123456789abcdeffedcba9876543210")
        let isDone = try block.withUnsafeMutableBufferPointer { buffer in
            let start = try #require(buffer.baseAddress)
            var isDone = true
            for _ in 0..<1_000_000 { isDone = isDone && cipher.transform(start) }
            return isDone
        }
        #expect(isDone)
        #expect(block == hex("595298c7c6fd271f0402f804c33d3f66"))
    }

    @Test(
        "AES-CMAC gives the codes of RFC 4493",
        arguments: [
            ("", "bb1d6929e95937287fa37d129b756746"),
            ("6bc1bee22e409f96e93d7e117393172a", "070a16b46b4d4144f79bdd9dd04a287c"),
        ])
    func cmac(_ message: String, _ code: String) throws {
        let key = secret("2b7e151628aed2a6abf7158809cf4f3c")
        #expect(try CMAC.code(of: hex(message), key: key, cipherName: "AES-128-CBC") == hex(code))
    }

    @Test("scrypt gives the keys of RFC 7914, section 12")
    func scrypt() throws {
        let first = try ScryptCost(logN: 10, blockSize: 8, parallelization: 16).derive(
            from: secret("70617373776f7264"), salt: Array("NaCl".utf8), count: 64)
        #expect(
            first.revealed == "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162"
                + "2eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640")
        var phrase = Array("pleaseletmein".utf8)
        let second = try ScryptCost(logN: 14, blockSize: 8, parallelization: 1).derive(
            from: SecretBytes(wiping: &phrase), salt: Array("SodiumChloride".utf8), count: 64)
        #expect(
            second.revealed == "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2"
                + "d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887")
    }

    private func expectBlock(
        _ algorithm: PINAlgorithm, key: String, clear: String, cipher: String
    ) throws {
        var block = hex(clear)
        for (direction, expected) in [(BlockCipher.Direction.encrypt, cipher), (.decrypt, clear)] {
            let context = try BlockCipher(
                key: secret(key), algorithm: algorithm, direction: direction)
            let isDone = try block.withUnsafeMutableBufferPointer { buffer in
                context.transform(try #require(buffer.baseAddress))
            }
            #expect(isDone)
            #expect(block == hex(expected))
        }
    }
}

/// A test case of RFC 4231; `code` may be cut short, as in case 5.
struct HMACVector: Sendable {
    var key, message, code: String

    static let all = [
        HMACVector(
            key: String(repeating: "0b", count: 20), message: "4869205468657265",
            code: "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
        HMACVector(
            key: "4a656665", message: "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
            code: "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"),
        HMACVector(
            key: String(repeating: "aa", count: 20), message: String(repeating: "dd", count: 50),
            code: "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"),
        HMACVector(
            key: "0102030405060708090a0b0c0d0e0f10111213141516171819",
            message: String(repeating: "cd", count: 50),
            code: "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"),
        HMACVector(
            key: String(repeating: "0c", count: 20),
            message: "546573742057697468205472756e636174696f6e",
            code: "a3b6167473100ee06e0c796c2955552b"),
        HMACVector(
            key: String(repeating: "aa", count: 131),
            message: "54657374205573696e67204c6172676572205468616e20426c6f636b2d53697a65204b6579"
                + "202d2048617368204b6579204669727374",
            code: "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"),
        HMACVector(
            key: String(repeating: "aa", count: 131),
            message: "5468697320697320612074657374207573696e672061206c6172676572207468616e20626c"
                + "6f636b2d73697a65206b657920616e642061206c6172676572207468616e20626c6f636b2d"
                + "73697a6520646174612e20546865206b6579206e6565647320746f20626520686173686564"
                + "206265666f7265206265696e6720757365642062792074686520484d414320616c676f7269"
                + "74686d2e",
            code: "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"),
    ]
}
