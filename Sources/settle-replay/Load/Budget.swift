import Synchronization

/// How much a run may send: so many requests, so long, whichever ends first.
final class Budget: Sendable {
    private let left: Atomic<Int>
    private let isCounted: Bool
    private let deadline: UInt64

    /// - Parameters:
    ///   - count: how many requests; nil: no limit.
    ///   - deadline: when the last may start, nanoseconds; nil: no limit.
    init(count: Int?, deadline: UInt64?) {
        left = Atomic(count ?? 0)
        isCounted = count != nil
        self.deadline = deadline ?? .max
    }

    /// Whether the time is over.
    func isOver(at now: UInt64) -> Bool { now >= deadline }

    /// Whether one more request may be sent; takes it.
    func takeOne() -> Bool {
        !isCounted || left.subtract(1, ordering: .relaxed).newValue >= 0
    }
}
