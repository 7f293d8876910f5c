import NIOCore
import NIOHTTP1
import NIOPosix

/// Answers `GET /metrics` over HTTP/1.1 with the registry's page; every other path is 404.
struct MetricsPageServer {
    /// So many read pages at once; others wait in the system's backlog, and take no descriptor from terminals.
    static let connectionsMax = 16

    /// Binds and serves until the channel is closed.
    ///
    /// - Returns: the listening channel.
    static func start(
        host: String, port: Int, group: any EventLoopGroup, registry: MetricsRegistry
    ) async throws -> any Channel {
        try await ServerBootstrap(group: group)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelOption(.maxMessagesPerRead, value: 1)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.addHandler(AcceptBackoffHandler())
                    try pipeline.addHandler(
                        ConnectionGate(connectionsMax: connectionsMax, metrics: nil))
                }
            }
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.configureHTTPServerPipeline(withErrorHandling: true)
                    try pipeline.addHandler(MetricsPageHandler(registry: registry))
                    // A page is read at once or not at all.
                    let deadline = channel.eventLoop.scheduleTask(in: .seconds(10)) {
                        channel.close(promise: nil)
                    }
                    channel.closeFuture.whenComplete { _ in deadline.cancel() }
                }
            }
            .bind(host: host, port: port).get()
    }
}

private final class MetricsPageHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let registry: MetricsRegistry
    private var status = HTTPResponseStatus.notFound

    init(registry: MetricsRegistry) {
        self.registry = registry
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            guard head.method == .GET || head.method == .HEAD else {
                status = .methodNotAllowed
                return
            }
            status = head.uri == "/metrics" ? .ok : .notFound
        case .body: break
        case .end: answer(context)
        }
    }

    private func answer(_ context: ChannelHandlerContext) {
        let text = status == .ok ? registry.text : "see /metrics\n"
        let headers = HTTPHeaders([
            ("content-type", "text/plain; version=0.0.4; charset=utf-8"),
            ("content-length", String(text.utf8.count)), ("connection", "close"),
        ])
        let head = HTTPResponseHead(version: .http1_1, status: status, headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: text)))), promise: nil)
        let channel = context.channel
        context.writeAndFlush(wrapOutboundOut(.end(nil))).whenComplete { _ in
            channel.close(promise: nil)
        }
    }
}
