import Dispatch
import SettlementDomain
import Synchronization

/// The requests that wait for committers: many event loops put in, each lane's thread takes out.
///
/// A card's requests lie in one lane, in their order; with one lane all do.
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

    /// What waits for one committer.
    private struct Lane {
        var waiting: [PendingRequest] = []
        /// The taker sleeps on its semaphore; whoever clears this signals.
        var takerSleeps = false
    }

    private struct State {
        var lanes: [Lane]
        var bytes = 0
        var isClosed = false
        /// Closes of the business date that are taken and not done yet.
        var dayCloses = 0
        /// Those who were put off since the first of these closes was taken.
        var told: Set<TerminalID> = []

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
    /// How many committers take out.
    public let lanes: Int
    private let state: Mutex<State>
    /// Requests that wait; changed with the state locked, read without.
    private let waiting = Atomic(0)
    private let wakeUps: [DispatchSemaphore]

    /// Creates an empty queue for so many committers.
    public init(bounds: Bounds, lanes: Int = 1) {
        self.bounds = bounds
        self.lanes = lanes
        state = Mutex(State(lanes: Array(repeating: Lane(), count: lanes)))
        wakeUps = (0..<lanes).map { _ in DispatchSemaphore(value: 0) }
    }

    /// Requests that wait now.
    public var depth: Int { waiting.load(ordering: .relaxed) }

    /// How many more may wait.
    public var room: Int { bounds.requestsMax - depth }

    /// Takes all requests or none; any thread.
    public func offer(_ requests: [PendingRequest]) -> Admission {
        guard !requests.isEmpty else { return .accepted }
        let bytes = requests.reduce(0) { $0 + $1.bytes }
        var woken: [Int] = []
        let admission = state.withLock { state -> Admission in
            if state.isClosed { return .closed }
            if state.dayCloses > 0, state.putsOff(requests) { return .closingDay }
            guard requests.count <= room,
                bytes <= bounds.bytesMax - state.bytes
            else { return .full }
            if lanes == 1 {
                state.lanes[0].waiting.append(contentsOf: requests)
            } else {
                for request in requests {
                    state.lanes[request.lane(of: lanes)].waiting.append(request)
                }
            }
            waiting.add(requests.count, ordering: .relaxed)
            state.bytes += bytes
            state.dayCloses += requests.count { $0.closesDay }
            for lane in 0..<lanes
            where state.lanes[lane].takerSleeps && !state.lanes[lane].waiting.isEmpty {
                state.lanes[lane].takerSleeps = false
                woken.append(lane)
            }
            return .accepted
        }
        for lane in woken { wakeUps[lane].signal() }
        return admission
    }

    /// Puts what waits in a lane into `batch`, oldest first, at most `countMax`; sleeps while nothing
    /// waits, up to `patience` seconds, and then gives an empty batch.
    ///
    /// The lane's committer's thread only.
    /// - Returns: false when the queue is closed and the lane empty: there will be no more.
    func take(
        into batch: inout [PendingRequest], countMax: Int, lane: Int = 0, patience: Double? = nil
    ) -> Bool {
        batch.removeAll(keepingCapacity: true)
        var isPatient = true
        while true {
            let outcome = state.withLock { state -> Bool? in
                if state.lanes[lane].waiting.isEmpty {
                    if state.isClosed { return false }
                    state.lanes[lane].takerSleeps = isPatient
                    return isPatient ? nil : true
                }
                if state.lanes[lane].waiting.count <= countMax {
                    swap(&batch, &state.lanes[lane].waiting)
                } else {
                    batch.append(contentsOf: state.lanes[lane].waiting.prefix(countMax))
                    state.lanes[lane].waiting.removeFirst(countMax)
                }
                let left = waiting.subtract(batch.count, ordering: .relaxed).newValue
                state.bytes = left == 0 ? 0 : state.bytes - batch.reduce(0) { $0 + $1.bytes }
                return true
            }
            if let outcome { return outcome }
            if let patience {
                // A signal that comes after this has given up ends a later wait early: no harm.
                isPatient = wakeUps[lane].wait(timeout: .now() + patience) == .success
            } else {
                wakeUps[lane].wait()
            }
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
        state.withLock { $0.isClosed = true }
        for wakeUp in wakeUps { wakeUp.signal() }
    }
}
