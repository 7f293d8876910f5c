import Ledger
import NIOCore
import NIOPosix
import SettlementDomain
import SettlementProtocol
import Synchronization

/// Answers terminals' requests about a business date's books, beside the committer.
///
/// The committer's thread reads a page of rows for it between two batches; comparing, digesting and
/// encoding are done on a thread of its own. As many requests are worked at as `runningMax`, so
/// that a batch waits for so many pages at most; others wait their turn, and what is beyond gets 91.
final class ReconciliationDesk: Sendable {
    /// How much the desk takes on.
    struct Bounds: Sendable {
        /// Requests worked at.
        var runningMax = 2
        /// Requests that wait.
        var waitingMax = 256
        /// Of one terminal, those that wait or are worked at.
        var perTerminalMax = 4
        /// Rows that the committer's thread reads at a time.
        var pageRowsMax = 1_000
    }

    /// What the desk works with.
    struct Surroundings: Sendable {
        var queue: any RequestSink
        var references: ReferenceHolder
        var clock: any WallClock
        var sha256: SHA256Function
        /// The largest body of an answer.
        var bodyBytesMax: Int
        /// Takes the answers.
        var deliver: @Sendable ([Reply]) -> Void
        var metrics: ServerMetrics
    }

    /// A request and whom to answer.
    private struct Order: Sendable {
        var task: ReconciliationTask
        var origin: Origin
        var arrived: NIODeadline
    }

    /// What becomes of an order that comes.
    private enum Place { case worked, waits, tooMany, stopping }

    private struct State {
        var running = 0
        var waiting: [Order] = []
        var perTerminal: [TerminalID: Int] = [:]
        var isStopping = false
    }

    /// A request that is worked at; only one step of it is under way at a time.
    private final class Run: Sendable {
        let order: Order
        let job: Mutex<ReconciliationJob>

        init(_ order: Order, _ job: ReconciliationJob) {
            self.order = order
            self.job = Mutex(job)
        }
    }

    private let bounds: Bounds
    private let around: Surroundings
    private let state = Mutex(State())
    /// Nil: what is to be done is done at once, by whoever brings it.
    private let pool: NIOThreadPool?

    /// Opens the desk.
    ///
    /// - Parameters:
    ///   - bounds: how much it takes on.
    ///   - hasThread: whether it works on a thread of its own; without one, a stepped daemon's, it
    ///     works where it is called.
    ///   - surroundings: what it works with.
    init(bounds: Bounds = Bounds(), hasThread: Bool = true, surroundings: Surroundings) {
        self.bounds = bounds
        around = surroundings
        pool = hasThread ? NIOThreadPool(numberOfThreads: 1) : nil
        pool?.start()
    }

    /// Takes a request, whose answer is delivered once, whatever becomes of it.
    ///
    /// Any thread.
    func take(_ task: ReconciliationTask, origin: Origin, arrived: NIODeadline) {
        let order = Order(task: task, origin: origin, arrived: arrived)
        switch state.withLock({ place(order, &$0) }) {
        case .worked: begin(order)
        case .waits: break
        case .tooMany:
            around.metrics.limitReached("reconciliations")
            refuse(order, .unavailable, .overloaded)
        case .stopping: refuse(order, .unavailable, .draining)
        }
    }

    private func place(_ order: Order, _ state: inout State) -> Place {
        let terminal = order.task.terminal
        if state.isStopping { return .stopping }
        guard state.perTerminal[terminal, default: 0] < bounds.perTerminalMax else {
            return .tooMany
        }
        let hasRoom = state.running < bounds.runningMax
        guard hasRoom || state.waiting.count < bounds.waitingMax else { return .tooMany }
        state.perTerminal[terminal, default: 0] += 1
        if hasRoom {
            state.running += 1
        } else {
            state.waiting.append(order)
        }
        return hasRoom ? .worked : .waits
    }

    /// Refuses what waits, lets go of what is worked at with 91, and ends the thread.
    ///
    /// Called once, before the committer is stopped: what still comes from it is refused too.
    func stop() async throws {
        let waiting = state.withLock { state in
            state.isStopping = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for order in waiting { refuse(order, .unavailable, .draining) }
        try await pool?.shutdownGracefully()
    }

    /// On the desk's thread, or at once with `isActive` false where that has ended.
    private func onThread(_ body: @escaping @Sendable (_ isActive: Bool) -> Void) {
        guard let pool else { return body(true) }
        pool.submit { state in
            if case .active = state { body(true) } else { body(false) }
        }
    }

    private func begin(_ order: Order) {
        onThread { isActive in
            guard isActive else { return self.finish(order, refused: .unavailable, .draining) }
            do throws(SessionRefusal) {
                let job = try ReconciliationJob(
                    order.task, today: self.around.references.current.reference.businessDate,
                    bodyBytesMax: self.around.bodyBytesMax, sha256: self.around.sha256)
                self.goOn(Run(order, job))
            } catch {
                self.finish(order, refused: error.code, error.reason, error.detail)
            }
        }
    }

    /// Asks for the rows that are needed next, or answers.
    private func goOn(_ run: Run) {
        let order = run.order
        let (spans, rows, date, terminal) = run.job.withLock { job in
            (job.needed, job.rowsNeeded(pageMax: bounds.pageRowsMax), job.date, job.terminal)
        }
        guard !spans.isEmpty else { return answer(run) }
        let reading = DayReading(
            date: date, institution: order.task.institution, terminal: terminal, spans: spans,
            rowsMax: rows
        ) { result in
            self.onThread { isActive in
                guard isActive else { return self.finish(order, refused: .unavailable, .draining) }
                switch result {
                case .success(let pages):
                    run.job.withLock { $0.take(pages, of: spans) }
                    self.goOn(run)
                case .failure:
                    // The committer has logged it. Nothing was executed.
                    self.finish(order, refused: .unavailable, .storeUnavailable)
                }
            }
        }
        let pending = PendingRequest(
            origin: order.origin, work: .readDay(reading), bytes: 0, arrived: order.arrived)
        switch around.queue.offer([pending]) {
        case .accepted: break
        case .full, .closingDay: finish(order, refused: .unavailable, .overloaded)
        case .closed: finish(order, refused: .unavailable, .draining)
        }
    }

    private func answer(_ run: Run) {
        let order = run.order
        let (result, body) = run.job.withLock { job in
            let result = job.result
            return (result, job.body(fields(order, result.code, result.reason)))
        }
        deliver(order, result.code, result.reason, body)
        release(order)
    }

    private func finish(
        _ order: Order, refused code: ResponseCode, _ reason: Reason, _ detail: String = ""
    ) {
        refuse(order, code, reason, detail)
        release(order)
    }

    /// Gives the place of a request that was worked at to one that waits.
    private func release(_ order: Order) {
        let next = state.withLock { state -> Order? in
            Self.leave(order.task.terminal, &state)
            guard !state.waiting.isEmpty else {
                state.running -= 1
                return nil
            }
            return state.waiting.removeFirst()
        }
        if let next { begin(next) }
    }

    private static func leave(_ terminal: TerminalID, _ state: inout State) {
        let left = state.perTerminal[terminal, default: 1] - 1
        state.perTerminal[terminal] = left > 0 ? left : nil
    }

    private func refuse(
        _ order: Order, _ code: ResponseCode, _ reason: Reason, _ detail: String = ""
    ) {
        let body = ResponseEncoder.result(fields(order, code, reason, detail))
        deliver(order, code, reason, body)
    }

    private func deliver(
        _ order: Order, _ code: ResponseCode, _ reason: Reason, _ body: [UInt8]
    ) {
        around.deliver([
            Reply(
                origin: order.origin, body: body, code: code, reason: reason,
                arrived: order.arrived)
        ])
    }

    private func fields(
        _ order: Order, _ code: ResponseCode, _ reason: Reason, _ detail: String = ""
    ) -> ResultFields {
        let time = around.clock.milliseconds
        return ResultFields(
            code: code, reason: reason,
            businessDate: around.references.current.reference.businessDate, time: time,
            detail: detail, clockDifference: order.task.header.clockDifference(fromMillis: time))
    }
}
