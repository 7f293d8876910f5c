import CardSecurity
import Ledger
import Logging
import NIOCore
import SettlementDomain
import SettlementProtocol
import TLSChannel

/// The daemon's connections, queue and committer without threads, sockets and TLS: whoever owns it
/// says when anything happens.
///
/// For simulation: everything runs on one event loop that its owner turns. Maintenance, which has a
/// thread of its own, is refused with 91. Wrong PINs are counted by card alone.
package final class SteppedDaemon {
    private let queue: CommitQueue
    private let committer: Committer
    private let around: ConnectionSurroundings
    private let loop: ServerLoop
    private let logger: Logger
    private var batch: [PendingRequest] = []

    /// Starts on a store, as a daemon's committer does on its thread.
    ///
    /// - Throws: `StoreFault` where the reference data cannot be read.
    package init(
        store: any LedgerStore, clock: any WallClock, vault: any KeyVault, limits: Limits,
        eventLoop: any EventLoop, registry: MetricsRegistry, logger: Logger
    ) throws(StoreFault) {
        self.logger = logger
        let metrics = ServerMetrics(factory: registry)
        let queue = CommitQueue(bounds: limits.queueBounds)
        let reference = try store.loadReference()
        let holder = ReferenceHolder(
            ReferenceSnapshot(reference), version: store.referenceVersion)
        let loop = ServerLoop(
            index: 0, eventLoop: eventLoop, handshakesMax: limits.handshakesMax)
        let router = ReplyRouter(loops: [loop], metrics: metrics)
        committer = Committer(
            store: store, reference: reference,
            surroundings: Committer.Surroundings(
                ledger: Ledger(sha256: Digest.sha256, encodeResponse: ResponseEncoder.encode),
                clock: clock, queue: queue, patience: 0, batchMax: limits.batchRequestsMax,
                holder: holder, deliver: { router.send($0) }, metrics: metrics, logger: logger))
        let refuse = { @Sendable (origin: Origin, arrived: NIODeadline) in
            let body = ResponseEncoder.result(
                code: .unavailable, reason: .storeUnavailable,
                businessDate: holder.current.reference.businessDate, time: clock.milliseconds)
            router.send([
                Reply(
                    origin: origin, body: body, code: .unavailable, reason: .storeUnavailable,
                    arrived: arrived)
            ])
        }
        let books = ReconciliationDesk(
            hasThread: false,
            surroundings: ReconciliationDesk.Surroundings(
                queue: queue, references: holder, clock: clock, sha256: Digest.sha256,
                bodyBytesMax: limits.frameBytesMax - Frame.countedHeaderBytes,
                deliver: { router.send($0) },
                metrics: metrics))
        around = ConnectionSurroundings(
            session: SessionSurroundings(
                references: holder, clock: clock, vault: vault, sha256: Digest.sha256,
                limits: limits),
            sink: queue, metrics: metrics,
            reconcile: { books.take($0, origin: $1, arrived: $2) },
            maintain: { _, _, origin, arrived in refuse(origin, arrived) })
        self.queue = queue
        self.loop = loop
    }

    /// Serves a channel, as that of a terminal whose certificate was verified, or of an operator.
    ///
    /// The channel is on the daemon's event loop and not connected yet; once it is, a terminal is
    /// announced by ``announce(_:on:)``.
    package func serve(_ channel: any Channel, asOperator isOperator: Bool) throws {
        try channel.pipeline.syncOperations.addHandler(
            ConnectionHandler(
                kind: isOperator ? .localOperator : .terminal, peer: "stepped", around: around,
                loop: loop, logger: logger))
    }

    /// What TLS would tell the connection: a certificate that names this terminal.
    package static func announce(_ terminal: TerminalID, on channel: any Channel) {
        channel.pipeline.fireUserInboundEventTriggered(
            TLSHandshakeCompleted(
                alpn: "settle/1",
                peerCertificate: PeerCertificate(
                    commonName: terminal.text, organization: "", subject: "CN=\(terminal)",
                    issuer: "", uris: [CertificateProfile.uriPrefix + terminal.text],
                    serialHex: "01", sha256Fingerprint: "", notBefore: 0, notAfter: 0)))
    }

    /// Decides and commits one batch of at most so many requests.
    ///
    /// With none waiting, looks what other daemons have changed and reads ahead. The answers go out when the event
    /// loop is turned.
    package func step(atMost countMax: Int) {
        guard queue.take(into: &batch, countMax: max(1, countMax), patience: 0) else { return }
        committer.work(on: batch)
        if batch.isEmpty { _ = committer.readAhead() }
    }
}
