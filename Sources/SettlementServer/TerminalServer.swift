import Logging
import NIOCore
import NIOPosix
import TLSChannel

/// Listens for terminals and operators, and carries their requests to a sink and the answers back.
///
/// Where requests go is the sink's matter: the daemon gives the commit queue, a benchmark a
/// function that answers at once through ``router``.
public final class TerminalServer: Sendable {
    private let configuration: Configuration
    private let certificates: TLSContextHolder
    private let group: MultiThreadedEventLoopGroup
    private let loops: [ServerLoop]
    private let metrics: ServerMetrics
    private let logger: Logger
    /// Brings answers back to their connections.
    public let router: ReplyRouter

    /// Starts the event loops; nothing listens yet.
    ///
    /// - Parameters:
    ///   - configuration: addresses and limits.
    ///   - certificates: what new connections are accepted with.
    ///   - metrics: where it is counted.
    ///   - logger: where it is logged.
    /// - Throws: where the event loops end before they began.
    public init(
        configuration: Configuration, certificates: TLSContextHolder, metrics: ServerMetrics,
        logger: Logger
    ) async throws {
        self.configuration = configuration
        self.certificates = certificates
        self.metrics = metrics
        self.logger = logger
        group = MultiThreadedEventLoopGroup(numberOfThreads: configuration.eventLoops)
        loops = try await ServerLoop.all(
            of: group, handshakesMax: configuration.limits.handshakesMax)
        router = ReplyRouter(loops: loops, metrics: metrics)
    }

    /// The event loops, for what else is served on them.
    var eventLoopGroup: any EventLoopGroup { group }

    /// Ends the event loops, after everything on them was closed.
    func stopEventLoops() async throws {
        try await group.shutdownGracefully()
    }

    /// Begins to accept terminals.
    ///
    /// - Returns: the listening channel; its address has the real port.
    func listenForTerminals(_ around: ConnectionSurroundings) async throws -> any Channel {
        let gate = configuration.limits.connectionsMax
        let metrics = metrics
        return try await ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: Int32(configuration.backlog))
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelOption(.maxMessagesPerRead, value: 1)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.addHandler(AcceptBackoffHandler())
                    try pipeline.addHandler(
                        ConnectionGate(connectionsMax: gate, metrics: metrics))
                }
            }
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(.maxMessagesPerRead, value: 1)
            .childChannelOption(.recvAllocator, value: ReceiveBuffers())
            .childChannelInitializer { [certificates] channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.addHandler(TLSHandler(certificates.current))
                    try pipeline.addHandler(try self.handler(.terminal, around, channel))
                }
            }
            .bind(host: configuration.listen.address, port: configuration.listen.port).get()
    }

    /// Begins to accept operators on the local socket, which only its owner may open.
    func listenForOperators(_ around: ConnectionSurroundings) async throws -> any Channel {
        let path = configuration.operatorSocket
        try OperatorSocketFile.clear(path: path)
        let socket = try OperatorSocketFile.bind(path: path)
        let metrics = metrics
        return try await ServerBootstrap(group: group)
            .serverChannelOption(.maxMessagesPerRead, value: 1)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let gate = ConnectionGate(
                        connectionsMax: Limits.operatorConnectionsMax, metrics: metrics)
                    try channel.pipeline.syncOperations.addHandler(gate)
                }
            }
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        try self.handler(.localOperator, around, channel))
                }
            }
            .withBoundSocket(socket).get()
    }

    /// Ends every connection in order: requests in flight are answered first; at the deadline what
    /// is left is cut.
    func drain(_ around: ConnectionSurroundings, deadline: Duration) async {
        around.isDraining.set()
        for loop in loops { loop.withConnections { $0.forEach { $0.drain() } } }
        let cutter = Task {
            try await Task.sleep(for: deadline)
            logger.warning("drain deadline passed; connections are cut")
            for loop in loops { loop.withConnections { $0.forEach { $0.cut() } } }
        }
        for loop in loops { await loop.untilEmpty() }
        cutter.cancel()
    }

    /// Cuts the connections whose certificates a new revocation list names.
    func cutRevoked(by context: TLSContext) {
        for loop in loops {
            loop.withConnections { connections in
                for connection in connections {
                    if let certificate = connection.certificate, context.revokes(certificate) {
                        connection.cutRevoked()
                    }
                }
            }
        }
    }

    private func handler(
        _ kind: ConnectionHandler.Kind, _ around: ConnectionSurroundings, _ channel: any Channel
    ) throws -> ConnectionHandler {
        guard let loop = loops.first(where: { $0.eventLoop === channel.eventLoop }) else {
            throw ChannelError.inappropriateOperationForState
        }
        return ConnectionHandler(
            kind: kind, peer: channel.remoteAddress?.ipAddress ?? "operator", around: around,
            loop: loop, logger: logger)
    }
}
