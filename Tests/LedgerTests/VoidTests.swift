import Ledger
import SettlementDomain
import Testing

@Suite("Void: the whole settlement comes back, on the day it was made")
struct VoidTests {
    @Test("a void gives every payer back what they paid: all books are as before the sale")
    func givesBack() throws {
        var town = Town()
        town.link()
        let before = town.books
        let id = town.settle(
            [
                Town.Item(fen: 30_000, trace: ["P1"]), Town.Item(code: Town.limited, fen: 500),
                Town.Item(code: Town.whitening, fen: 700),
            ], key: Town.key(900))
        let taken = town.split(of: id)
        #expect(taken.family > .zero && taken.pooled > .zero && town.books != before)
        let answer = try #require(town.void(id, fen: 31_200).undone)
        #expect(town.outcome.code == .approved && answer.state == .voided)
        #expect(answer.givenBack.account == taken.account && answer.remaining == nil)
        #expect(answer.givenBack.owners == taken.owners && answer.givenBack.cash == taken.cash)
        #expect(answer.balance.fen == 10_000 && answer.settledDate == Town.today)
        #expect(town.books == before)
    }

    @Test("a second void is 79, a void of a reversed sale too; nothing is posted")
    func twice() {
        var town = Town()
        let voided = town.settle([Town.Item(fen: 1000)], key: Town.key(900))
        #expect(town.void(voided, fen: 1000).code == .approved)
        let reversed = town.settle([Town.Item(fen: 1000)], key: Town.key(901))
        #expect(town.reverse(reversed.key, fen: 1000).code == .approved)
        let before = town.books
        let second = town.void(voided, fen: 1000)
        #expect(second.code == .alreadyUndone && second.reason == .originalVoided)
        let late = town.void(reversed, fen: 1000)
        #expect(late.code == .alreadyUndone && late.reason == .originalReversed)
        #expect(town.books == before)
    }

    @Test(
        """
        an unknown settlement is 25, another institution 58, another card 77, another amount 64, \
        another day 12, in this order
        """
    )
    func order() {
        var town = Town()
        let id = town.settle([Town.Item(fen: 1000)], key: Town.key(900))
        let unknown = SettlementID(Town.key(12_345))
        let before = town.books
        town.rows.apply(.businessDate(Town.date(20_261_124)))
        #expect(town.void(unknown, fen: 1, card: nil, at: Town.pharmacy).code == .originalNotFound)
        let other = town.void(id, fen: 1, card: nil, at: Town.pharmacy)
        #expect(other.code == .notPermittedToTerminal && other.reason == .otherInstitution)
        #expect(town.void(id, fen: 1, card: nil).code == .originalDataDiffers)
        #expect(town.void(id, fen: 1).code == .originalAmountDiffers)
        let late = town.void(id, fen: 1000)
        #expect(late.code == .invalidTransaction && late.reason == .otherBusinessDate)
        #expect(town.books == before)
    }

    @Test("a void after a refund of a part is 21, after a refund of all 79")
    func afterRefund() {
        var town = Town()
        let id = town.settle([Town.Item(units: 2, fen: 1000)], key: Town.key(900))
        #expect(town.refund(id, [(0, 1)]).code == .approved)
        let partly = town.void(id, fen: 2000)
        #expect(partly.code == .noActionTaken && partly.reason == .furtherActivity)
        #expect(town.refund(id, [(0, nil)]).code == .approved)
        let whole = town.void(id, fen: 2000)
        #expect(whole.code == .alreadyUndone && whole.reason == .originalRefunded)
    }

    @Test("a package of a voided sale can be sold again")
    func packages() {
        var town = Town()
        let first = town.settle([Town.Item(fen: 1000, trace: ["P1"])], key: Town.key(900))
        #expect(town.void(first, fen: 1000).code == .approved)
        #expect(town.rows.traceCodes.values.map(\.takings) == [0])
        town.settle([Town.Item(fen: 1000, trace: ["P1"])], key: Town.key(901))
        #expect(town.rows.traceCodes.values.map(\.takings) == [1])
    }

    @Test(
        """
        a package that two sales have taken is free when both are undone, whichever goes first, and \
        each takes back what it gave
        """,
        arguments: [[0, 1], [1, 0]])
    func packageOfTwo(order: [Int]) {
        var town = Town()
        let sales = [900, 901].map {
            town.settle([Town.Item(fen: 1000, trace: ["P1"])], key: Town.key($0))
        }
        #expect(town.books.taken.map(\.text) == ["P1"])
        #expect(town.void(sales[order[0]], fen: 1000).code == .approved)
        #expect(town.books.taken.map(\.text) == ["P1"])
        let firstVoid = Town.key(town.stan)
        #expect(town.void(sales[order[1]], fen: 1000).code == .approved)
        #expect(town.books.taken.isEmpty)
        #expect(town.reverse(firstVoid, fen: 1000).code == .approved)
        #expect(town.books.taken.map(\.text) == ["P1"])
    }
}
