/// Days counted from 2026-12-26, as calendar days; written out, to be obvious.
enum ModelCalendar {
    /// The first day of a month of the years 2000 to 2099.
    static func firstDay(year: Int, month: Int) -> Int {
        var day = -zero
        for year in 2000..<year { day += isLeap(year) ? 366 : 365 }
        for month in 1..<month { day += days(of: month, in: year) }
        return day
    }

    /// Months counted from January of the year 0; the search begins where simulations are.
    static func month(of day: Int) -> Int {
        var month = 2026 * 12 + 11
        while firstDay(ofMonth: month + 1) <= day { month += 1 }
        while firstDay(ofMonth: month) > day { month -= 1 }
        return month
    }

    static func firstDay(ofMonth month: Int) -> Int {
        firstDay(year: month / 12, month: month % 12 + 1)
    }

    /// 2026-12-26, in days from 2000-01-01.
    private static let zero: Int = {
        var day = 25
        for year in 2000..<2026 { day += isLeap(year) ? 366 : 365 }
        for month in 1..<12 { day += days(of: month, in: 2026) }
        return day
    }()

    private static func isLeap(_ year: Int) -> Bool { year % 4 == 0 }

    private static func days(of month: Int, in year: Int) -> Int {
        switch month {
        case 4, 6, 9, 11: 30
        case 2: isLeap(year) ? 29 : 28
        default: 31
        }
    }
}
