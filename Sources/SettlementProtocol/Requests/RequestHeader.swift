import SettlementDomain

/// What every request begins with.
public struct RequestHeader: Sendable, Hashable {
    /// The business date known to the terminal, nil where it is not known; part of the key only.
    public var businessDate: CivilDate?
    /// System trace audit number, 1...999999 where the answer is recorded.
    public var stan: UInt32
    /// The terminal's clock, seconds since 1970 UTC.
    public var terminalTime: Int64

    /// Creates a header of its parts.
    public init(businessDate: CivilDate?, stan: UInt32, terminalTime: Int64) {
        self.businessDate = businessDate
        self.stan = stan
        self.terminalTime = terminalTime
    }

    /// Terminal clock less a daemon's of milliseconds since 1970, in seconds; 0 where the terminal tells none.
    public func clockDifference(fromMillis millis: Int64) -> Int64 {
        guard terminalTime != 0 else { return 0 }
        let (difference, overflows) = terminalTime.subtractingReportingOverflow(millis / 1_000)
        return overflows ? (terminalTime < 0 ? .min : .max) : difference
    }
}
