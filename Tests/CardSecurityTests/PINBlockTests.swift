import Foundation
import Testing

@testable import CardSecurity

@Suite("PIN blocks of format 4")
struct PINBlockTests {
    @Test("Every vector of Protocol/Vectors/pin is made and opened as written")
    func vectors() throws {
        #expect(PINVectors.blocks.count == 186)
        for vector in PINVectors.blocks {
            let algorithm = PINVectors.algorithm(vector.algorithm)
            let card = try #require(CardDigits(vector.card))
            #expect(panField(card) == hex(vector.panField), "\(vector)")
            let carried = WrappedPINKey(
                wrapped: hex(vector.wrappedKey), checkValue: hex(vector.checkValue))
            let key = try carried.unwrap(
                masterKey: secret(vector.masterKey), algorithm: algorithm)
            #expect(key.revealed == vector.pinKey, "\(vector)")
            let made = try WrappedPINKey(
                wrapping: key, masterKey: secret(vector.masterKey), algorithm: algorithm)
            #expect(made == carried, "\(vector)")
            let block = try PINSealer(key: key, algorithm: algorithm).block(
                pin: Array(vector.pin.utf8), card: card, fill: hex(vector.fill))
            #expect(block == hex(vector.block), "\(vector)")
            let opened = try PINOpener(key: key, algorithm: algorithm).pin(block, card: card)
            #expect(opened == Array(vector.pin.utf8), "\(vector)")
        }
    }

    @Test("Every unusable block gets the one fault, whatever is wrong with it")
    func refused() throws {
        #expect(PINVectors.refused.count == 36)
        let verifier = try PINVerifier(current: SecretBytes.random(count: 32), keyID: 1)
        for vector in PINVectors.refused {
            let opener = try PINOpener(
                key: secret(vector.pinKey), algorithm: PINVectors.algorithm(vector.algorithm))
            let card = try #require(CardDigits(vector.card))
            let fault = #expect(throws: PINBlockFault.self, "\(vector)") {
                try verifier.verificationValues(
                    pinBlock: hex(vector.block), card: card, opener: opener)
            }
            #expect(fault?.description == "the PIN block cannot be used")
        }
    }

    @Test("An unusable block takes the work of a usable one, whatever is wrong with it")
    func sameWork() throws {
        let right = PINVectors.blocks.map { ($0.algorithm, $0.pinKey, $0.card, $0.block, true) }
        let refused = PINVectors.refused.map { ($0.algorithm, $0.pinKey, $0.card, $0.block, false) }
        for (algorithm, key, number, block, isUsable) in right + refused {
            let opener = try PINOpener(
                key: secret(key), algorithm: PINVectors.algorithm(algorithm))
            let card = try #require(CardDigits(number))
            var computed = 0
            let result = hex(block).withUnsafeBytes { bytes in
                try? opener.open(bytes, card: card) { message -> Int? in
                    computed += 1
                    return message.count
                }
            }
            #expect((result != nil) == isUsable)
            #expect(opener.transforms == 2)
            #expect(computed == 1)
            #expect(opener.scratchIsWiped)
        }
    }

    @Test("A block with any one bit turned cannot be used", arguments: PINAlgorithm.allCases)
    func everyBit(_ algorithm: PINAlgorithm) throws {
        let key = secret("00112233445566778899aabbccddeeff")
        let card = try #require(CardDigits("6228480012345676"))
        let opener = try PINOpener(key: key, algorithm: algorithm)
        let block = try PINSealer(key: key, algorithm: algorithm).block(
            pin: Array("123456".utf8), card: card, fill: [1, 2, 3, 4, 5, 6, 7, 8])
        for bit in 0..<128 {
            var bad = block
            bad[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(throws: PINBlockFault()) { try opener.pin(bad, card: card) }
        }
        #expect(try opener.pin(block, card: card) == Array("123456".utf8))
    }

    @Test("A block for a card is no block for a card that differs in one digit")
    func everyDigit() throws {
        let key = secret("00112233445566778899aabbccddeeff")
        let number = "6228480012345676"
        let card = try #require(CardDigits(number))
        let opener = try PINOpener(key: key, algorithm: .aes128)
        let block = try PINSealer(key: key, algorithm: .aes128).block(
            pin: Array("1234".utf8), card: card, fill: [8, 7, 6, 5, 4, 3, 2, 1])
        for position in number.indices {
            let digit = number[position] == "9" ? "0" : "9"
            let other = number.replacingCharacters(in: position...position, with: digit)
            let card = try #require(CardDigits(other))
            #expect(throws: PINBlockFault()) { try opener.pin(block, card: card) }
        }
        for other in ["62284800123456760", "622848001234567", "0622848001234567"] {
            let card = try #require(CardDigits(other))
            #expect(throws: PINBlockFault()) { try opener.pin(block, card: card) }
        }
    }

    @Test("Ten thousand sealed PINs open again, no two blocks alike")
    func roundTrips() throws {
        let key = try SecretBytes.random(count: 16)
        let sealer = try PINSealer(key: key, algorithm: .aes128)
        let opener = try PINOpener(key: key, algorithm: .aes128)
        var seen: Set<[UInt8]> = []
        for number in 0..<10_000 {
            let digits = 10 + UInt8(number % 10)
            let card = try #require(
                CardDigits(value: 9_000_000_000 + UInt64(number), count: digits))
            let pin = String(100_000_000_000 + number * 7).suffix(4 + number % 9)
            let block = try sealer.block(pin: String(pin), card: card)
            #expect(try opener.pin(block, card: card) == Array(pin.utf8))
            seen.insert(block)
        }
        #expect(seen.count == 10_000)
    }

    @Test("A thousand blocks of one PIN and card, no two alike: no fill is used twice")
    func fillsAreFresh() throws {
        let sealer = try PINSealer(key: SecretBytes.random(count: 16), algorithm: .aes128)
        let card = try #require(CardDigits("6228480012345676"))
        let blocks = try (0..<1000).map { _ in try sealer.block(pin: "123456", card: card) }
        #expect(Set(blocks).count == 1000)
    }

    @Test(
        "What is no PIN of 4 to 12 digits is not sealed",
        arguments: ["", "123", "1234567890123", "12a4", "12 4", "１２３４", "-123"])
    func malformed(_ pin: String) throws {
        let key = try SecretBytes.random(count: 16)
        let sealer = try PINSealer(key: key, algorithm: .sm4)
        let card = try #require(CardDigits("6228480012345676"))
        #expect(throws: CardSecurityFault.pinMalformed) { try sealer.block(pin: pin, card: card) }
    }

    @Test("Cards of 10 to 19 digits and no others are taken")
    func cards() {
        for count in 0...25 {
            let text = String(repeating: "7", count: count)
            #expect((CardDigits(text) != nil) == (10...19).contains(count))
        }
        #expect(CardDigits("62284800123a5676") == nil)
        #expect(CardDigits(value: 10_000_000_000, count: 10) == nil)
        #expect(CardDigits("0000000001") != CardDigits("00000000001"))
    }

    @Test("A key of another length makes neither sealer nor opener")
    func keyLength() {
        for text in [
            "", "0011", "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff",
        ] {
            #expect(throws: CardSecurityFault.self) {
                try PINOpener(key: secret(text), algorithm: .aes128)
            }
            #expect(throws: CardSecurityFault.self) {
                try PINSealer(key: secret(text), algorithm: .sm4)
            }
        }
    }

    private func panField(_ card: CardDigits) -> [UInt8] {
        (0..<16).map { UInt8(truncatingIfNeeded: card.panField >> UInt128(120 - 8 * $0)) }
    }
}
