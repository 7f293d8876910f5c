import Metrics
import Synchronization

/// A count that only grows.
final class StoredCounter: CounterHandler {
    private let count = Atomic<Int64>(0)

    /// The count.
    var value: Double { Double(count.load(ordering: .relaxed)) }

    func increment(by amount: Int64) {
        count.wrappingAdd(amount, ordering: .relaxed)
    }

    func reset() {
        count.store(0, ordering: .relaxed)
    }
}

/// A value that goes up and down.
final class StoredGauge: MeterHandler, RecorderHandler {
    private let current = Mutex(0.0)

    /// The value.
    var value: Double { current.withLock { $0 } }

    func set(_ value: Int64) { set(Double(value)) }
    func set(_ value: Double) { current.withLock { $0 = value } }
    func increment(by amount: Double) { current.withLock { $0 += amount } }
    func decrement(by amount: Double) { current.withLock { $0 -= amount } }
    func record(_ value: Int64) { set(Double(value)) }
    func record(_ value: Double) { set(value) }
}

/// Observations sorted into buckets.
final class StoredHistogram: TimerHandler, RecorderHandler {
    /// What was observed so far.
    struct Snapshot {
        /// The upper bound of each bucket but the last, which has none.
        var bounds: [Double]
        /// Observations in each bucket, one more than bounds.
        var counts: [UInt64]
        /// The sum of all observations.
        var sum: Double
    }

    private let state: Mutex<Snapshot>

    init(bounds: [Double]) {
        state = Mutex(
            Snapshot(bounds: bounds, counts: Array(repeating: 0, count: bounds.count + 1), sum: 0))
    }

    /// What was observed so far.
    var snapshot: Snapshot { state.withLock { $0 } }

    func record(_ value: Int64) { record(Double(value)) }

    func record(_ value: Double) {
        state.withLock { state in
            var bucket = 0
            while bucket < state.bounds.count, value > state.bounds[bucket] { bucket += 1 }
            state.counts[bucket] += 1
            state.sum += value
        }
    }

    func recordNanoseconds(_ duration: Int64) {
        record(Double(duration) / 1e9)
    }
}
