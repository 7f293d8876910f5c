import Ledger
import NIOCore
import Synchronization

/// What all connections of a server share.
final class ConnectionSurroundings: Sendable {
    let session: SessionSurroundings
    /// Takes what is for the ledger.
    let sink: any RequestSink
    /// Takes a terminal's question about a date's books: whom to answer, since when.
    let reconcile: @Sendable (ReconciliationTask, Origin, NIODeadline) -> Void
    /// Takes an operator's task: its name, its argument, whom to answer, since when.
    let maintain: @Sendable (String, String, Origin, NIODeadline) -> Void
    let recorder: (any RequestRecorder)?
    let metrics: ServerMetrics
    let isDraining = DrainFlag()

    init(
        session: SessionSurroundings, sink: any RequestSink, metrics: ServerMetrics,
        recorder: (any RequestRecorder)? = nil,
        reconcile: @escaping @Sendable (ReconciliationTask, Origin, NIODeadline) -> Void,
        maintain: @escaping @Sendable (String, String, Origin, NIODeadline) -> Void
    ) {
        self.session = session
        self.sink = sink
        self.reconcile = reconcile
        self.maintain = maintain
        self.recorder = recorder
        self.metrics = metrics
    }
}

/// Whether the daemon is stopping; set once.
final class DrainFlag: Sendable {
    private let flag = Atomic<Bool>(false)

    var isSet: Bool { flag.load(ordering: .acquiring) }

    func set() { flag.store(true, ordering: .releasing) }
}
