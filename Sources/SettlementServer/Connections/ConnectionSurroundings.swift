import Ledger
import NIOCore
import Synchronization

/// What all connections of a server share.
final class ConnectionSurroundings: Sendable {
    let session: SessionSurroundings
    /// Takes what is for the ledger.
    let sink: any RequestSink
    /// Takes an operator's task: its name, its argument, whom to answer, since when.
    let maintain: @Sendable (String, String, Origin, NIODeadline) -> Void
    let recorder: (any RequestRecorder)?
    let metrics: ServerMetrics
    let isDraining = DrainFlag()

    init(
        session: SessionSurroundings, sink: any RequestSink, metrics: ServerMetrics,
        recorder: (any RequestRecorder)? = nil,
        maintain: @escaping @Sendable (String, String, Origin, NIODeadline) -> Void
    ) {
        self.session = session
        self.sink = sink
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
