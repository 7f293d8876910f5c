import SettlementDomain
import Testing

@Suite("Contributions: what is paid and where it goes")
struct ContributionTests {
    static func terms(
        arrears: ArrearsRule? = nil, interest: Int64 = 150, ahead: Int = 0
    ) -> ContributionTerms {
        ContributionTerms(
            rates: [
                ContributionRate(
                    category: .active, employer: Fixtures.ratio(980),
                    individual: Fixtures.ratio(200)),
                ContributionRate(
                    category: .flexibleEmployment, employer: .zero,
                    individual: Fixtures.ratio(1180)),
            ],
            payableAheadMonths: ahead, baseFloor: Money(fen: 600_000),
            baseCeiling: Money(fen: 3_300_000),
            credits: [
                CreditBand(category: .active, ageFrom: 0, ofBase: Fixtures.ratio(200)),
                CreditBand(category: .active, ageFrom: 45, ofBase: Fixtures.ratio(250)),
            ],
            retirees: [
                RetireeBand(ageFrom: 0, monthly: Money(fen: 10_000)),
                RetireeBand(ageFrom: 70, monthly: Money(fen: 11_000)),
            ],
            residents: [ResidentAmount(category: .minor, yearly: Money(fen: 38_000))],
            interest: Fixtures.ratio(interest), arrears: arrears)
    }

    private func amounts(
        _ category: PersonCategory, born: Int32 = 1981_11_02, account: Bool = true,
        _ period: String = "2026-11", base: Int64
    ) throws -> Result<ContributionAmounts, ContributionRefusal> {
        Self.terms().amounts(
            for: category, born: Fixtures.date(born), hasAccount: account,
            period: try #require(ContributionPeriod(period)), base: Money(fen: base))
    }

    private func money(
        _ employer: Int64, _ individual: Int64, _ credited: Int64
    ) -> ContributionAmounts {
        ContributionAmounts(
            employer: Money(fen: employer), individual: Money(fen: individual),
            credited: Money(fen: credited))
    }

    @Test("an employee's parts are shares of the base, each rounded half away to the fen")
    func golden() throws {
        // 6543.25 x 9.8 % = 641.2385; x 2 % = 130.865, a half: 130.87.
        let made = try amounts(.active, base: 654_325).get()
        #expect(made == money(64_124, 13_087, 13_087))
        #expect(made.pooled.fen == 64_124)
        #expect(try amounts(.flexibleEmployment, base: 600_000).get() == money(0, 70_800, 0))
    }

    @Test("the band of the age on the period's first day decides what is credited")
    func bands() throws {
        #expect(try amounts(.active, base: 600_000).get().credited.fen == 12_000)
        #expect(try amounts(.active, born: 1981_11_01, base: 600_000).get().credited.fen == 15_000)
        #expect(try amounts(.active, account: false, base: 600_000).get().credited == .zero)
    }

    @Test("a base outside floor and ceiling is refused with both, the limits themselves are good")
    func base() throws {
        let refused = ContributionRefusal.baseOutOfRange(
            floor: Money(fen: 600_000), ceiling: Money(fen: 3_300_000))
        for base: Int64 in [599_999, 3_300_001, -600_000, 0, .max] {
            #expect(try amounts(.active, base: base) == .failure(refused))
        }
        for base: Int64 in [600_000, 3_300_000] {
            #expect(throws: Never.self) { try amounts(.active, base: base).get() }
        }
    }

    @Test("a resident pays a fixed amount for a year, all to the pool; the retired pay nothing")
    func others() throws {
        #expect(try amounts(.minor, "2026", base: 0).get() == money(0, 38_000, 0))
        #expect(try amounts(.minor, "2026-11", base: 0) == .failure(.periodOfOtherLength))
        #expect(try amounts(.active, "2026", base: 600_000) == .failure(.periodOfOtherLength))
        #expect(try amounts(.retired, base: 600_000) == .failure(.categoryPaysNothing))
    }

    @Test("a retired person's monthly credit changes with the month after the birthday")
    func retirees() throws {
        let born = Fixtures.date(1956_11_02)
        for (month, fen) in [("2026-11", 10_000), ("2026-12", 11_000)] as [(String, Int64)] {
            let month = try #require(ContributionPeriod(month))
            #expect(Self.terms().retireeCredit(born: born, month: month).fen == fen)
        }
    }

    @Test("every period is read as it is printed, and nothing else is a period")
    func periods() throws {
        for year in 2000...2099 {
            for month in 0...12 {
                let period = try #require(ContributionPeriod(yyyymm: UInt32(year * 100 + month)))
                #expect(ContributionPeriod(period.description) == period)
            }
        }
        for text in ["", "2026-13", "2026-00", "1999-12", "2100-01", "2026-1", "202611", "-2026"] {
            #expect(ContributionPeriod(text) == nil, "\(text)")
        }
    }

    @Test("three ended months without payment are arrears, the running month never is")
    func arrears() throws {
        let rule = ArrearsRule(
            suspendedAfterMonths: 3, countedFrom: Fixtures.date(2026_06_01),
            restored: .nextMonth)
        let terms = Self.terms(arrears: rule)
        let paid = try #require(ContributionPeriod("2026-08"))
        let day = Fixtures.date(2026_11_30)
        #expect(terms.unpaidMonths(of: .active, paidThrough: paid, on: day) == 2)
        #expect(!terms.isInArrears(.active, paidThrough: paid, on: day))
        #expect(terms.isInArrears(.active, paidThrough: paid, on: Fixtures.date(2026_12_01)))
        #expect(terms.unpaidMonths(of: .active, paidThrough: nil, on: day) == 5)
        #expect(terms.unpaidMonths(of: .retired, paidThrough: nil, on: day) == 0)
        let year = try #require(ContributionPeriod("2026"))
        #expect(terms.unpaidMonths(of: .minor, paidThrough: year, on: day) == 0)
        #expect(terms.coveredFrom(paidOn: day).yyyymmdd == 2026_12_01)
    }

    @Test("a period may begin as many months ahead as the policy says, no more")
    func ahead() throws {
        let today = Fixtures.date(2026_09_30)
        for (period, ahead, isPayable) in [
            ("2026-09", 0, true), ("2026-10", 0, false), ("2027", 4, true), ("2027", 3, false),
            ("2000-01", 0, true),
        ] {
            let period = try #require(ContributionPeriod(period))
            #expect(Self.terms(ahead: ahead).isPayable(period, on: today) == isPayable)
        }
    }

    @Test("interest is on every day's balance, rounded once: a leap year divides by 366")
    func interest() {
        // 1000.00 all year at 1.5 % is 15.00, whatever the year's length.
        for year in [2025, 2028] {
            let whole = DailyBalances(year: year, opening: Money(fen: 100_000))
            #expect(whole.interest(Fixtures.ratio(150)).fen == 1_500)
        }
        // 0 until 1 July 2025, then 1000.00 for 184 days: 100000 x 184 x 0.015 / 365 = 756.16.
        var half = DailyBalances(year: 2025, opening: .zero)
        half.change(to: Money(fen: 100_000), on: Fixtures.date(2025_07_01))
        #expect(half.interest(Fixtures.ratio(150)).fen == 756)
        // In and out on one day earns nothing.
        var brief = DailyBalances(year: 2025, opening: .zero)
        brief.change(to: .limit, on: Fixtures.date(2025_07_01))
        brief.change(to: .zero, on: Fixtures.date(2025_07_01))
        #expect(brief.interest(Fixtures.ratio(10_000)) == .zero)
        // The largest balance at 100 % does not overflow.
        let most = DailyBalances(year: 2025, opening: .limit)
        #expect(most.interest(Fixtures.ratio(10_000)) == .limit)
    }
}
