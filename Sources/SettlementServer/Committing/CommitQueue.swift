import Dispatch
import SettlementDomain
import Synchronization

/// The requests that wait for the committer: many event loops put in, one thread takes out.
///
/// Bounded in requests and in bytes. What does not fit is refused whole, at once. While the
/// business date is being ended, a terminal that wants something booked is put off, once: asked
/// again, over any connection, it waits behind the close, since the queue keeps its order.
public final class CommitQueue: RequestSink {
    /// How much may wait.
    public struct Bounds: Sendable, Equatable {
        /// Requests.
        public var requestsMax: Int
        /// Bytes of their frames' bodies.
        public var bytesMax: Int

        /// Creates bounds of their parts.
        public init(requestsMax: Int, bytesMax: Int) {
            self.requestsMax = requestsMax
            self.bytesMax = bytesMax
        }
    }

    private struct State {
        var waiting: [PendingRequest] = []
        var bytes = 0
        var isClosed = false
        /// Closes of the business date that are taken and not done yet.
        var dayCloses = 0
        /// Those who were put off since the first of these closes was taken.
        var told: Set<TerminalID> = []
        /// The taker sleeps on `wakeUp`; whoever clears this signals, so that each sleep is ended
        /// by exactly one signal.
        var takerSleeps = false

        /// Whether someone wants something booked who was not put off yet; from now on they were.
        mutating func putsOff(_ requests: [PendingRequest]) -> Bool {
            var isAny = false
            for case let terminal? in requests.lazy.map(\.booksFor)
            where told.insert(terminal).inserted { isAny = true }
            return isAny
        }
    }

    /// How much may wait.
    public let bounds: Bounds
    private let state = Mutex(State())
    private let wakeUp = DispatchSemaphore(value: 0)

    /// Creates an empty queue.
    public init(bounds: Bounds) {
        self.bounds = bounds
    }

    /// Requests that wait now.
    public var depth: Int { state.withLock { $0.waiting.count } }

    /// Takes all requests or none; any thread.
    public func offer(_ requests: [PendingRequest]) -> Admission {
        guard !requests.isEmpty else { return .accepted }
        let bytes = requests.reduce(0) { $0 + $1.bytes }
        let (admission, signal) = state.withLock { state -> (Admission, Bool) in
            if state.isClosed { return (.closed, false) }
            if state.dayCloses > 0, state.putsOff(requests) { return (.closingDay, false) }
            guard requests.count <= bounds.requestsMax - state.waiting.count,
                bytes <= bounds.bytesMax - state.bytes
            else { return (.full, false) }
            state.waiting.append(contentsOf: requests)
            state.bytes += bytes
            state.dayCloses += requests.count { $0.closesDay }
            defer { state.takerSleeps = false }
            return (.accepted, state.takerSleeps)
        }
        if signal { wakeUp.signal() }
        return admission
    }

    /// Puts what waits into `batch`, oldest first, at most `countMax`; sleeps while nothing waits.
    ///
    /// The committer's thread only.
    /// - Returns: false when the queue is closed and empty: there will be no more.
    func take(into batch: inout [PendingRequest], countMax: Int) -> Bool {
        batch.removeAll(keepingCapacity: true)
        while true {
            let outcome = state.withLock { state -> Bool? in
                if state.waiting.isEmpty {
                    if state.isClosed { return false }
                    state.takerSleeps = true
                    return nil
                }
                if state.waiting.count <= countMax {
                    swap(&batch, &state.waiting)
                    state.bytes = 0
                } else {
                    batch.append(contentsOf: state.waiting.prefix(countMax))
                    state.waiting.removeFirst(countMax)
                    state.bytes -= batch.reduce(0) { $0 + $1.bytes }
                }
                return true
            }
            if let outcome { return outcome }
            wakeUp.wait()
        }
    }

    /// So many closes of the business date are done, or will not be: requests are taken again.
    func dayClosed(_ count: Int) {
        state.withLock { state in
            state.dayCloses -= count
            if state.dayCloses == 0 { state.told.removeAll() }
        }
    }

    /// Takes nothing more; what waits is still given out.
    ///
    /// Any thread, any number of times.
    public func close() {
        let signal = state.withLock { state in
            state.isClosed = true
            defer { state.takerSleeps = false }
            return state.takerSleeps
        }
        if signal { wakeUp.signal() }
    }
}
