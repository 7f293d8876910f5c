import Ledger
import Synchronization

@testable import SettlementServer

/// Keeps the kinds of what it is told.
final class FakeRecorder: RequestRecorder {
    private let state = Mutex<(kinds: [RequestKind], isFinished: Bool)>(([], false))

    var kinds: [RequestKind] { state.withLock { $0.kinds } }
    var isFinished: Bool { state.withLock { $0.isFinished } }

    func record(_ request: LedgerRequest, reference: Reference, at microseconds: Int64) {
        state.withLock { $0.kinds.append(request.command.kind) }
    }

    func finish() { state.withLock { $0.isFinished = true } }
}
