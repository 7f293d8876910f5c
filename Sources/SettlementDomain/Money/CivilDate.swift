/// A day of the Gregorian calendar, without time zone; years 1...9999.
public struct CivilDate: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// The day as decimal YYYYMMDD: 20261123.
    public let yyyymmdd: Int32

    /// The first day that can be written.
    public static let first = CivilDate(unchecked: 1_01_01)

    /// The last day that can be written.
    public static let last = CivilDate(unchecked: 9999_12_31)

    /// Creates the day of decimal YYYYMMDD; nil where the calendar has no such day.
    public init?(yyyymmdd: Int32) {
        guard yyyymmdd > 0 else { return nil }
        let (rest, day) = yyyymmdd.quotientAndRemainder(dividingBy: 100)
        let (year, month) = rest.quotientAndRemainder(dividingBy: 100)
        guard (1...9999).contains(year), (1...12).contains(month), day >= 1,
            day <= Self.days(inMonth: month, of: year)
        else { return nil }
        self.yyyymmdd = yyyymmdd
    }

    /// Creates the day of its parts; nil where the calendar has no such day.
    public init?(year: Int, month: Int, day: Int) {
        guard (1...9999).contains(year), (1...12).contains(month), (1...31).contains(day) else {
            return nil
        }
        self.init(yyyymmdd: Int32(year * 10_000 + month * 100 + day))
    }

    /// Reads `2026-11-23` or `20261123`; nil for anything else.
    public init?(_ text: String) {
        let bytes = Array(text.utf8)
        var value: Int32 = 0
        for (position, byte) in bytes.enumerated() {
            if bytes.count == 10, position == 4 || position == 7 {
                guard byte == UInt8(ascii: "-") else { return nil }
                continue
            }
            guard bytes.count == 10 || bytes.count == 8, byte >= 0x30, byte <= 0x39 else {
                return nil
            }
            value = value * 10 + Int32(byte - 0x30)
        }
        self.init(yyyymmdd: value)
    }

    /// Creates the day so many days after 1970-01-01; nil outside the years 1...9999.
    public init?(daysSinceEpoch: Int) {
        guard (-719_162...2_932_896).contains(daysSinceEpoch) else { return nil }
        // Days are counted from 0000-03-01, so that a leap day is the last day of its year.
        let shifted = daysSinceEpoch + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted % 146_097
        let yearOfEra =
            (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        yyyymmdd = Int32(year * 10_000 + month * 100 + day)
    }

    private init(unchecked: Int32) {
        yyyymmdd = unchecked
    }

    /// The year, 1...9999.
    public var year: Int { Int(yyyymmdd / 10_000) }

    /// The month, 1...12.
    public var month: Int { Int(yyyymmdd / 100 % 100) }

    /// The day of the month, 1...31.
    public var day: Int { Int(yyyymmdd % 100) }

    /// Days after 1970-01-01; negative before it.
    public var daysSinceEpoch: Int {
        let shiftedYear = month <= 2 ? year - 1 : year
        let era = shiftedYear / 400
        let yearOfEra = shiftedYear % 400
        let shiftedMonth = month > 2 ? month - 3 : month + 9
        let dayOfYear = (153 * shiftedMonth + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    /// The day so many days later, or earlier for a negative count; `first` or `last` where the
    /// calendar ends before.
    public func adding(days: Int) -> CivilDate {
        let (sum, overflow) = daysSinceEpoch.addingReportingOverflow(days)
        guard !overflow, let date = CivilDate(daysSinceEpoch: sum) else {
            return days < 0 ? .first : .last
        }
        return date
    }

    /// The first day of this day's month.
    public var startOfMonth: CivilDate {
        CivilDate(year: year, month: month, day: 1) ?? .first
    }

    /// The first day of the next month; `last` where the calendar ends before.
    public var startOfNextMonth: CivilDate {
        CivilDate(year: month == 12 ? year + 1 : year, month: month % 12 + 1, day: 1) ?? .last
    }

    /// Days from this day to the other; negative where the other is earlier.
    public func days(to other: CivilDate) -> Int {
        other.daysSinceEpoch - daysSinceEpoch
    }

    /// Completed years from this day, a birth date, to the other; negative before it.
    ///
    /// Who is born on 29 February completes a year on 1 March of a common year.
    public func years(to other: CivilDate) -> Int {
        let difference = other.yyyymmdd - yyyymmdd
        return Int(difference >= 0 ? difference / 10_000 : (difference - 9999) / 10_000)
    }

    /// Completed months from this day to the other; negative where the other is earlier.
    public func months(to other: CivilDate) -> Int {
        let months = (other.year - year) * 12 + other.month - month
        return other.day < day ? months - 1 : months
    }

    /// Whether the left day is the earlier.
    public static func < (left: CivilDate, right: CivilDate) -> Bool {
        left.yyyymmdd < right.yyyymmdd
    }

    /// `2026-11-23`.
    public var description: String {
        let digits = String(yyyymmdd)
        let text = String(repeating: "0", count: max(0, 8 - digits.utf8.count)) + digits
        return text.prefix(4) + "-" + text.dropFirst(4).prefix(2) + "-" + text.suffix(2)
    }

    private static func days(inMonth month: Int32, of year: Int32) -> Int32 {
        switch month {
        case 4, 6, 9, 11: 30
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        default: 31
        }
    }
}
