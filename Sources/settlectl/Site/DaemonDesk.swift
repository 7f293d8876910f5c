import Dispatch
import Foundation
import Ledger
import SettlementClient
import SettlementDomain
import SettlementProtocol
import Synchronization

/// The desk of a daemon that runs, over its local socket.
final class DaemonDesk: OperatorDesk {
    private let connection: OperatorConnection

    /// Connects; nil where no daemon listens.
    init?(socket: String) throws {
        guard FileManager.default.fileExists(atPath: socket) else { return nil }
        do {
            connection = try Blocking.wait { try await OperatorConnection.open(path: socket) }
        } catch ClientFault.unreachable {
            return nil
        }
    }

    func register(_ registrations: [Registration], dryRun: Bool) throws -> [RegistrationResult] {
        let connection = connection
        let response = try Blocking.wait {
            try await connection.apply(registrations, isDryRun: dryRun)
        }
        guard case .registered(let results) = response.payload else {
            throw Self.refusal(response)
        }
        return results
    }

    func read(_ question: StoreQuestion) throws -> StorePage {
        let connection = connection
        return try Blocking.wait { try await connection.page(question) }
    }

    func closeDay(_ date: CivilDate, next: CivilDate?) throws -> CivilDate {
        let connection = connection
        let response = try Blocking.wait { try await connection.closeDay(date, next: next) }
        guard response.result.code.isApproval, let now = response.result.businessDate else {
            throw Self.refusal(response)
        }
        return now
    }

    func maintain(_ task: MaintenanceName, _ argument: String) throws -> [String] {
        let connection = connection
        let response = try Blocking.wait {
            try await connection.maintain(task.rawValue, argument: argument)
        }
        guard case .maintained(let lines) = response.payload else { throw Self.refusal(response) }
        return lines
    }

    func close() {
        let connection = connection
        try? Blocking.wait { await connection.close() }
    }

    private static func refusal(_ response: TerminalResponse) -> CommandFault {
        CommandFault("the daemon answers \(response.result.code.text): \(response.result.detail)")
    }
}

/// Waits on a command's own thread for what an event loop does.
enum Blocking {
    static func wait<Value: Sendable>(
        _ body: @escaping @Sendable () async throws -> Value
    ) throws -> Value {
        let done = DispatchSemaphore(value: 0)
        let result = Box<Value>()
        Task.detached {
            do {
                let value = try await body()
                result.value.withLock { $0 = .success(value) }
            } catch {
                result.value.withLock { $0 = .failure(error) }
            }
            done.signal()
        }
        done.wait()
        guard let outcome = result.value.withLock({ $0 }) else {
            throw CommandFault("the answer was lost")
        }
        return try outcome.get()
    }

    private final class Box<Value: Sendable>: Sendable {
        let value = Mutex<Result<Value, any Error>?>(nil)
    }
}
