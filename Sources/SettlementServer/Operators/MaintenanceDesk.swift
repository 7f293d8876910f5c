import Ledger
import Logging
import NIOCore
import NIOPosix
import Synchronization

/// A task that an operator may ask for while the daemon runs; blocking is allowed.
///
/// - Parameter argument: what the operator gave with it, such as a path.
/// - Returns: what to tell the operator, a line each.
public typealias MaintenanceTask = @Sendable (_ argument: String) throws -> [String]

/// A task that could not be done; the text goes to the operator.
public struct MaintenanceFault: Error, Sendable, CustomStringConvertible {
    /// What is wrong.
    public var description: String

    /// Creates a fault.
    public init(_ description: String) {
        self.description = description
    }
}

/// Runs operators' tasks one at a time on a thread of its own, beside the committer.
final class MaintenanceDesk: Sendable {
    private let tasks: [String: MaintenanceTask]
    private let pool = NIOThreadPool(numberOfThreads: 1)
    private let references: ReferenceHolder
    private let clock: any WallClock
    private let logger: Logger
    private let deliver: @Sendable ([Reply]) -> Void

    init(
        tasks: [String: MaintenanceTask], references: ReferenceHolder, clock: any WallClock,
        logger: Logger, deliver: @escaping @Sendable ([Reply]) -> Void
    ) {
        self.tasks = tasks
        self.references = references
        self.clock = clock
        self.logger = logger
        self.deliver = deliver
        pool.start()
    }

    /// Runs a task when those before it are done, and sends its answer.
    func take(_ name: String, _ argument: String, origin: Origin, arrived: NIODeadline) {
        pool.submit { state in
            let answer: OperatorAnswer
            if case .active = state {
                answer = self.run(name, argument)
            } else {
                answer = self.refusal(.unavailable, .draining, "the daemon is stopping")
            }
            self.deliver([answer.reply(to: origin, arrived: arrived)])
        }
    }

    /// Waits for the task that runs, refuses those that wait, and ends the thread.
    func stop() async throws {
        try await pool.shutdownGracefully()
    }

    private func run(_ name: String, _ argument: String) -> OperatorAnswer {
        guard let task = tasks[name] else {
            let known = tasks.keys.sorted().joined(separator: ", ")
            return refusal(.notSupported, .kindUnknown, "task \(name) is none of: \(known)")
        }
        logger.info("maintenance began", metadata: ["task": "\(name)"])
        do {
            let lines = try task(argument)
            logger.info("maintenance ended", metadata: ["task": "\(name)"])
            return OperatorAnswer.lines(
                lines, businessDate: references.current.reference.businessDate,
                time: clock.milliseconds)
        } catch {
            logger.warning("maintenance failed", metadata: ["task": "\(name)", "why": "\(error)"])
            return refusal(.invalidTransaction, .none, "\(error)")
        }
    }

    private func refusal(
        _ code: ResponseCode, _ reason: Reason, _ detail: String
    ) -> OperatorAnswer {
        OperatorAnswer.refusal(
            code, reason, detail: detail, businessDate: references.current.reference.businessDate,
            time: clock.milliseconds)
    }
}
