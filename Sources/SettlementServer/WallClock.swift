#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The one source of the time of day.
///
/// Deadlines are measured on the event loops' own clock.
public protocol WallClock: Sendable {
    /// Milliseconds since 1970-01-01T00:00:00Z; any thread.
    var milliseconds: Int64 { get }
}

/// The machine's clock, `clock_gettime(CLOCK_REALTIME)`.
public struct SystemClock: WallClock {
    /// Creates the clock.
    public init() {}

    /// Milliseconds since 1970-01-01T00:00:00Z.
    public var milliseconds: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
    }
}
