import Testing

@testable import CardSecurity

@Suite("Records and card tokens")
struct RecordCipherTests {
    let directory: TemporaryDirectory
    let store: SealedKeyStore
    let cipher: RecordCipher

    init() throws {
        directory = try TemporaryDirectory()
        let source = KeyEncryptionSource.keyFile(path: directory.file("kek"))
        try KeyEncryptionSource.generateKeyFile(at: directory.file("kek"))
        store = try SealedKeyStore.create(at: directory.file("keys"), source: source)
        cipher = try store.recordCipher()
    }

    // MARK: Records

    @Test(
        "A record of any length opens in its place, and has 30 bytes more while it is sealed",
        arguments: [0, 1, 15, 16, 17, 800, 70_000])
    func roundTrip(_ count: Int) throws {
        for place in [0, 1, UInt64.random(in: 2..<UInt64.max), .max] {
            let record = try SecureRandom.bytes(count)
            let sealed = try cipher.seal(record, place: place)
            #expect(sealed.count == count + 30)
            #expect(try cipher.open(sealed, place: place) == record)
        }
    }

    @Test("Records of a thousand random lengths open, one after the other in either order")
    func randomLengths() throws {
        let records = try (0..<1_000).map { _ in
            try SecureRandom.bytes(Int.random(in: 0...300))
        }
        let sealed = try records.enumerated().map {
            try cipher.seal($0.element, place: UInt64($0.offset))
        }
        for index in records.indices.reversed() {
            #expect(try cipher.open(sealed[index], place: UInt64(index)) == records[index])
        }
    }

    @Test("A record with any one byte changed, cut or lengthened does not open")
    func everyByte() throws {
        for count in [0, 1, 40] {
            let sealed = try cipher.seal(try SecureRandom.bytes(count), place: 5)
            for position in sealed.indices {
                var changed = sealed
                changed[position] ^= 1 << UInt8(position % 8)
                expectClosed(changed, place: 5)
            }
            for count in sealed.indices { expectClosed(Array(sealed[..<count]), place: 5) }
            expectClosed(sealed + [0], place: 5)
            expectClosed([0] + sealed, place: 5)
            #expect(try cipher.open(sealed, place: 5) != nil)
        }
    }

    @Test("A record does not open in another place")
    func otherPlace() throws {
        let sealed = try cipher.seal([1, 2, 3], place: 1 << 40)
        for bit in 0..<64 where bit != 40 {
            #expect(try cipher.open(sealed, place: 1 << 40 | 1 << UInt64(bit)) == nil)
        }
        #expect(try cipher.open(sealed, place: 0) == nil)
    }

    @Test("The same bytes are never sealed alike twice, by one cipher or another")
    func neverAlike() throws {
        let other = try store.recordCipher()
        var seen: Set<[UInt8]> = []
        var nonces: Set<[UInt8]> = []
        for _ in 0..<2_000 {
            for cipher in [cipher, other] {
                let sealed = try cipher.seal([7, 7, 7], place: 1)
                #expect(seen.insert(Array(sealed[14...])).inserted)
                #expect(nonces.insert(Array(sealed[2..<14])).inserted)
            }
        }
    }

    @Test("Before the counter of the nonces ends, their random bytes are drawn again")
    func nonces() throws {
        var nonces = try RecordNonces(startingAt: .max - 2)
        let drawn = try (0..<5).map { _ in try nonces.next() }
        #expect(drawn.map(\.counter) == [.max - 2, .max - 1, 0, 1, 2])
        #expect(drawn[0].prefix == drawn[1].prefix && drawn[1].prefix != drawn[2].prefix)
        #expect(drawn[2].prefix == drawn[4].prefix)
        var others = try RecordNonces()
        #expect(try others.next().prefix != drawn[4].prefix)
    }

    @Test("Threads that seal, open and make tokens at once do not disturb each other")
    func threads() async throws {
        let card = try #require(CardDigits("6228480012345676"))
        let token = try cipher.token(of: card)
        let nonces = try await withThrowingTaskGroup(of: [[UInt8]].self) { group in
            for task in 0..<4 {
                group.addTask { [cipher] in
                    try (0..<500).map { number in
                        let record = [UInt8](repeating: UInt8(task), count: number)
                        let sealed = try cipher.seal(record, place: UInt64(number))
                        #expect(try cipher.open(sealed, place: UInt64(number)) == record)
                        #expect(try cipher.token(of: card) == token)
                        return Array(sealed[2..<14])
                    }
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        #expect(Set(nonces).count == 2_000)
    }

    // MARK: Card tokens

    @Test("Numbers that differ in one digit, a leading zero or their count have distinct tokens")
    func distinctTokens() throws {
        var numbers = ["0000000000", "00000000000", "9999999999999999999", "6228480012345676"]
        for position in 0..<16 {
            for digit in "0123456789" {
                var number = Array("6228480012345676")
                number[position] = digit
                numbers.append(String(number))
            }
        }
        for count in 17...19 {
            numbers.append(String(repeating: "0", count: count - 16) + "6228480012345676")
        }
        let words = try Set(numbers).map { number in
            let card = try #require(CardDigits(number))
            let token = try cipher.token(of: card)
            #expect(try cipher.token(of: card) == token)
            #expect(try cipher.card(of: token) == card)
            return [token.high, token.low]
        }
        #expect(Set(words).count == Set(numbers).count)
    }

    @Test("A random token is none")
    func randomTokens() throws {
        for _ in 0..<10_000 {
            let token = (UInt64.random(in: 0...UInt64.max), UInt64.random(in: 0...UInt64.max))
            #expect(try cipher.card(of: token) == nil)
        }
    }

    @Test("A token with any one bit changed is none")
    func changedTokens() throws {
        let token = try cipher.token(of: try #require(CardDigits("6228480012345676")))
        for bit in 0..<64 {
            #expect(try cipher.card(of: (token.high ^ 1 << UInt64(bit), token.low)) == nil)
            #expect(try cipher.card(of: (token.high, token.low ^ 1 << UInt64(bit))) == nil)
        }
    }

    // MARK: Known answers

    /// The cipher of a store whose record keys are digests of known texts.
    ///
    /// Keys, name and tokens below were computed by `openssl dgst -mac HMAC` and
    /// `openssl enc -aes-128-ecb`, records by another library.
    private func golden() throws -> RecordCipher {
        try directory.write("golden", GoldenKeyStore.third)
        let source = KeyEncryptionSource.keyFile(
            path: try directory.write("golden-kek", GoldenKeyStore.key))
        return try SealedKeyStore.open(at: directory.file("golden"), source: source)
            .recordCipher()
    }

    @Test("Name and tokens are those that other programs compute of the same key")
    func knownTokens() throws {
        let cipher = try golden()
        #expect(cipher.name == 0x648c_1b35_fd64_e678)
        for (number, high, low) in [
            ("6228480012345676", 0x02ec_0d8f_83f1_949d, 0x0e3d_1c4c_6c50_47df),
            ("6228480012345677", 0xf63c_5085_d251_7765, 0xcb2a_a0fe_569a_8749),
            ("06228480012345676", 0x8110_a612_021d_49ba, 0xfe86_6195_f42e_cd52),
            ("0000000000", 0x6ef4_12bc_4f36_4a84, 0x00be_5a0f_5c59_9090),
            ("00000000000", 0xe439_9403_c04e_960a, 0x32e4_e11c_3756_f1ea),
            ("1000000000", 0xecca_114d_d7c7_7482, 0xb03d_3598_c6ca_3d81),
            ("9999999999999999999", 0x5a14_d1d0_7aa2_c034, 0xfb21_f002_3059_eba5),
        ] as [(String, UInt64, UInt64)] {
            let card = try #require(CardDigits(number))
            #expect(try cipher.token(of: card) == (high, low), "\(number)")
            #expect(try cipher.card(of: (high, low)) == card, "\(number)")
        }
    }

    @Test("A block of the right key that holds no card number is no token")
    func knownOthers() throws {
        let cipher = try golden()
        // 9 digits, 20 digits, a value of 11 digits under 10, and a byte before the count.
        for (high, low) in [
            (0x2ae8_5b78_2f32_759f, 0xb1bf_f9a6_0c87_2865),
            (0xe8d2_d5c2_09f3_10a6, 0x155e_00a5_c836_7253),
            (0xb7f4_8b1b_4e97_3708, 0x4c60_6104_957a_0f49),
            (0xa6fc_e50e_7058_0538, 0xc95d_bc5c_8e25_5a58),
            (0x2d65_2316_53f4_20ae, 0x1a53_c1bf_fef4_d9f5),
        ] as [(UInt64, UInt64)] {
            #expect(try cipher.card(of: (high, low)) == nil)
        }
    }

    @Test("Records that another program sealed open, under the old key and the current one")
    func knownRecords() throws {
        let cipher = try golden()
        for (sealed, record, place) in [
            (
                "0001000102030405060708090a0b9bf33d3cb39be582f57ad3339bd53a7d75937aa2ce8b91",
                "settled", 7
            ),
            ("00026465666768696a6b6c6d6e6f05f41acbc4457d024d08dc285275b4d2", "", 0),
            (
                "0002c8c9cacbcccdcecfd0d1d2d31974ccdfea733acd3e73960b9c1352d83703c5fd73951ffcda644b"
                    + "60b1a7514306420533885ecccb0b1a3f368ae702",
                "a record of more than one block", .max
            ),
        ] as [(String, String, UInt64)] {
            #expect(try cipher.open(hex(sealed), place: place) == Array(record.utf8))
        }
    }

    private func expectClosed(
        _ sealed: [UInt8], place: UInt64, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        do throws(CardSecurityFault) {
            let record = try cipher.open(sealed, place: place)
            #expect(record == nil, sourceLocation: sourceLocation)
        } catch {
            guard case .recordKeyUnknown = error else {
                Issue.record("\(error)", sourceLocation: sourceLocation)
                return
            }
        }
    }
}

extension RecordCipher {
    func seal(_ record: [UInt8], place: UInt64) throws(CardSecurityFault) -> [UInt8] {
        try record.withUnsafeBufferPointer { bytes throws(CardSecurityFault) in
            try seal(UnsafeRawBufferPointer(bytes), place: place)
        }
    }

    func open(_ sealed: [UInt8], place: UInt64) throws(CardSecurityFault) -> [UInt8]? {
        try sealed.withUnsafeBufferPointer { bytes throws(CardSecurityFault) in
            try open(UnsafeRawBufferPointer(bytes), place: place)
        }
    }
}
