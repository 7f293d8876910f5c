/// From when to when a certificate or a revocation list counts, both ends included.
public struct ValidityInterval: Sendable, Hashable {
    /// How far an interval of ``days(_:from:)`` reaches back, for clocks that are slow: 1 h.
    public static let skewSeconds: Int64 = 3_600

    /// `notBefore` of a certificate, `thisUpdate` of a list.
    public var start: UTCTime
    /// `notAfter` of a certificate, `nextUpdate` of a list.
    public var end: UTCTime

    /// Names both ends; issuing refuses an interval that ends before it starts.
    ///
    /// - Parameters:
    ///   - start: first second.
    ///   - end: last second.
    public init(start: UTCTime, end: UTCTime) {
        self.start = start
        self.end = end
    }

    /// So many days from a time on, beginning ``skewSeconds`` earlier.
    ///
    /// - Parameters:
    ///   - count: days of 86,400 s.
    ///   - now: where they are counted from.
    /// - Returns: the interval.
    public static func days(_ count: Int, from now: UTCTime = .now) -> ValidityInterval {
        ValidityInterval(
            start: UTCTime(epochSeconds: now.epochSeconds - skewSeconds),
            end: now.adding(days: count))
    }
}
