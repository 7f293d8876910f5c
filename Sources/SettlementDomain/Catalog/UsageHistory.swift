/// What a person was given of one item as `catalog` on one day.
public struct UsageRecord: Sendable, Hashable {
    /// The service date.
    public var date: CivilDate
    /// How much that day, refunds taken off.
    public var quantity: Quantity
    /// Course days given that day, refunds taken off.
    public var days: Int64

    /// Creates a record of a day.
    public init(date: CivilDate, quantity: Quantity, days: Int64) {
        self.date = date
        self.quantity = quantity
        self.days = days
    }
}

/// What a person was given of one item as `catalog`, a record a day, newest last.
public struct UsageHistory: Sendable, Hashable {
    /// One record a day, in order of days.
    public private(set) var records: [UsageRecord]

    /// Records older than this do not matter to any restriction.
    public static let longestWindowDays = 366

    /// Creates a history without records.
    public init() {
        records = []
    }

    /// Creates a history of records in any order; those of one day are added up.
    public init(_ records: [UsageRecord]) {
        self.records = []
        for record in records { add(record) }
    }

    /// Adds what a settlement gave, or, with negative values, takes off what a refund gave back.
    ///
    /// A day on which nothing is left is forgotten; nothing goes below zero.
    public mutating func add(_ record: UsageRecord) {
        var position = records.endIndex
        while position > 0, records[position - 1].date >= record.date { position -= 1 }
        if position < records.endIndex, records[position].date == record.date {
            let old = records[position]
            let quantity = Self.sum(old.quantity.thousandths, record.quantity.thousandths)
            let days = Self.sum(old.days, record.days)
            if quantity == 0, days == 0 {
                records.remove(at: position)
            } else {
                records[position].quantity = Quantity(thousandths: quantity)
                records[position].days = days
            }
        } else if record.quantity > .zero || record.days > 0 {
            let kept = UsageRecord(
                date: record.date, quantity: max(.zero, record.quantity), days: max(0, record.days))
            records.insert(kept, at: position)
        }
    }

    /// The history with one record more.
    func adding(_ record: UsageRecord) -> UsageHistory {
        var result = self
        result.add(record)
        return result
    }

    /// Forgets what is older than `longestWindowDays` on that day.
    public mutating func prune(on day: CivilDate) {
        let oldest = day.adding(days: 1 - Self.longestWindowDays)
        guard let first = records.first, first.date < oldest else { return }
        records.removeAll { $0.date < oldest }
    }

    /// The use in the fullest run of `days` days that contains this day.
    func fullest(_ days: Int, around day: CivilDate, _ value: (UsageRecord) -> Int64) -> Int64 {
        guard !records.isEmpty else { return 0 }
        let today = day.daysSinceEpoch
        var fullest = Self.sum(of: records, through: today, days: days, value)
        // A back-dated service may share a run with later days: each of them may end the run.
        for record in records.reversed() {
            guard record.date > day else { break }
            let end = record.date.daysSinceEpoch
            guard end - today < days else { continue }
            fullest = max(fullest, Self.sum(of: records, through: end, days: days, value))
        }
        return fullest
    }

    private static func sum(
        of records: [UsageRecord], through end: Int, days: Int, _ value: (UsageRecord) -> Int64
    ) -> Int64 {
        var result: Int64 = 0
        for record in records.reversed() {
            let age = end - record.date.daysSinceEpoch
            guard age >= 0 else { continue }
            guard age < days else { break }
            result = sum(result, value(record))
        }
        return result
    }

    /// A sum held between zero and the largest value.
    private static func sum(_ left: Int64, _ right: Int64) -> Int64 {
        let (sum, overflow) = left.addingReportingOverflow(right)
        return overflow ? Int64.max : max(0, sum)
    }
}
