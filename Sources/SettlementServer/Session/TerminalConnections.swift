import SettlementDomain
import Synchronization

/// How many connections each terminal has signed on, over all event loops.
final class TerminalConnections: Sendable {
    private let connectionsMax: Int
    private let counts = Mutex<[TerminalID: Int]>([:])

    init(connectionsMax: Int) {
        self.connectionsMax = connectionsMax
    }

    /// Counts one more; false where the terminal has its share already.
    func acquire(_ terminal: TerminalID) -> Bool {
        counts.withLock { counts in
            let count = counts[terminal, default: 0]
            guard count < connectionsMax else { return false }
            counts[terminal] = count + 1
            return true
        }
    }

    /// Counts one less, once for each that was acquired.
    func release(_ terminal: TerminalID) {
        counts.withLock { counts in
            guard let count = counts[terminal] else { return }
            counts[terminal] = count > 1 ? count - 1 : nil
        }
    }
}
