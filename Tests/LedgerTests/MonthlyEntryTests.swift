import Ledger
import SettlementDomain
import TestSupport
import Testing

@Suite("Monthly entries")
struct MonthlyEntryTests {
    @Test("a month without a change closes as it opened; the year's end goes over to January")
    func empty() {
        let question = MonthQuestion(from: Town.date(20_261_101), count: 3)
        let months = MonthlyEntry.months(
            of: question, opening: Money(fen: 500), moves: [AccountMove]())
        #expect(months.map(\.month.yyyymmdd) == [20_261_101, 20_261_201, 20_270_101])
        #expect(months.allSatisfy { $0.opening.fen == 500 && $0.closing.fen == 500 })
    }

    @Test("a stay's bill, a relative's bill and interest each go to their own part")
    func parts() {
        let day = Town.date(20_261_105)
        let moves = [
            (RequestKind.operatorApply, false, 10_000), (.discharge, true, -3_000),
            (.settle, false, -500), (.refund, true, 200), (.annualInterest, false, 15),
        ].enumerated().map { index, move in
            AccountMove(
                sequence: UInt64(index + 1), bookedDate: day, kind: move.0,
                isOwnSettlement: move.1, amount: Money(fen: move.2), balance: .zero)
        }
        let month = MonthlyEntry.months(
            of: MonthQuestion(from: Town.date(20_261_101), count: 1), opening: .zero, moves: moves
        ).first
        #expect(month?.credited == Money(fen: 10_000) && month?.interest == Money(fen: 15))
        #expect(month?.spent == Money(fen: 2_800) && month?.familyUse == Money(fen: 500))
        #expect(month?.closing == Money(fen: 6_715))
    }

    @Test(
        """
        over random changes each month's parts lead from its opening to its closing balance, and \
        each opening is the closing before
        """, arguments: [1, 2, 3])
    func addUp(_ seed: UInt64) {
        var random = SplitMix(seed: seed)
        var balance: Int64 = 1_000_000
        var day = Town.date(20_250_115)
        var moves: [AccountMove] = []
        let kinds: [RequestKind] = [.settle, .void, .refund, .reversal, .operatorApply]
        for sequence in 1...200 as ClosedRange<UInt64> {
            day = day.adding(days: Int(random.next() % 5))
            let amount = Int64(random.next() % 2_000) - 1_000
            balance += amount
            moves.append(
                AccountMove(
                    sequence: sequence, bookedDate: day, kind: kinds[Int(random.next() % 5)],
                    isOwnSettlement: random.next() % 2 == 0, amount: Money(fen: amount),
                    balance: Money(fen: balance)))
        }
        let question = MonthQuestion(from: Town.date(20_250_101), count: 36)
        let months = MonthlyEntry.months(of: question, opening: Money(fen: 1_000_000), moves: moves)
        for month in months {
            let sum =
                month.opening + month.credited + month.interest - month.spent - month.familyUse
            #expect(sum == month.closing)
        }
        for (before, after) in zip(months, months.dropFirst()) {
            #expect(after.opening == before.closing)
        }
        #expect(months.last?.closing == Money(fen: balance))
        #expect(months.reduce(0) { $0 + $1.moves } == moves.count)
    }
}
