import Ledger
import SettlementClient
import SettlementDomain
import Synchronization
import TestSite
import Testing

/// Terminals that sell to patients again and again while a test does something to the daemon.
///
/// Every answer must be an approval: what is not is kept.
final class Till: Sendable {
    private struct State {
        var isOpen = true
        /// What the test has done so far; a sale belongs to the step in which it was begun.
        var step = 0
        var served: Set<Int> = []
        var waiting: CheckedContinuation<Void, Never>?
        var approved: [Int]
        var others: [String] = []

        /// Whether every patient was served by a sale begun in this step, or the test is over.
        mutating func takeWaiting() -> CheckedContinuation<Void, Never>? {
            guard served.count == approved.count || !others.isEmpty else { return nil }
            defer { waiting = nil }
            return waiting
        }
    }

    let patients: [Patient]
    private let state: Mutex<State>

    init(_ patients: [Patient]) {
        self.patients = patients
        state = Mutex(State(approved: patients.map { _ in 0 }))
    }

    /// Sells over these connections, each patient at one of them, while the body runs.
    func whileSelling(
        over terminals: [TerminalConnection], _ body: () async throws -> Void
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (index, terminal) in terminals.enumerated() {
                let own = patients.indices.filter { $0 % terminals.count == index }
                group.addTask { await self.sell(to: own, over: terminal) }
            }
            let result: Result<Void, any Error>
            do {
                try await body()
                result = .success(())
            } catch {
                result = .failure(error)
            }
            state.withLock { $0.isOpen = false }
            try await group.waitForAll()
            try result.get()
        }
    }

    /// Waits until every patient has bought something in a sale that began after now.
    func everyone() async {
        state.withLock { state in
            state.step += 1
            state.served = []
        }
        await withCheckedContinuation { continuation in
            let isDone = state.withLock { state in
                state.waiting = continuation
                return state.takeWaiting()
            }
            isDone?.resume()
        }
    }

    /// How many sales each patient was debited for.
    var approved: [Int] { state.withLock { $0.approved } }

    /// Answers that were no approval, and faults.
    var others: [String] { state.withLock { $0.others } }

    private func sell(to own: [Int], over terminal: TerminalConnection) async {
        while true {
            for index in own {
                guard let step = state.withLock({ $0.isOpen ? $0.step : nil }) else { return }
                var what: String?
                do {
                    let answer = try await terminal.settle(patients[index].purchase(1))
                    if answer.code != "00" { what = "\(answer.result)" }
                } catch {
                    what = "\(error)"
                }
                let done = state.withLock { state -> CheckedContinuation<Void, Never>? in
                    if let what {
                        state.others.append(what)
                    } else {
                        state.approved[index] += 1
                        if step == state.step { state.served.insert(index) }
                    }
                    return state.takeWaiting()
                }
                done?.resume()
                if what != nil { return }
            }
        }
    }
}
