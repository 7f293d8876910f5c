#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Waits longer after each failure: 50 ms, doubling, up to 2 s.
struct Backoff {
    private var millis: Int64 = 0
    private var due: Int64 = 0

    private static let first: Int64 = 50
    private static let longest: Int64 = 2_000

    /// Whether it is time to try again.
    var isDue: Bool { Monotonic.millis >= due }

    mutating func failed() {
        millis = millis == 0 ? Self.first : min(millis * 2, Self.longest)
        due = Monotonic.millis + millis
    }

    /// Sleeps until it is time.
    func wait() {
        let left = due - Monotonic.millis
        if left > 0 { usleep(UInt32(left) * 1000) }
    }
}

/// Has the server plan statements anew now and then: plans are made once, for tables as large as they
/// were then.
struct Planning {
    private var due = Monotonic.millis + first
    private var interval = first

    private static let first: Int64 = 500
    private static let longest: Int64 = 60_000

    /// Whether plans are to be forgotten now; if so, the next time is set.
    mutating func comesDue() -> Bool {
        guard Monotonic.millis >= due else { return false }
        interval = min(interval * 2, Self.longest)
        due = Monotonic.millis + interval
        return true
    }
}

/// The clock that only goes on.
enum Monotonic {
    static var millis: Int64 {
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        return Int64(now.tv_sec) * 1000 + Int64(now.tv_nsec) / 1_000_000
    }
}
