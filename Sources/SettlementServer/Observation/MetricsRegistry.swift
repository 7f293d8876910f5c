import Metrics
import Synchronization

/// Counters, gauges and histograms of this process, to be read as a page of text.
///
/// A label is the metric's name on the page; the same label with other dimensions is another
/// sample of the same metric. Samples are never removed.
public final class MetricsRegistry: MetricsFactory {
    /// The upper bounds of every histogram's buckets, in its own unit.
    public struct Buckets: Sendable {
        /// Seconds, from 50 us to 10 s.
        public static let seconds: [Double] = [
            0.000_05, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1,
            0.25, 0.5, 1, 2.5, 5, 10,
        ]
        /// Counts, from 1 to 4,096.
        public static let counts: [Double] = [
            1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1_024, 2_048, 4_096,
        ]
    }

    private struct Key: Hashable {
        var label: String
        var dimensions: String
    }

    private struct State {
        var counters: [Key: StoredCounter] = [:]
        var gauges: [Key: StoredGauge] = [:]
        var histograms: [Key: StoredHistogram] = [:]
    }

    private let state = Mutex(State())

    /// Creates an empty registry.
    public init() {}

    /// The counter of this label and these dimensions.
    public func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        let key = Self.key(label, dimensions)
        return state.withLock { state in
            if let known = state.counters[key] { return known }
            let counter = StoredCounter()
            state.counters[key] = counter
            return counter
        }
    }

    /// The gauge, or with `aggregate` the histogram of counts, of this label.
    public func makeRecorder(
        label: String, dimensions: [(String, String)], aggregate: Bool
    ) -> any RecorderHandler {
        let key = Self.key(label, dimensions)
        return state.withLock { state -> any RecorderHandler in
            aggregate
                ? Self.histogram(key, bounds: Buckets.counts, in: &state)
                : Self.gauge(key, in: &state)
        }
    }

    /// The gauge of this label and these dimensions.
    public func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        let key = Self.key(label, dimensions)
        return state.withLock { Self.gauge(key, in: &$0) }
    }

    /// The histogram of seconds of this label and these dimensions.
    public func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        let key = Self.key(label, dimensions)
        return state.withLock { Self.histogram(key, bounds: Buckets.seconds, in: &$0) }
    }

    /// Without effect: samples stay on the page.
    public func destroyCounter(_ handler: any CounterHandler) {}
    /// Without effect: samples stay on the page.
    public func destroyRecorder(_ handler: any RecorderHandler) {}
    /// Without effect: samples stay on the page.
    public func destroyMeter(_ handler: any MeterHandler) {}
    /// Without effect: samples stay on the page.
    public func destroyTimer(_ handler: any TimerHandler) {}

    /// Every sample in the Prometheus text format, version 0.0.4, sorted by name.
    public var text: String {
        let (counters, gauges, histograms) = state.withLock { state in
            (state.counters, state.gauges, state.histograms)
        }
        var page = PrometheusPage()
        page.samples(of: "counter", counters.map { ($0.label, $0.dimensions, $1.value) })
        page.samples(of: "gauge", gauges.map { ($0.label, $0.dimensions, $1.value) })
        page.histograms(histograms.map { ($0.label, $0.dimensions, $1.snapshot) })
        return page.text
    }

    private static func gauge(_ key: Key, in state: inout State) -> StoredGauge {
        if let known = state.gauges[key] { return known }
        let gauge = StoredGauge()
        state.gauges[key] = gauge
        return gauge
    }

    private static func histogram(
        _ key: Key, bounds: [Double], in state: inout State
    ) -> StoredHistogram {
        if let known = state.histograms[key] { return known }
        let histogram = StoredHistogram(bounds: bounds)
        state.histograms[key] = histogram
        return histogram
    }

    private static func key(_ label: String, _ dimensions: [(String, String)]) -> Key {
        let parts = dimensions.map { "\($0.0)=\"\(PrometheusPage.escaped($0.1))\"" }
        return Key(label: label, dimensions: parts.joined(separator: ","))
    }
}
