import Synchronization

/// How many connections somebody has, over all event loops.
final class ConnectionCounts<Owner: Hashable & Sendable>: Sendable {
    private let connectionsMax: Int
    private let counts = Mutex<[Owner: Int]>([:])

    init(connectionsMax: Int) {
        self.connectionsMax = connectionsMax
    }

    /// Counts one more; false where the owner has its share already.
    func acquire(_ owner: Owner) -> Bool {
        counts.withLock { counts in
            let count = counts[owner, default: 0]
            guard count < connectionsMax else { return false }
            counts[owner] = count + 1
            return true
        }
    }

    /// Counts one less, once for each that was acquired.
    func release(_ owner: Owner) {
        counts.withLock { counts in
            guard let count = counts[owner] else { return }
            counts[owner] = count > 1 ? count - 1 : nil
        }
    }
}
