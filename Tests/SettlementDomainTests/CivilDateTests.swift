import SettlementDomain
import Testing

@Suite("Calendar days")
struct CivilDateTests {
    @Test("every day from 1900 to 2100 counts one on and reads back")
    func everyDay() throws {
        var date = Fixtures.date(1900_01_01)
        #expect(date.daysSinceEpoch == -25_567)
        while date.year < 2101 {
            let next = date.adding(days: 1)
            guard next > date, next.daysSinceEpoch == date.daysSinceEpoch + 1,
                CivilDate(yyyymmdd: next.yyyymmdd) == next
            else {
                Issue.record("after \(date)")
                return
            }
            date = next
        }
        #expect(Fixtures.date(1970_01_01).daysSinceEpoch == 0)
        #expect(Fixtures.date(2026_11_23).daysSinceEpoch == 20_780)
    }

    @Test(
        "a day that the calendar has not is refused",
        arguments: [
            0, -1, 2200_02_29, 2026_00_10, 2026_13_01, 2026_11_31, 2026_02_29, 2100_02_29,
            2026_01_00,
            2026_01_32, 1_01, Int32.max, Int32.min,
        ] as [Int32])
    func refused(_ yyyymmdd: Int32) {
        #expect(CivilDate(yyyymmdd: yyyymmdd) == nil)
    }

    @Test("leap days are those of the Gregorian calendar")
    func leapDays() {
        #expect(CivilDate(yyyymmdd: 2000_02_29) != nil)
        #expect(CivilDate(yyyymmdd: 2028_02_29) != nil)
        #expect(CivilDate(year: 1900, month: 2, day: 29) == nil)
    }

    @Test(
        "a day's text has two forms",
        arguments: [
            ("2026-11-23", 2026_11_23), ("20261123", 2026_11_23), ("2026-1-23", nil),
            ("2026/11/23", nil), ("2026-11-2x", nil), ("", nil), ("２０２６1123", nil),
        ] as [(String, Int32?)])
    func text(_ text: String, _ expected: Int32?) {
        #expect(CivilDate(text)?.yyyymmdd == expected)
    }

    @Test("a day writes itself with dashes")
    func description() {
        #expect(Fixtures.day.description == "2026-11-23")
        #expect(CivilDate.first.description == "0001-01-01")
        #expect(CivilDate.last.description == "9999-12-31")
    }

    @Test("days beyond the calendar's ends stop there")
    func ends() {
        #expect(CivilDate.last.adding(days: 1) == .last)
        #expect(CivilDate.first.adding(days: -1) == .first)
        #expect(CivilDate.first.adding(days: .max) == .last)
        #expect(CivilDate(daysSinceEpoch: .max) == nil)
        #expect(CivilDate(daysSinceEpoch: CivilDate.first.daysSinceEpoch) == .first)
        #expect(CivilDate(daysSinceEpoch: CivilDate.last.daysSinceEpoch) == .last)
    }

    @Test(
        "years and months are counted when they are complete",
        arguments: [
            (2000_05_12, 2026_05_11, 25, 311), (2000_05_12, 2026_05_12, 26, 312),
            (2024_02_29, 2025_02_28, 0, 11), (2024_02_29, 2025_03_01, 1, 12),
            (2026_11_23, 2026_11_23, 0, 0), (2026_11_23, 2026_11_22, -1, -1),
        ] as [(Int32, Int32, Int, Int)])
    func ages(_ from: Int32, _ to: Int32, _ years: Int, _ months: Int) {
        #expect(Fixtures.date(from).years(to: Fixtures.date(to)) == years)
        #expect(Fixtures.date(from).months(to: Fixtures.date(to)) == months)
    }
}
