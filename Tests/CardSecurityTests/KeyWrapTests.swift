import Testing

@testable import CardSecurity

@Suite("Key wrap, check values, components")
struct KeyWrapTests {
    /// RFC 3394, 4.1, 4.2, 4.3, 4.4, 4.5, 4.6: wrapping key, key, wrapped key.
    static let published = [
        (
            "000102030405060708090a0b0c0d0e0f", "00112233445566778899aabbccddeeff",
            "1fa68b0a8112b447aef34bd8fb5a7b829d3e862371d2cfe5"
        ),
        (
            "000102030405060708090a0b0c0d0e0f1011121314151617",
            "00112233445566778899aabbccddeeff",
            "96778b25ae6ca435f92b5b97c050aed2468ab8a17ad84e5d"
        ),
        (
            "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
            "00112233445566778899aabbccddeeff",
            "64e8c3f9ce0f5ba263e9777905818a2a93c8191e7d6e8ae7"
        ),
        (
            "000102030405060708090a0b0c0d0e0f1011121314151617",
            "00112233445566778899aabbccddeeff0001020304050607",
            "031d33264e15d33268f24ec260743edce1c6c7ddee725a936ba814915c6762d2"
        ),
        (
            "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
            "00112233445566778899aabbccddeeff0001020304050607",
            "a8f9bc1612c68b3ff6e6f4fbe30e71e4769c8b80a32cb8958cd5d17d6b254da1"
        ),
        (
            "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
            "00112233445566778899aabbccddeeff000102030405060708090a0b0c0d0e0f",
            "28c9f404c4b810f4cbccb35cfb87f8263f5786e2d80ed326cbc7f0e71a99f43bfb988b9b7a02dd21"
        ),
    ]

    @Test("Key wrap and unwrap give the vectors of RFC 3394", arguments: published)
    func vectors(_ wrapping: String, _ key: String, _ wrapped: String) throws {
        #expect(try KeyWrap.wrap(secret(key), under: secret(wrapping)) == hex(wrapped))
        let unwrapped = try KeyWrap.unwrap(hex(wrapped), under: secret(wrapping))
        #expect(unwrapped.revealed == key)
    }

    @Test("A wrapped key with any bit turned, or under another key, does not unwrap")
    func tampered() throws {
        let wrapping = secret("000102030405060708090a0b0c0d0e0f")
        let good = hex("1fa68b0a8112b447aef34bd8fb5a7b829d3e862371d2cfe5")
        for bit in 0..<(good.count * 8) {
            var bad = good
            bad[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(throws: CardSecurityFault.unwrapFailed) {
                try KeyWrap.unwrap(bad, under: wrapping)
            }
        }
        #expect(throws: CardSecurityFault.unwrapFailed) {
            try KeyWrap.unwrap(good, under: secret("000102030405060708090a0b0c0d0e0e"))
        }
    }

    @Test("Keys and wrapped keys of impossible lengths are refused by name", arguments: 0..<41)
    func lengths(_ count: Int) throws {
        let wrapping = secret("000102030405060708090a0b0c0d0e0f")
        let bytes = [UInt8](repeating: 7, count: count)
        let key = bytes.withUnsafeBytes { SecretBytes(copying: $0) }
        if count < 16 || count % 8 != 0 {
            #expect(throws: CardSecurityFault.self) { try KeyWrap.wrap(key, under: wrapping) }
        } else {
            let wrapped = try KeyWrap.wrap(key, under: wrapping)
            #expect(try KeyWrap.unwrap(wrapped, under: wrapping).revealed == key.revealed)
        }
        #expect(throws: CardSecurityFault.self) { try KeyWrap.unwrap(bytes, under: wrapping) }
        if ![16, 24, 32].contains(count) {
            #expect(throws: CardSecurityFault.self) { try KeyWrap.wrap(wrapping, under: key) }
        }
    }

    @Test("A session PIN key unwraps only with its own check value")
    func checkValue() throws {
        let master = try TerminalMasterKey.generate()
        let key = try SecretBytes.random(count: 16)
        for algorithm in PINAlgorithm.allCases {
            var wrapped = try WrappedPINKey(
                wrapping: key, masterKey: master, algorithm: algorithm)
            #expect(wrapped.wrapped.count == 24 && wrapped.checkValue.count == 3)
            let unwrapped = try wrapped.unwrap(masterKey: master, algorithm: algorithm)
            #expect(constantTimeEqual(unwrapped, key))
            wrapped.checkValue[1] ^= 1
            #expect(throws: CardSecurityFault.checkValueDiffers(of: "the session PIN key")) {
                try wrapped.unwrap(masterKey: master, algorithm: algorithm)
            }
        }
    }

    @Test("Components join to the master key and check values of Protocol/Vectors/pin")
    func components() throws {
        #expect(PINVectors.masters.count == 2)
        for vector in PINVectors.masters {
            let parts = try vector.components.map { component in
                try KeyComponent(
                    text: component.key, expecting: KeyCheckValue(component.checkValue))
            }
            let whole = KeyCheckValue(vector.checkValue)
            let key = try TerminalMasterKey.combine(parts, expecting: whole)
            #expect(key.revealed == vector.masterKey)
            let backwards = try TerminalMasterKey.combine(parts.reversed(), expecting: whole)
            #expect(backwards.revealed == vector.masterKey)
            #expect(throws: CardSecurityFault.checkValueDiffers(of: "the terminal master key")) {
                try TerminalMasterKey.combine([parts[0], parts[0]], expecting: whole)
            }
        }
    }

    @Test("A master key divided among two or three people is whole again when typed in")
    func divide() throws {
        let key = try TerminalMasterKey.generate()
        for count in ComponentCount.allCases {
            let printed = try TerminalMasterKey.components(of: key, count: count)
            #expect(printed.count == count.rawValue)
            #expect(Set(printed.map(\.clearText)).count == count.rawValue)
            let typed = try printed.map { part in
                try KeyComponent(text: part.clearText.lowercased(), expecting: part.checkValue)
            }
            let joined = try TerminalMasterKey.combine(
                typed, expecting: TerminalMasterKey.checkValue(of: key))
            #expect(constantTimeEqual(joined, key))
        }
    }

    @Test("A component with a typing error is refused, and says which kind of error")
    func typingErrors() throws {
        let part = try KeyComponent(text: "0011 2233 4455 6677 8899 AABB CCDD EEFF", expecting: nil)
        #expect(throws: CardSecurityFault.checkValueDiffers(of: "the key component")) {
            try KeyComponent(
                text: "0011 2233 4455 6677 8899 AABB CCDD EEFE", expecting: part.checkValue)
        }
        #expect(throws: CardSecurityFault.notHexadecimal("the key component")) {
            try KeyComponent(text: "0011 2233 4455 6677 8899 AABB CCDD EEFG", expecting: nil)
        }
        #expect(
            throws: CardSecurityFault.lengthWrong(
                of: "the terminal master key", bytes: 15, expected: "16")
        ) {
            try KeyComponent(text: "0011 2233 4455 6677 8899 AABB CCDD EE", expecting: nil)
        }
    }
}
