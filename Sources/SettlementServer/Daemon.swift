import CardSecurity
import Ledger
import Logging
import NIOCore
import ServiceLifecycle
import SettlementProtocol
import TLSChannel

/// What the daemon is built of besides its configuration; the executable chooses.
public struct DaemonParts: Sendable {
    /// Opens the ledger's store, on each committer's thread.
    public var openStore: CommitterThread.StoreOpening
    /// How many committers work side by side; the store must allow it.
    public var lanes: Int
    /// Seconds after which an idle committer looks what other daemons have changed; nil: there are
    /// none.
    public var patience: Double?
    /// Keeps terminals' master keys and the PIN verification key.
    public var vault: any KeyVault
    /// Takes over keys that were added to the vault since; may block on a file.
    ///
    /// Called before a change of terminals is made known to sessions, and at a reload.
    public var reloadKeys: @Sendable () throws -> Void
    /// What operators may ask for by name, besides `reload`.
    public var maintenance: [String: MaintenanceTask]
    /// Writes down requests for a later replay; nil: none.
    public var recorder: (any RequestRecorder)?
    /// Makes what takes requests in place of the commit queue; nil: nothing does.
    ///
    /// For measuring the server by itself: the sink answers through the router, and the store is
    /// opened for its reference data only.
    public var makeSink: (@Sendable (ReplyRouter) -> any RequestSink)?
    /// The time of day.
    public var clock: any WallClock

    /// Creates parts.
    public init(
        openStore: @escaping CommitterThread.StoreOpening, lanes: Int = 1, patience: Double? = nil,
        vault: any KeyVault,
        reloadKeys: @escaping @Sendable () throws -> Void = {},
        maintenance: [String: MaintenanceTask] = [:], recorder: (any RequestRecorder)? = nil,
        makeSink: (@Sendable (ReplyRouter) -> any RequestSink)? = nil,
        clock: any WallClock = SystemClock()
    ) {
        self.openStore = openStore
        self.lanes = lanes
        self.patience = patience
        self.vault = vault
        self.reloadKeys = reloadKeys
        self.maintenance = maintenance
        self.recorder = recorder
        self.makeSink = makeSink
        self.clock = clock
    }
}

/// The daemon while it runs: listeners, event loops, committer, store.
public final class Daemon: Sendable {
    private let configuration: Configuration
    private let server: TerminalServer
    private let committers: CommitterThreads
    private let maintenance: MaintenanceDesk
    private let reconciliation: ReconciliationDesk
    private let dayClerk: DayClerk?
    private let around: ConnectionSurroundings
    private let reloading: Reloading
    private let listeners: [any Channel]
    private let logger: Logger
    /// Where it listens, as `key=value` words on one line.
    public let readyLine: String
    /// The port for terminals; the real one where the configuration says 0.
    public let port: Int
    /// The port of the metrics page; nil: there is none.
    public let metricsPort: Int?

    /// Opens the store, listens, and serves terminals from then on.
    ///
    /// - Parameters:
    ///   - configuration: checked.
    ///   - parts: what the daemon is built of.
    ///   - registry: where it counts.
    ///   - logger: where it logs.
    /// - Returns: the daemon, to be stopped once.
    /// - Throws: `TLSFault`, `StoreFault`, what opening the store throws, or a system's error;
    ///   nothing runs or listens then.
    public static func start(
        _ configuration: Configuration, parts: DaemonParts, registry: MetricsRegistry,
        logger: Logger
    ) async throws -> Daemon {
        try await Daemon(configuration, parts, registry, logger)
    }

    private init(
        _ configuration: Configuration, _ parts: DaemonParts, _ registry: MetricsRegistry,
        _ logger: Logger
    ) async throws {
        self.configuration = configuration
        self.logger = logger
        let metrics = ServerMetrics(factory: registry)
        let holder = try TLSContextHolder(configuration.tlsConfiguration)
        let server = try await TerminalServer(
            configuration: configuration, certificates: holder, metrics: metrics, logger: logger)
        self.server = server
        var undo = StartUndo()
        undo.add { try await server.stopEventLoops() }
        do {
            let queue = CommitQueue(
                bounds: configuration.limits.queueBounds, lanes: parts.lanes)
            let router = server.router
            let wrongPINs = WrongPINs(configuration.limits.wrongPINs)
            let (threads, references) = try await CommitterThreads.start(
                openStore: parts.openStore, queue: queue
            ) { lane, holder in
                Committer.Surroundings(
                    ledger: Ledger(
                        sha256: Digest.sha256, encodeResponse: ResponseEncoder.encode),
                    clock: parts.clock, queue: queue, lane: lane, patience: parts.patience,
                    batchMax: configuration.limits.batchRequestsMax, holder: holder,
                    wrongPINs: wrongPINs, reloadKeys: parts.reloadKeys,
                    deliver: { router.send($0) }, metrics: metrics, logger: logger)
            }
            committers = threads
            undo.add { try await threads.stop() }

            let reloading = Reloading(
                holder: holder, reloadKeys: parts.reloadKeys, server: server, clock: parts.clock,
                metrics: metrics, logger: logger)
            self.reloading = reloading
            var tasks = parts.maintenance
            tasks["reload"] = { _ in [try reloading.reload()] }
            let desk = MaintenanceDesk(
                tasks: tasks, references: references, clock: parts.clock, logger: logger,
                deliver: { router.send($0) })
            maintenance = desk
            undo.add { try await desk.stop() }

            let books = ReconciliationDesk(
                surroundings: ReconciliationDesk.Surroundings(
                    queue: queue, references: references, clock: parts.clock,
                    sha256: Digest.sha256,
                    bodyBytesMax: configuration.limits.frameBytesMax - Frame.countedHeaderBytes,
                    deliver: { router.send($0) }, metrics: metrics))
            reconciliation = books
            undo.add { try await books.stop() }

            metrics.businessDateIs(references.current.reference.businessDate)
            let clerk = configuration.daySchedule.map {
                DayClerk($0, queue: queue, references: references, clock: parts.clock)
            }
            dayClerk = clerk
            undo.add { clerk?.stop() }

            let around = ConnectionSurroundings(
                session: SessionSurroundings(
                    references: references, clock: parts.clock, vault: parts.vault,
                    sha256: Digest.sha256, limits: configuration.limits),
                sink: parts.makeSink?(router) ?? queue, metrics: metrics, recorder: parts.recorder,
                reconcile: { books.take($0, origin: $1, arrived: $2) }
            ) { task, argument, origin, arrived in
                desk.take(task, argument, origin: origin, arrived: arrived)
            }
            self.around = around
            let operators = try await server.listenForOperators(around)
            undo.add { try await Self.close(operators, socket: configuration.operatorSocket) }
            let page: (any Channel)?
            if let endpoint = configuration.metrics {
                let channel = try await MetricsPageServer.start(
                    host: endpoint.address, port: endpoint.port, group: server.eventLoopGroup,
                    registry: registry)
                undo.add { try await channel.close() }
                page = channel
            } else {
                page = nil
            }
            let terminals = try await server.listenForTerminals(around)
            listeners = [terminals, operators] + (page.map { [$0] } ?? [])
            port = terminals.localAddress?.port ?? configuration.listen.port
            metricsPort = page?.localAddress?.port
            readyLine = configuration.readyLine(port: port, metricsPort: metricsPort)
            clerk?.start(on: server.eventLoopGroup.next())
            reloading.warnOfExpiry(at: parts.clock.milliseconds)
            logger.info(
                "listening",
                metadata: [
                    "port": "\(port)",
                    "business_date": "\(references.current.reference.businessDate)",
                ])
        } catch {
            await undo.run(logger)
            throw error
        }
    }

    /// Reads certificates, revocation list and keys again; connections that exist go on.
    ///
    /// Blocks on files; not for an event loop. A failure is logged and keeps what was there.
    public func reload() {
        _ = try? reloading.reload()
    }

    /// Ends in order: listeners, requests in flight, committer and store, event loops.
    ///
    /// Called once. Takes at most the configured drain time, and what the store needs to close.
    public func stop() async throws {
        logger.info("draining")
        dayClerk?.stop()
        for listener in listeners { try? await listener.close() }
        OperatorSocketFile.remove(path: configuration.operatorSocket)
        await server.drain(around, deadline: .seconds(configuration.drainSeconds))
        try await maintenance.stop()
        try await reconciliation.stop()
        try await committers.stop()
        around.recorder?.finish()
        try await server.stopEventLoops()
        logger.info("stopped")
    }

    private static func close(_ channel: any Channel, socket path: String) async throws {
        try await channel.close()
        OperatorSocketFile.remove(path: path)
    }
}

extension Daemon: Service {
    /// Runs until graceful shutdown or cancellation, then ends in order.
    public func run() async throws {
        try? await gracefulShutdown()
        try await stop()
    }
}

/// What was started so far, to be ended in reverse order if the rest cannot start.
private struct StartUndo {
    private var steps: [@Sendable () async throws -> Void] = []

    mutating func add(_ step: @escaping @Sendable () async throws -> Void) {
        steps.append(step)
    }

    func run(_ logger: Logger) async {
        for step in steps.reversed() {
            do {
                try await step()
            } catch {
                logger.warning("could not end what was started", metadata: ["why": "\(error)"])
            }
        }
    }
}
