/// When the next request of a lane is due: the rule that keeps a slow daemon from slowing the load.
///
/// In an open loop each request has an intended start that does not depend on any answer. What cannot
/// be sent then waits, and its latency counts from the intended start: no coordinated omission.
enum Schedule: Sendable {
    /// Closed loop: due as soon as there is a free place.
    case immediate
    case paced(PacedStarts)
    case recorded(RecordedStarts)

    /// The intended start of the next request where it is due, in nanoseconds; nil where it is not,
    /// or where there is none.
    mutating func take(at now: UInt64) -> UInt64? {
        switch self {
        case .immediate: return now
        case .paced(var starts):
            defer { self = .paced(starts) }
            return starts.take(at: now)
        case .recorded(var starts):
            self = .immediate
            defer { self = .recorded(starts) }
            return starts.take(at: now)
        }
    }

    /// When the next request is due; nil: at once, or never.
    var next: UInt64? {
        switch self {
        case .immediate: nil
        case .paced(let starts): starts.next
        case .recorded(let starts): starts.next
        }
    }
}

/// Starts at a fixed rate.
struct PacedStarts: Sendable {
    private let start: UInt64
    private let rate: Double
    private var index: UInt64 = 0

    /// - Parameters:
    ///   - start: of the first request, nanoseconds.
    ///   - rate: requests a second, above zero.
    init(start: UInt64, rate: Double) {
        self.start = start
        self.rate = rate
    }

    var next: UInt64 {
        // From the index, not from the start before: no error adds up.
        start + UInt64(Double(index) * 1_000_000_000 / rate)
    }

    mutating func take(at now: UInt64) -> UInt64? {
        let due = next
        guard due <= now else { return nil }
        index += 1
        return due
    }
}

/// Starts at recorded offsets.
struct RecordedStarts: Sendable {
    private let start: UInt64
    private let nanosecondsPerMicrosecond: Double
    private let offsets: [UInt64]
    private var position = 0

    /// - Parameters:
    ///   - start: of the replay, nanoseconds.
    ///   - speed: 2 replays twice as fast; above zero.
    ///   - offsets: microseconds, not decreasing.
    init(start: UInt64, speed: Double, offsets: [UInt64]) {
        self.start = start
        nanosecondsPerMicrosecond = 1000 / speed
        self.offsets = offsets
    }

    var next: UInt64? {
        guard position < offsets.count else { return nil }
        return start + UInt64(Double(offsets[position]) * nanosecondsPerMicrosecond)
    }

    mutating func take(at now: UInt64) -> UInt64? {
        guard let due = next, due <= now else { return nil }
        position += 1
        return due
    }
}
