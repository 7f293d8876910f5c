import Testing

@testable import CardSecurity

@Suite("PIN verification values")
struct VerificationValueTests {
    let pinKey = secret("00112233445566778899aabbccddeeff")
    let verificationKey = secret(String(repeating: "5a", count: 32))

    @Test("A value is the first half of the HMAC over card and PIN, as computed elsewhere")
    func fixedValue() throws {
        // HMAC-SHA-256 of 50494e5631 10 46228480012345676 000... 06 313233343536 ffffffffffff.
        let verifier = PINVerifier(current: verificationKey, keyID: 7)
        let card = try #require(CardDigits("6228480012345676"))
        let value = try verifier.verificationValue(pin: "123456", card: card)
        #expect(
            value
                == VerificationValue(
                    keyID: 7, high: 0x1e30_3c82_8a92_750a, low: 0x3493_ebd3_621a_70ae))
    }

    @Test("A PIN from a block and the same PIN imported give the same value, of every length")
    func sameFromBlock() throws {
        let verifier = PINVerifier(current: verificationKey, keyID: 1)
        for algorithm in PINAlgorithm.allCases {
            let sealer = try PINSealer(key: pinKey, algorithm: algorithm)
            let opener = try PINOpener(key: pinKey, algorithm: algorithm)
            for cardDigits in 10...19 {
                let card = try #require(CardDigits("9876543210987654321".prefix(cardDigits)))
                for pinDigits in 4...12 {
                    let pin = String("135791357913".prefix(pinDigits))
                    let values = try verifier.verificationValues(
                        pinBlock: sealer.block(pin: pin, card: card), card: card, opener: opener)
                    #expect(
                        values.current == (try verifier.verificationValue(pin: pin, card: card)))
                    #expect(values.others.isEmpty)
                }
            }
        }
    }

    @Test("Other PIN, other card, other length and other key each give another value")
    func allDiffer() throws {
        let verifier = PINVerifier(current: verificationKey, keyID: 1)
        let other = PINVerifier(current: secret(String(repeating: "5b", count: 32)), keyID: 1)
        let cards = try [
            "6228480012345676", "6228480012345684", "0622848001234567", "006228480012",
        ]
        .map { try #require(CardDigits($0)) }
        let short = try #require(CardDigits("6228480012"))
        var seen: Set<VerificationValue> = []
        var count = 0
        for card in cards + [short] {
            for pin in ["1234", "12345", "123456", "0123", "4321", "123400000000"] {
                seen.insert(try verifier.verificationValue(pin: pin, card: card))
                seen.insert(try other.verificationValue(pin: pin, card: card))
                count += 2
            }
        }
        #expect(seen.count == count)
    }

    @Test("While a key is rotated, a block gives the values under both keys")
    func rotation() throws {
        let old = PINVerifier(current: verificationKey, keyID: 1)
        let both = try PINVerifier(
            current: SecretBytes.random(count: 32), keyID: 2, others: [(1, verificationKey)])
        let card = try #require(CardDigits("6228480012345676"))
        let block = try PINSealer(key: pinKey, algorithm: .aes128).block(pin: "4711", card: card)
        let values = try both.verificationValues(
            pinBlock: block, card: card, opener: PINOpener(key: pinKey, algorithm: .aes128))
        #expect(values.others == [try old.verificationValue(pin: "4711", card: card)])
        #expect(values.current == (try both.verificationValue(pin: "4711", card: card)))
        #expect(values.current.keyID == 2 && values.others.map(\.keyID) == [1])
    }

    @Test("After a block was opened or refused, the opener's buffer holds nothing of it")
    func wiped() throws {
        let card = try #require(CardDigits("6228480012345676"))
        let sealer = try PINSealer(key: pinKey, algorithm: .aes128)
        let opener = try PINOpener(key: pinKey, algorithm: .aes128)
        let block = try sealer.block(pin: "987654", card: card)
        _ = try opener.pin(block, card: card)
        #expect(opener.scratchIsWiped)
        _ = try? opener.pin(Array(block.reversed()), card: card)
        #expect(opener.scratchIsWiped)
    }
}
