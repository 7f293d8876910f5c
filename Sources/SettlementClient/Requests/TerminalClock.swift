import Foundation

/// Where a terminal's time comes from; tests give their own.
public struct TerminalClock: Sendable {
    /// Seconds since 1970 UTC.
    public var seconds: @Sendable () -> Int64

    /// The clock of this machine.
    public static let system = TerminalClock {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        return Int64(now.tv_sec)
    }

    /// Creates a clock of a function.
    public init(seconds: @escaping @Sendable () -> Int64) {
        self.seconds = seconds
    }
}
