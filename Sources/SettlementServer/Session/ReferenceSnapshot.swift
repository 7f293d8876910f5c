import Ledger
import Synchronization

/// Reference data as of one commit; event loops read it without asking the committer.
///
/// A new object is published for each change, so that a session sees by identity whether anything
/// is new since it looked last.
public final class ReferenceSnapshot: Sendable {
    /// Institutions, terminals, catalogs, policies, business date.
    public let reference: Reference

    /// Creates a snapshot.
    public init(_ reference: Reference) {
        self.reference = reference
    }
}

/// Where the committer publishes reference data and sessions find it.
public final class ReferenceHolder: Sendable {
    private let state: Mutex<(snapshot: ReferenceSnapshot, version: UInt64)>

    /// Creates a holder of a first snapshot.
    public init(_ snapshot: ReferenceSnapshot, version: UInt64 = 0) {
        state = Mutex((snapshot, version))
    }

    /// The newest snapshot; any thread.
    public var current: ReferenceSnapshot { state.withLock { $0.snapshot } }

    /// Puts a snapshot in place of the last, unless it is older; a committer's thread.
    ///
    /// - Returns: whether it is now the newest.
    @discardableResult
    public func publish(_ snapshot: ReferenceSnapshot, version: UInt64 = 0) -> Bool {
        state.withLock { state in
            guard version >= state.version else { return false }
            state = (snapshot, version)
            return true
        }
    }
}
