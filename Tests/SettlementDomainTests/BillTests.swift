import SettlementDomain
import Testing

@Suite("A valid bill")
struct BillTests {
    private func line(_ thousandths: Int64, _ price: Int64, _ fen: Int64) throws -> BillLine {
        BillLine(
            code: try Fixtures.code("X1"), quantity: Quantity(thousandths: thousandths),
            unitPrice: UnitPrice(tenThousandths: price), amount: Money(fen: fen))
    }

    @Test(
        "one fen beside the rounded product is valid, two are not",
        arguments: [
            (998, false), (999, true), (1000, true), (1001, true), (1002, false),
        ] as [(Int64, Bool)])
    func tolerance(_ fen: Int64, _ valid: Bool) throws {
        let line = try line(3000, 33_333, fen)
        let expected = InvalidAmount.line(0, .amountDiffers(expected: Money(fen: 1000)))
        let problem = Bill.problem(of: [line], total: Money(fen: fen))
        #expect(problem == (valid ? nil : expected))
    }

    @Test(
        "a line out of range is named",
        arguments: [
            (0, 100, 1, .quantityOutOfRange), (-1, 100, 1, .quantityOutOfRange),
            (1_000_000_000_001, 0, 1, .quantityOutOfRange), (1000, -1, 1, .unitPriceOutOfRange),
            (1000, 0, 0, .amountOutOfRange), (1000, 100, -1, .amountOutOfRange),
            (1000, 100, 1_000_000_000_000_001, .amountOutOfRange),
            (1_000_000_000_000, .max, 1, .overflow),
        ] as [(Int64, Int64, Int64, InvalidAmount.Problem)])
    func ranges(_ quantity: Int64, _ price: Int64, _ fen: Int64, _ problem: InvalidAmount.Problem)
        throws
    {
        let lines = [try line(1000, 100, 1), try line(quantity, price, fen)]
        #expect(Bill.problem(of: lines, total: .zero) == .line(1, problem))
    }

    @Test("30: the total equals the sum of the lines, or the bill is refused")
    func total() throws {
        let lines = [try line(1000, 100, 1), try line(1000, 200, 2)]
        #expect(Bill.problem(of: lines, total: Money(fen: 3)) == nil)
        #expect(
            Bill.problem(of: lines, total: Money(fen: 4)) == .totalDiffers(sum: Money(fen: 3)))
        #expect(Bill.problem(of: [], total: .zero) == nil)
    }

    @Test("a sum beyond the limit is refused, never a trap")
    func limit() throws {
        let limit = Money.limit.fen
        let line = try line(1000, limit * 100, limit)
        #expect(Bill.problem(of: [line], total: .limit) == nil)
        #expect(Bill.problem(of: [line, line], total: .limit) == .totalOutOfRange)
        let sorted = SortedLine(line: 0, amount: .limit, reason: .levelA)
        let split = { (lines: [SortedLine]) in
            Splitter.split(
                lines, visit: try Fixtures.visit(), policy: try Fixtures.policy(),
                used: Accumulators(), account: AccountFunds(balance: .limit))
        }
        #expect(try split([sorted])?.brokenIdentity() == nil)
        #expect(try split([sorted, sorted]) == nil)
        let negative = SortedLine(line: 0, amount: Money(fen: -1), reason: .levelA)
        #expect(try split([negative]) == nil)
        let beyond = SortedLine(line: 0, amount: Money(fen: .max), reason: .levelA)
        #expect(try split([beyond]) == nil)
    }

    @Test("a ceiling whose product does not fit limits nothing")
    func hugeCeiling() throws {
        let line = SortedLine(
            line: 0, quantity: .limit, amount: Money(fen: 100), reason: .levelA,
            priceCeiling: UnitPrice(tenThousandths: .max))
        let split = try #require(
            Splitter.split(
                [line], visit: Fixtures.visit(), policy: Fixtures.policy(), used: Accumulators(),
                account: AccountFunds(balance: .zero)))
        #expect(split.overLimit == .zero)
        #expect(split.brokenIdentity() == nil)
    }
}
