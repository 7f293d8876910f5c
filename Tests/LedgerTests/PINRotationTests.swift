import Ledger
import SettlementDomain
import Testing

@Suite("Verification keys of PINs change while cards are used")
struct PINRotationTests {
    /// The fixture's PIN under a later key.
    private let later = PINVerification(keyID: 9, high: 5, low: 5)
    private let wrong = PINVerification(keyID: 9, high: 6, low: 6)

    private func bill(_ proof: PINProof, fen: Int64 = 100) -> SettleCommand {
        var bill = Town.bill(fen: fen)
        bill.proof = proof
        return bill
    }

    private func card(_ town: Town) -> CardRow? { town.rows.cards[Town.card] }

    @Test("the right PIN moves a card's value to the current key, and nothing else of the card")
    func moves() {
        var town = Town()
        var expected = card(town)
        let proof = PINProof.value(later, others: [Town.pin])
        #expect(town.decide(.settle(bill(proof)), at: Town.pharmacy).code == .approved)
        expected?.verification = later
        #expect(card(town) == expected)
        #expect(
            town.decide(.settle(bill(.value(later))), at: Town.pharmacy).code == .approved)
    }

    @Test("a payment that is refused behind the PIN moves the value all the same")
    func movesWithRefusal() {
        var town = Town()
        let proof = PINProof.value(later, others: [Town.pin])
        let outcome = town.decide(.settle(bill(proof, fen: 1_000_000)), at: Town.pharmacy)
        #expect(outcome.code == .insufficientFunds)
        #expect(card(town)?.verification == later)
    }

    @Test("inquiries and quotes move it too")
    func movesWithInquiry() {
        let proof = PINProof.value(later, others: [Town.pin])
        for command in [
            Command.quote(bill(proof)), .inquire(CardInquiry(card: Town.card, proof: proof)),
        ] {
            var town = Town()
            #expect(town.decide(command, at: Town.pharmacy).code == .approved)
            #expect(card(town)?.verification == later)
        }
    }

    @Test("a wrong PIN moves nothing and costs one try, however many keys there are")
    func wrongPIN() {
        var town = Town()
        let before = card(town)?.verification
        let badOld = PINVerification(keyID: Town.pin.keyID, high: 1, low: 1)
        let proof = PINProof.value(wrong, others: [badOld])
        let outcome = town.decide(.settle(bill(proof)), at: Town.pharmacy)
        #expect(outcome.code == .wrongPIN && outcome.triesLeft == 2)
        #expect(card(town)?.verification == before)
    }

    @Test("a key that this daemon does not have yet gives 91, costs no try and is not recorded")
    func missingKey() {
        var town = Town()
        let proof = PINProof.value(later, others: [Town.pin])
        _ = town.decide(.settle(bill(proof)), at: Town.pharmacy)
        let before = card(town)
        let (entries, key) = (
            town.rows.entries.count,
            RequestKey(terminal: Town.pharmacy, date: Town.today, stan: 700)
        )
        // This one was computed where the later key had not been read.
        _ = town.decide(.settle(bill(.value(Town.pin))), key: key)
        let outcome = town.outcome
        #expect(outcome.code == .unavailable && outcome.reason == .verificationKeyMissing)
        #expect(card(town) == before && town.rows.entries.count == entries)
        _ = town.decide(.settle(bill(proof)), key: key)
        #expect(town.outcome.code == .approved)
    }

    @Test("a value under a key that was retired is no PIN any more: 75, until a new one is set")
    func retiredKey() {
        var town = Town()
        let before = card(town)
        let outcome = town.decide(.settle(bill(.value(later))), at: Town.pharmacy)
        #expect(outcome.code == .pinTriesExceeded && outcome.reason == .pinNotSet)
        #expect(card(town) == before)
    }

    @Test("a request that waited while the key was changed does not move a value back")
    func neverBack() {
        var town = Town()
        let proof = PINProof.value(later, others: [Town.pin])
        _ = town.decide(.settle(bill(proof)), at: Town.pharmacy)
        let waited = PINProof.value(Town.pin, others: [later])
        #expect(town.decide(.settle(bill(waited)), at: Town.pharmacy).code == .approved)
        #expect(card(town)?.verification == later)
    }

    @Test("wrong, then right under another key: the count is zero and the value moved")
    func resetsAndMoves() {
        var town = Town()
        _ = town.decide(
            .settle(bill(.value(wrong, others: [PINVerification(keyID: 1, high: 0, low: 0)]))),
            at: Town.pharmacy)
        #expect(card(town)?.triesFailed == 1)
        let proof = PINProof.value(later, others: [Town.pin])
        #expect(town.decide(.settle(bill(proof)), at: Town.pharmacy).code == .approved)
        #expect(card(town)?.triesFailed == 0 && card(town)?.verification == later)
    }
}
