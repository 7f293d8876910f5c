@testable import Ledger
import SettlementDomain
import TestSupport
import Testing

@Suite("Sums of what nothing bounds together")
struct HeldSumsTests {
    @Test("a sum and a difference are held to 64 bits, and exact within")
    func held() {
        let most = Money(fen: .max)
        let least = Money(fen: .min)
        #expect(most.addingHeld(Money(fen: 1)) == most)
        #expect(least.addingHeld(Money(fen: -1)) == least)
        #expect(least.subtractingHeld(Money(fen: 1)) == least)
        #expect(most.subtractingHeld(Money(fen: -1)) == most)
        #expect(Money(fen: 7).addingHeld(Money(fen: -9)) == Money(fen: -2))
        #expect(Money(fen: 7).subtractingHeld(Money(fen: 9)) == Money(fen: -2))
    }

    @Test("a day whose cash is beyond 64 bits has books, and what is owed for it is exact")
    func books() {
        var books = ClearingBooks()
        var split = Split()
        split.total = .limit
        split.cash = .limit - Money(fen: 3)
        split.pooled = Money(fen: 1)
        split.account = Money(fen: 2)
        let count = 9_300
        for stan in 1...count {
            let key = Town.key(UInt32(stan))
            let row = DayRow(
                key: key, kind: .settle,
                institution: Town.make("id") { InstitutionID("H99010000001") },
                bookedDate: Town.today, settlement: SettlementID(key), sequence: UInt64(stan),
                time: 1, homeRegion: Town.region, institutionRegion: Town.region,
                insuranceType: .employee, amounts: split)
            books.take(row)
        }
        #expect(books.net.total == Money(fen: .max) && books.net.cash == Money(fen: .max))
        #expect(books.owed == Money(fen: Int64(3 * count)))
        let sum = books.net + books.net
        #expect(sum.count == UInt64(2 * count) && sum.insured == Money(fen: Int64(6 * count)))
    }

    @Test("a year whose bills are beyond 64 bits has a statement")
    func year() throws {
        let store = MemoryStore(businessDate: Town.today)
        var town = Town()
        // What no catalog knows is cash, whatever it costs.
        let unknown = Town.code("990000000000009")
        for _ in 0..<9_300 {
            let bill = Town.bill([Town.Item(code: unknown, fen: Money.limit.fen)])
            #expect(town.decide(.settle(bill), at: Town.hospital).code.isApproval)
        }
        try store.commit(town.rows.entries)
        let statement = try store.annualStatement(of: Town.person, year: 2026)
        let visits = try #require(statement.visits.first)
        #expect(visits.bills == 9_300)
        #expect(visits.split.total == Money(fen: .max) && visits.split.cash == visits.split.total)
    }

    @Test("a settlement holds the codes of a line of which any part may be paid, and of no other")
    func codes() {
        let code = Town.make("P1") { TraceCode("P1") }
        func part(_ reason: SortingReason) -> SortedLine {
            SortedLine(
                line: 0, quantity: .one, amount: Money(fen: 1), courseDays: 1, reason: reason)
        }
        let line = RemainingLine(
            position: 0,
            line: BillLine(
                code: Town.medicine, quantity: .one, unitPrice: UnitPrice(tenThousandths: 100),
                amount: Money(fen: 1), courseDays: nil, traceCodes: [code]))
        let cases: [([SortingReason], Set<TraceCode>)] = [
            ([.levelA], [code]), ([.levelA, .accountNotPermitted], [code]),
            ([.restrictedCourse], [code]), ([.accountNotPermitted], []),
        ]
        for (reasons, held) in cases {
            #expect(Ledger.codesHeld(by: [line], reasons.map(part)) == held, "\(reasons)")
        }
    }
}
