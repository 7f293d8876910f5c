import Ledger
import NIOCore
import SettlementClient
import SettlementDomain
import Testing

@testable import settle_replay

@Suite("A terminal's model of what it sold and undid")
struct LifeTests {
    /// Three units for 10.00 at 3.3333, and one for 1.00.
    private func sale() throws -> OwnSale {
        let sale = Sale(
            card: try Made.card(), pin: nil, visitType: .pharmacyPurchase,
            lines: [
                Made.line(.index(0), 3000, 33_333, 1000), Made.line(.index(1), 1000, 10_000, 100),
            ])
        return OwnSale(date: try Made.date(20_261_123), stan: 1, card: 0, bill: Bill(sale))
    }

    private func line(_ line: Int, _ thousandths: Int64?) -> RefundLine {
        RefundLine(
            line: line, quantity: thousandths.map { Quantity(thousandths: $0) }, traceCodes: [])
    }

    @Test("the refunds of a line sum to it, as the example of Undoing.md says")
    func amounts() throws {
        let sale = try sale()
        let date = sale.date
        for (stan, fen) in [(UInt32(2), Int64(333)), (3, 334), (4, 333)] {
            let back = [line(0, 1000)]
            #expect(sale.amount(of: back) == Money(fen: fen))
            sale.refund(back, total: nil, date, stan)
            #expect(sale.state == .partlyRefunded)
        }
        #expect(sale.amount(of: [line(1, nil)]) == Money(fen: 100))
        sale.refund([line(1, nil)], total: nil, date, 5)
        #expect(sale.state == .refunded)
        #expect(!sale.stands)
    }

    @Test("a void or refund that is taken back leaves what was there before, once")
    func takenBack() throws {
        let sale = try sale()
        let date = sale.date
        sale.refund([line(1, nil)], total: Money(fen: 100), date, 2)
        let left = sale.left
        sale.void(date, 3)
        #expect(sale.state == .voided)
        #expect(sale.canTakeBack)
        sale.takeBackLast()
        #expect(sale.state == .partlyRefunded)
        #expect(sale.left == left)
        // What happened last is the reversal now.
        #expect(!sale.canTakeBack)
    }

    @Test("what is wrong with an undoing must get its own refusal")
    func wrong() throws {
        let refund = OwnUndoing.Act.refund([line(0, nil)], total: nil)
        let cases: [(OwnUndoing.Act, Wrong, UInt8)] = [
            (.void, .amount, 64), (.reversal, .amount, 64), (refund, .amount, 13),
            (.void, .card, 77), (refund, .card, 77), (.void, .original, 25),
        ]
        for (act, wrong, code) in cases {
            let sale = try sale()
            let undoing = OwnUndoing(sale, act, wrong: wrong)
            #expect(undoing.verdict(code: code, reason: 1) == .nothing)
            #expect(undoing.verdict(code: 0, reason: 0) == .surprise(expected: "\(code)"))
            #expect(wrong != .amount || undoing.total != sale.bill.total)
        }
    }

    @Test("a void on a later date and a void that cannot be taken back change nothing")
    func rightlyRefused() throws {
        let sale = try sale()
        #expect(OwnUndoing(sale, .void).verdict(code: 12, reason: 508) == .nothing)
        #expect(
            OwnUndoing(sale, .void).verdict(code: 12, reason: 103) == .surprise(expected: "00, 0"))
        sale.void(sale.date, 2)
        let step = try #require(sale.steps.last)
        let back = OwnUndoing(sale, .takeBack(step))
        #expect(back.total == sale.bill.total)
        #expect(back.verdict(code: 51, reason: 400) == .nothing)
        #expect(back.verdict(code: 0, reason: 0) == .done)
        #expect(back.verdict(code: 0, reason: 502) == .surprise(expected: "00, 0"))
        #expect(OwnUndoing(sale, .reversalAgain).verdict(code: 0, reason: 502) == .nothing)
    }

    private func summary(_ code: UInt8, _ reason: UInt8) throws -> ResponseSummary {
        var bytes = [0x08, code]
        if reason > 0 { bytes += [0x10, reason & 0x7f | 0x80, reason >> 7] }
        return try #require(ResponseSummary(ByteBuffer(bytes: bytes)))
    }

    private func reason(_ code: UInt8, _ reason: Reason) throws -> ResponseSummary {
        let value = reason.rawValue
        return try #require(
            ResponseSummary(
                ByteBuffer(bytes: [0x08, code, 0x10, UInt8(value & 0x7f | 0x80), UInt8(value >> 7)])
            ))
    }

    private func race(_ form: Race.Form, _ kind: TransactionKind = .settle) throws -> Race {
        let flight = LoadConnection.Flight(
            item: WorkItem(kind: kind), date: try Made.date(20_261_123), stan: 1, terminalTime: 0,
            intended: 0, sent: 0)
        return Race(form, flight, fault: .late)
    }

    @Test("both answers of a race together say what came of it, whichever comes first")
    func races() throws {
        let cases: [(Race.Form, ResponseSummary, ResponseSummary?, Race.Outcome)] = [
            (.late, try reason(0, .originalNotSeen), try summary(21, 0), .undone(.noAction)),
            (
                .late, try reason(0, .originalNotSeen), try summary(10, 0),
                .surprise(expected: "21")
            ),
            (.overtaken, try summary(0, 0), try summary(0, 0), .undone(.reversed)),
            (
                .overtaken, try summary(0, 0), try summary(51, 0),
                .surprise(expected: "00 or 10")
            ),
            (
                .overtaken, try reason(0, .originalRefused), try summary(51, 0),
                .stands(.hadBeenRefused)
            ),
            (
                .overtaken, try reason(0, .originalRefused), try summary(0, 0),
                .surprise(expected: "a refusal")
            ),
            (.voidTooEarly, try summary(25, 0), try summary(10, 0), .stands(.voidTooEarly)),
            (
                .voidTooEarly, try summary(25, 0), try summary(21, 0),
                .surprise(expected: "any but 21")
            ),
            (.lost, try summary(0, 0), nil, .undone(.reversed)),
            (.lost, try reason(0, .originalNotSeen), nil, .undone(.neverArrived)),
            (.lost, try reason(0, .originalRefused), nil, .stands(.hadBeenRefused)),
            (.lost, try summary(51, 0), nil, .surprise(expected: "00")),
            (.lost, try summary(64, 0), nil, .surprise(expected: "00")),
            (.unseen, try reason(0, .originalNotSeen), nil, .undone(.neverArrived)),
        ]
        for (form, counter, original, outcome) in cases {
            for counterIsFirst in [true, false] {
                let race = try race(form)
                if counterIsFirst { race.take(counter: counter) }
                if let original { race.take(original: original) }
                if !counterIsFirst { race.take(counter: counter) }
                #expect(race.outcome == outcome)
            }
            let half = try race(form)
            if original != nil {
                half.take(counter: counter)
                #expect(half.outcome == .pending)
            }
        }
    }

    @Test("a lost void whose money was spent stays, and is no surprise")
    func lostVoid() throws {
        let race = try race(.lost, .void)
        race.take(counter: try summary(51, 0))
        #expect(race.outcome == .stands(.notTakenBack))
    }

    @Test("two sendings are one where one answer is the other's replay, byte for byte")
    func twins() throws {
        let first = ByteBuffer(bytes: [0x08, 0x0a, 0x20, 0x01])
        let replay = ByteBuffer(bytes: [0x08, 0x0a, 0x20, 0x01, 0x18, 0x01])
        let other = ByteBuffer(bytes: [0x08, 0x0a, 0x20, 0x02, 0x18, 0x01])
        func areOne(_ one: ByteBuffer, _ two: ByteBuffer) throws -> Bool {
            let twins = Twins()
            for body in [one, two] {
                let summary = try #require(ResponseSummary(body))
                twins.take(summary, body)
            }
            return twins.areOne
        }
        #expect(try areOne(first, replay))
        #expect(try areOne(replay, first))
        #expect(try areOne(replay, replay))
        #expect(try !areOne(first, first))
        #expect(try !areOne(first, other))
    }

    @Test("a sale under way is not chosen again, and what has ended only where it may be")
    func list() throws {
        var sales = SaleList()
        let one = try sale()
        sales.put(one)
        #expect(sales.takeUndone(0) == nil)
        #expect(sales.takeWhole(3, ofToday: true) === one)
        #expect(sales.takeStanding(0) == nil)
        one.isOfToday = false
        sales.put(one)
        #expect(sales.takeWhole(0, ofToday: true) == nil)
        let any = sales.takeWhole(0, ofToday: false)
        let taken = try #require(any)
        taken.void(taken.date, 2)
        sales.put(taken)
        #expect(sales.takeStanding(0) == nil)
        #expect(sales.takeReversed(0) == nil)
        #expect(sales.takeUndone(9) === one)
    }
}
