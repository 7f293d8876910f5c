import Ledger
import Metrics
import NIOCore
import SettlementDomain
import Synchronization

/// What the daemon counts, under the names of the metrics page.
public final class ServerMetrics: Sendable {
    private let factory: any MetricsFactory
    private let connectionsOpen: Meter
    private let connectionsAccepted: Counter
    private let frames: Counter
    private let overloaded: Counter
    private let replayed: Counter
    private let repliesDropped: Counter
    private let responseSeconds: Metrics.Timer
    private let batchRequests: Recorder
    private let batchSeconds: Metrics.Timer
    private let conflicts: Counter
    private let businessDate: Meter
    private let dayCloses: Counter
    private let responses = Mutex<[UInt16: Counter]>([:])

    /// Counts into a factory.
    public init(factory: any MetricsFactory) {
        self.factory = factory
        func counter(_ label: String) -> Counter {
            Counter(label: label, dimensions: [], factory: factory)
        }
        connectionsOpen = Meter(label: "settled_connections_open", dimensions: [], factory: factory)
        connectionsAccepted = counter("settled_connections_accepted_total")
        frames = counter("settled_frames_received_total")
        overloaded = counter("settled_requests_overloaded_total")
        replayed = counter("settled_answers_replayed_total")
        repliesDropped = counter("settled_replies_without_connection_total")
        responseSeconds = Timer(
            label: "settled_response_seconds", dimensions: [], factory: factory)
        batchRequests = Recorder(
            label: "settled_batch_requests", dimensions: [], aggregate: true, factory: factory)
        batchSeconds = Timer(label: "settled_batch_seconds", dimensions: [], factory: factory)
        conflicts = counter("settled_batch_conflicts_total")
        businessDate = Meter(label: "settled_business_date", dimensions: [], factory: factory)
        dayCloses = counter("settled_day_closes_total")
    }

    func connectionOpened() {
        connectionsAccepted.increment()
        connectionsOpen.increment(by: 1)
    }

    func connectionClosed() { connectionsOpen.decrement(by: 1) }

    func received(frames count: Int) { frames.increment(by: count) }

    func requestsOverloaded(_ count: Int) { overloaded.increment(by: count) }

    func answerReplayed() { replayed.increment() }

    func repliesDropped(_ count: Int) {
        if count > 0 { repliesDropped.increment(by: count) }
    }

    /// One answer of this kind with this code; `since` is when its request was complete.
    func answered(
        kind: UInt8, code: ResponseCode, since arrived: NIODeadline, at now: NIODeadline
    ) {
        let key = UInt16(kind) << 8 | UInt16(code.rawValue)
        let counter = responses.withLock { responses in
            if let known = responses[key] { return known }
            let name = RequestKind(rawValue: kind).map { "\($0)" } ?? "other"
            let counter = Counter(
                label: "settled_responses_total",
                dimensions: [("kind", name), ("code", code.text)], factory: factory)
            responses[key] = counter
            return counter
        }
        counter.increment()
        responseSeconds.recordNanoseconds((now - arrived).nanoseconds)
    }

    func committed(requests: Int, nanoseconds: Int64) {
        batchRequests.record(Int64(requests))
        batchSeconds.recordNanoseconds(nanoseconds)
    }

    func batchConflicted() { conflicts.increment() }

    /// The business date as a number, YYYYMMDD.
    func businessDateIs(_ date: CivilDate) { businessDate.set(Double(date.yyyymmdd)) }

    /// The business date was ended; the new one.
    func dayClosed(_ next: CivilDate) {
        dayCloses.increment()
        businessDateIs(next)
    }

    /// A limit of the configuration was reached: which one.
    func limitReached(_ limit: String) { count("settled_limits_reached_total", "limit", limit) }

    /// A connection ended before or because of TLS: why.
    func tlsFailed(_ reason: String) { count("settled_tls_failures_total", "reason", reason) }

    /// A sign-on was refused: why.
    func signOnRefused(_ reason: Reason) {
        count("settled_sign_ons_refused_total", "reason", "\(reason)")
    }

    /// The store failed: how.
    func storeFailed(_ fault: String) { count("settled_store_faults_total", "fault", fault) }

    /// Certificates and revocation list were read again: with what result.
    func reloaded(_ result: String) { count("settled_reloads_total", "result", result) }

    /// For what happens seldom: finds the counter by name each time.
    private func count(_ label: String, _ dimension: String, _ value: String) {
        Counter(label: label, dimensions: [(dimension, value)], factory: factory).increment()
    }
}
