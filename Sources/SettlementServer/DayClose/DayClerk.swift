import Ledger
import NIOCore
import SettlementDomain
import Synchronization

/// Ends the business date when the schedule says so.
///
/// Looks at the clock every second, so that no jump of it is missed. A daemon that was down for days
/// goes on with the date of now in one step.
final class DayClerk: Sendable {
    private let schedule: DaySchedule
    private let queue: CommitQueue
    private let references: ReferenceHolder
    private let clock: any WallClock
    /// When a close was last asked for, by the clock.
    private let asked = Mutex<Int64?>(nil)
    private let task = Mutex<RepeatedTask?>(nil)

    /// A close that was asked for and did not come about is asked for again after so long.
    private static let patienceMilliseconds: Int64 = 5_000

    init(
        _ schedule: DaySchedule, queue: CommitQueue, references: ReferenceHolder,
        clock: any WallClock
    ) {
        self.schedule = schedule
        self.queue = queue
        self.references = references
        self.clock = clock
    }

    /// Begins to look at the clock.
    func start(on loop: any EventLoop) {
        let repeated = loop.scheduleRepeatedTask(initialDelay: .zero, delay: .seconds(1)) { _ in
            self.look()
        }
        task.withLock { $0 = repeated }
    }

    func stop() {
        task.withLock { $0?.cancel() }
    }

    /// Asks for the close of the business date where it is due.
    func look() {
        let now = clock.milliseconds
        let today = references.current.reference.businessDate
        let due = schedule.businessDate(at: now)
        guard due > today else { return asked.withLock { $0 = nil } }
        let isTurn = asked.withLock { asked in
            if let last = asked, (0..<Self.patienceMilliseconds).contains(now - last) {
                return false
            }
            asked = now
            return true
        }
        guard isTurn else { return }
        let close = LedgerRequest.byOperator(.closeDay(today, next: due), on: today)
        let pending = PendingRequest(
            origin: .nobody, work: .decide(close), bytes: 0, arrived: .now())
        if queue.offer([pending]) != .accepted { asked.withLock { $0 = nil } }
    }
}
