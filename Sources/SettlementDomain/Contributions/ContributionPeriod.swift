/// What a contribution is for: a month, or a whole year of a resident.
///
/// As a number `yyyymm`, the month 1...12, or 0 for the whole year; years 2000...2099.
public struct ContributionPeriod: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// `202611`; `202600` is the year 2026.
    public let yyyymm: UInt32

    /// Creates a period of its number; nil for a month above 12 or a year outside 2000...2099.
    public init?(yyyymm: UInt32) {
        guard (2000...2099).contains(yyyymm / 100), yyyymm % 100 <= 12 else { return nil }
        self.yyyymm = yyyymm
    }

    /// Reads `2026-11` or, for a year, `2026`; nil for anything else.
    public init?(_ text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard let first = parts.first, first.utf8.count == 4, let year = UInt32(first) else {
            return nil
        }
        switch parts.count {
        case 1: self.init(yyyymm: year * 100)
        case 2:
            guard parts[1].utf8.count == 2, let month = UInt32(parts[1]), month > 0 else {
                return nil
            }
            self.init(yyyymm: year * 100 + month)
        default: return nil
        }
    }

    /// The month that a day lies in; nil outside the years 2000...2099.
    public init?(monthOf day: CivilDate) {
        self.init(yyyymm: UInt32(day.yyyymmdd / 100))
    }

    /// The calendar year.
    public var year: Int { Int(yyyymm / 100) }

    /// 1...12; 0 for a whole year.
    public var month: Int { Int(yyyymm % 100) }

    /// Whether it is a resident's whole year.
    public var isYear: Bool { month == 0 }

    /// Its first day.
    public var firstDay: CivilDate {
        CivilDate(year: year, month: max(1, month), day: 1) ?? .first
    }

    /// The first day of its last month.
    public var lastMonth: CivilDate {
        CivilDate(year: year, month: isYear ? 12 : month, day: 1) ?? .first
    }

    /// Whether the left period has the smaller number.
    public static func < (left: ContributionPeriod, right: ContributionPeriod) -> Bool {
        left.yyyymm < right.yyyymm
    }

    /// `2026-11`; a whole year is `2026`.
    public var description: String {
        isYear ? "\(year)" : "\(year)-\(month < 10 ? "0" : "")\(month)"
    }
}
