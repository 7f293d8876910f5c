#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A second of UTC, as the index and the command line write it: `2026-11-23T03:44:05Z`.
public struct UTCTime: Sendable, Hashable, Comparable {
    /// Seconds since 1970-01-01 00:00:00 UTC.
    public var epochSeconds: Int64

    /// Wraps a count of seconds.
    ///
    /// - Parameter epochSeconds: seconds since 1970-01-01 00:00:00 UTC.
    public init(epochSeconds: Int64) {
        self.epochSeconds = epochSeconds
    }

    /// The system clock's time.
    public static var now: UTCTime { UTCTime(epochSeconds: Int64(time(nil))) }

    /// This time and so many days of 86,400 s.
    ///
    /// - Parameter days: any sign.
    /// - Returns: the later, or earlier, time.
    public func adding(days: Int) -> UTCTime {
        UTCTime(epochSeconds: epochSeconds + Int64(days) * 86_400)
    }

    /// Whether one time is before another.
    ///
    /// - Parameters:
    ///   - left: one time.
    ///   - right: another.
    /// - Returns: whether `left` is earlier.
    public static func < (left: UTCTime, right: UTCTime) -> Bool {
        left.epochSeconds < right.epochSeconds
    }
}

extension UTCTime: CustomStringConvertible {
    /// ISO 8601 in UTC, to the second.
    public var description: String {
        var seconds = time_t(epochSeconds)
        var parts = tm()
        guard gmtime_r(&seconds, &parts) != nil else { return "\(epochSeconds)" }
        func padded(_ value: Int32, _ width: Int = 2) -> String {
            let digits = String(value)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        let date =
            "\(padded(1900 + parts.tm_year, 4))-\(padded(parts.tm_mon + 1))-"
            + padded(parts.tm_mday)
        return "\(date)T\(padded(parts.tm_hour)):\(padded(parts.tm_min)):\(padded(parts.tm_sec))Z"
    }
}

extension UTCTime: LosslessStringConvertible {
    /// Reads what ``description`` writes; `nil` for anything else.
    ///
    /// - Parameter text: such as `2026-11-23T03:44:05Z`.
    public init?(_ text: String) {
        let fields = text.split { !("0"..."9").contains($0) }.compactMap { Int32($0) }
        guard fields.count == 6, fields[0] >= 1970 else { return nil }
        var parts = tm()
        parts.tm_year = fields[0] - 1900
        parts.tm_mon = fields[1] - 1
        parts.tm_mday = fields[2]
        parts.tm_hour = fields[3]
        parts.tm_min = fields[4]
        parts.tm_sec = fields[5]
        self.init(epochSeconds: Int64(timegm(&parts)))
        // Whatever timegm had to normalise, or was punctuated otherwise, does not come back.
        guard description == text else { return nil }
    }
}
