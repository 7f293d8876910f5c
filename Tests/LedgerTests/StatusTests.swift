import Ledger
import SettlementDomain
import Testing

@Suite("Settlement status: what became of any key")
struct StatusTests {
    private static func state(_ key: RequestKey, in town: inout Town) -> StatusAnswer.State? {
        guard case .status(let answer) = town.decide(.status(key), at: key.terminal).payload else {
            return nil
        }
        return answer.state
    }

    @Test("each state of a settlement, of a void, of a tombstone and of an unknown key is told")
    func states() {
        var town = Town()
        let id = town.settle([Town.Item(units: 2, fen: 1000)], key: Town.key(900))
        #expect(Self.state(id.key, in: &town) == .approved)
        _ = town.refund(id, [(0, 1)])
        #expect(Self.state(id.key, in: &town) == .partlyRefunded)
        _ = town.refund(id, [(0, 1)])
        #expect(Self.state(id.key, in: &town) == .refunded)
        let second = town.settle([Town.Item(fen: 500)], key: Town.key(901))
        _ = town.void(second, fen: 500)
        let voidKey = Town.key(town.stan)
        #expect(Self.state(second.key, in: &town) == .voided)
        #expect(Self.state(voidKey, in: &town) == .approved)
        _ = town.reverse(voidKey, fen: 500)
        #expect(Self.state(voidKey, in: &town) == .reversed)
        #expect(Self.state(second.key, in: &town) == .approved)
        _ = town.reverse(second.key, fen: 500)
        #expect(Self.state(second.key, in: &town) == .reversed)
        #expect(Self.state(Town.key(950), in: &town) == .neverSeen)
        _ = town.reverse(Town.key(951), fen: 1)
        #expect(Self.state(Town.key(951), in: &town) == .reversed)
        let refused = Town.bill([Town.Item(fen: 99_000)], visit: .inpatient, partial: false)
        _ = town.decide(.settle(refused), key: Town.key(952))
        #expect(Self.state(Town.key(952), in: &town) == .refused)
    }

    @Test("a receipt's copy has the recorded answer and what became of the settlement since")
    func copies() {
        var town = Town()
        let id = town.settle([Town.Item(units: 2, fen: 1000)], key: Town.key(900))
        _ = town.refund(id, [(0, 1)])
        let outcome = town.decide(.copyReceipt(id), at: Town.hospital)
        guard case .receiptCopy(let copy) = outcome.payload else {
            Issue.record("no copy")
            return
        }
        #expect(copy.original == town.rows.answers[id.key]?.response)
        #expect(copy.settlement.undone.count == 1 && copy.settlement.state == .partlyRefunded)
        let other = town.decide(.copyReceipt(id), at: Town.pharmacy)
        #expect(other.code == .notPermittedToTerminal && other.reason == .otherInstitution)
        let unknown = town.decide(.copyReceipt(SettlementID(Town.key(1))), at: Town.hospital)
        #expect(unknown.code == .originalNotFound)
    }
}
