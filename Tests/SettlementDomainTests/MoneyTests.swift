import SettlementDomain
import Testing

@Suite("Money, quantity, price, ratio")
struct MoneyTests {
    @Test(
        "yuan are read exactly, and nothing else is",
        arguments: [
            ("0", 0), ("12", 1200), ("12.3", 1230), ("12.34", 1234), ("-12.34", -1234),
            ("0.01", 1), ("-0.01", -1), ("10000000000000.00", 1_000_000_000_000_000),
            ("10000000000000.01", nil), ("12.345", nil), ("", nil), (".5", nil), ("5.", nil),
            ("+5", nil), ("1e3", nil), ("1,000", nil), (" 1", nil), ("--1", nil), ("１", nil),
            ("99999999999999999999", nil), ("1.2.3", nil),
        ] as [(String, Int64?)])
    func readsYuan(_ text: String, _ fen: Int64?) {
        #expect(Money(yuan: text)?.fen == fen)
    }

    @Test(
        "an amount's text has two decimals and reads back",
        arguments: [0, 1, 9, 10, 99, 100, 123_456])
    func writesYuan(_ fen: Int64) {
        #expect(Money(yuan: Money(fen: fen).description) == Money(fen: fen))
        #expect(Money(yuan: Money(fen: -fen).description) == Money(fen: -fen))
    }

    @Test("the text of an amount, a price, a quantity, a ratio")
    func texts() throws {
        #expect(Money(fen: 123_456).description == "1234.56")
        #expect(Money(fen: -5).description == "-0.05")
        #expect(UnitPrice(tenThousandths: 258_000).description == "25.8000")
        #expect(Quantity(thousandths: 1500).description == "1.5")
        #expect(Quantity(thousandths: 2000).description == "2")
        #expect(Ratio(tenThousandths: 7050)?.description == "70.5 %")
        #expect(Ratio(percent: "70.5")?.tenThousandths == 7050)
        #expect(UnitPrice(yuan: "0.0125")?.tenThousandths == 125)
        #expect(Quantity(units: "0.125")?.thousandths == 125)
    }

    @Test("a sum that does not fit is nil")
    func checkedSum() {
        #expect(Money(fen: .max).checkedAdding(Money(fen: 1)) == nil)
        #expect(Money(fen: .min).checkedAdding(Money(fen: -1)) == nil)
        #expect(Money(fen: 1).checkedAdding(Money(fen: 2)) == Money(fen: 3))
    }

    @Test("a ratio lies between nothing and the whole")
    func ratioRange() {
        #expect(Ratio(tenThousandths: -1) == nil)
        #expect(Ratio(tenThousandths: 10_001) == nil)
        #expect(Ratio(tenThousandths: 10_000) == .one)
        #expect(Ratio(percent: "100.01") == nil)
    }

    @Test("a share is rounded half away from zero, for every small amount and every ratio")
    func shares() throws {
        for tenThousandths in stride(from: Int64(0), through: 10_000, by: 25) {
            let ratio = try #require(Ratio(tenThousandths: tenThousandths))
            for fen in Int64(0)...40 {
                let expected = (fen * tenThousandths * 2 + 10_000) / 20_000
                #expect(Money(fen: fen).share(ratio).fen == expected)
                #expect(Money(fen: -fen).share(ratio).fen == -expected)
            }
        }
    }

    @Test("a share of the largest amounts does not overflow")
    func largeShares() throws {
        let half = try #require(Ratio(tenThousandths: 5000))
        #expect(Money(fen: .max).share(half).fen == Int64.max / 2 + 1)
        #expect(Money(fen: .min).share(half).fen == Int64.min / 2)
        #expect(Money(fen: .max).share(.one).fen == .max)
    }

    @Test("quantity times price is rounded half away from zero, for every small product")
    func products() {
        for thousandths in Int64(1)...60 {
            for price in stride(from: Int64(0), through: 60_000, by: 501) {
                let exact = thousandths * price
                let expected = (exact * 2 + 100_000) / 200_000
                let amount = UnitPrice(tenThousandths: price).amount(
                    for: Quantity(thousandths: thousandths))
                #expect(amount?.fen == expected)
            }
        }
        let half = UnitPrice(tenThousandths: 50).amount(for: .one)
        #expect(half?.fen == 1)
        let below = UnitPrice(tenThousandths: 49).amount(for: .one)
        #expect(below?.fen == 0)
    }

    @Test("a product that does not fit is nil, one that just fits is exact")
    func productOverflow() {
        let price = UnitPrice(tenThousandths: .max)
        #expect(price.amount(for: Quantity(thousandths: .max)) == nil)
        #expect(price.amount(for: Quantity(thousandths: 100_001)) == nil)
        #expect(price.amount(for: Quantity(thousandths: 100_000))?.fen == .max)
        #expect(UnitPrice(tenThousandths: -1).amount(for: .one) == nil)
    }

    @Test("the whole of a part is rounded up, and a part of nothing has none")
    func wholes() throws {
        let seventy = try #require(Ratio(tenThousandths: 7000))
        #expect(Money(fen: 21_140).wholeOf(seventy)?.fen == 30_200)
        #expect(Money(fen: 1).wholeOf(seventy)?.fen == 2)
        #expect(Money(fen: 0).wholeOf(seventy)?.fen == 0)
        #expect(Money(fen: 1).wholeOf(.zero) == nil)
        #expect(Money(fen: .max).wholeOf(seventy) == nil)
        for tenThousandths in stride(from: Int64(1), through: 10_000, by: 13) {
            let ratio = try #require(Ratio(tenThousandths: tenThousandths))
            for fen in Int64(0)...30 {
                let whole = try #require(Money(fen: fen).wholeOf(ratio)).fen
                #expect(whole * tenThousandths >= fen * 10_000)
                #expect((whole - 1) * tenThousandths < fen * 10_000)
            }
        }
    }

    @Test(
        "what is left of a limit is never negative and never above it",
        arguments: [
            (100, 30, 70), (100, 100, 0), (100, 130, 0), (100, -5, 100), (0, 0, 0), (-5, 0, 0),
            (.max, .min, .max), (.min, .max, 0),
        ] as [(Int64, Int64, Int64)])
    func remaining(_ limit: Int64, _ used: Int64, _ left: Int64) {
        #expect(Money(fen: limit).remaining(after: Money(fen: used)).fen == left)
    }
}
