import Ledger
import SettlementDomain
import TestSupport
import Testing

@Suite("Day close: one entry between two business dates, and what is owed for the first")
struct DayCloseTests {
    private static let tomorrow = Town.today.adding(days: 1)

    @Test("only the business date can be ended, and only for a later one")
    func order() {
        var town = Town()
        let yesterday = Town.today.adding(days: -1)
        let past = town.decide(.closeDay(yesterday, next: Town.today), at: Town.pharmacy)
        #expect(past.code == .invalidTransaction && past.reason == .otherBusinessDate)
        let back = town.decide(.closeDay(Town.today, next: Town.today), at: Town.pharmacy)
        #expect(back.reason == .fieldOutOfRange)
        #expect(town.rows.reference.businessDate == Town.today)
        let entries = town.rows.entries.count
        let closed = town.decide(.closeDay(Town.today, next: Self.tomorrow), at: Town.pharmacy)
        #expect(closed.code == .approved && closed.businessDate == Self.tomorrow)
        #expect(town.rows.entries.count == entries + 1)
        #expect(town.rows.entries.last?.bookedDate == Town.today)
        let again = town.decide(.closeDay(Town.today, next: Self.tomorrow), at: Town.pharmacy)
        #expect(again.reason == .otherBusinessDate)
    }

    @Test("a reversal and a refund after the close are booked in the new date, a void is refused")
    func after() throws {
        var town = Town()
        let first = town.settle([Town.Item(units: 2, fen: 500)], key: Town.key(900))
        let second = town.settle([Town.Item(fen: 500)], key: Town.key(901))
        town.decide(.closeDay(Town.today, next: Self.tomorrow), at: Town.pharmacy)
        #expect(town.void(first, fen: 1000).reason == .otherBusinessDate)
        let refund = try #require(town.refund(first, [(0, 1)]).undone)
        #expect(refund.settledDate == Town.today && town.outcome.businessDate == Self.tomorrow)
        #expect(town.reverse(second.key, fen: 500).undone?.settledDate == Town.today)
        let booked = town.rows.entries.compactMap(\.dayRow).map(\.bookedDate)
        #expect(booked == [Town.today, Town.today, Self.tomorrow, Self.tomorrow])
        #expect(town.verified == [])
    }

    @Test("an ended date is paid once, exactly what its books say; the books then are even")
    func payment() throws {
        var town = Town()
        let id = try #require(InstitutionID("H99010000001"))
        town.settle([Town.Item(fen: 4000)], key: Town.key(900))
        let taken = town.settle([Town.Item(fen: 3000)], key: Town.key(901))
        #expect(town.void(taken, fen: 3000).code == .approved)
        func row(_ fen: Int64, on date: CivilDate = Town.today) -> Registration {
            .clearing(
                ClearingRow(
                    key: ClearingKey(institution: id, date: date), amount: Money(fen: fen)))
        }
        var books = ClearingBooks()
        for row in town.rows.entries.compactMap(\.dayRow) { books.take(row) }
        let owed = books.owed.fen
        #expect(owed > 0 && books.net.count == 3)
        town.rows.owed[ClearingKey(institution: id, date: Town.today)] = Money(fen: owed)
        #expect(town.results(of: [row(owed)])[0].isRefused)
        town.decide(.closeDay(Town.today, next: Self.tomorrow), at: Town.pharmacy)
        #expect(town.results(of: [row(owed - 1)])[0].isRefused)
        #expect(town.results(of: [row(owed)]) == [.added])
        #expect(town.results(of: [row(owed)]) == [.unchanged])
        #expect(town.results(of: [row(1, on: Self.tomorrow)])[0].isRefused)
        #expect(town.books.sums["institution:H99010000001"] == nil)
        #expect(town.books.sums["bank"] == owed)
        #expect(town.verified == [])
        var entry = try #require(town.rows.entries.last)
        #expect(entry.changes.count == 1)
        entry.changes = [
            .clearing(
                ClearingRow(
                    key: ClearingKey(institution: id, date: Town.today), amount: Money(fen: 1)))
        ]
        var forged = town
        forged.rows.append(entry)
        #expect(forged.verified.count == 2)
    }
}
