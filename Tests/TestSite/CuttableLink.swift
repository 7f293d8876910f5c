import NIOCore
import NIOPosix
import Synchronization

/// A network that a test can cut, between a daemon and its database or a terminal and its daemon:
/// bytes pass through a port of its own, or vanish.
public final class CuttableLink: Sendable {
    /// When bytes stop passing.
    public enum Cut: Sendable {
        /// They pass.
        case never
        /// At once, both ways; nobody is told.
        case now
        /// Once a client has sent these bytes: they arrive, and nothing comes back.
        case after(String)
    }

    private struct State {
        var cut = Cut.never
        var isDead = false
        var channels: [any Channel] = []
        /// What clients have sent, where it is kept.
        var sent: [UInt8]?
    }

    private let state = Mutex(State())
    private let target: UInt16
    private let listener = Mutex<(any Channel)?>(nil)

    /// The port to connect to.
    public var port: Int { listener.withLock { $0?.localAddress?.port ?? 0 } }

    private init(to target: UInt16) { self.target = target }

    /// Listens on a free port of loopback and passes everything on to another port of it.
    public static func open(to target: UInt16) async throws -> CuttableLink {
        let link = CuttableLink(to: target)
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelOption(.autoRead, value: false)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { inbound in link.join(inbound) }
            .bind(host: "127.0.0.1", port: 0).get()
        link.listener.withLock { $0 = channel }
        return link
    }

    /// Cuts the link, then or now.
    public func cut(_ when: Cut) {
        state.withLock { state in
            state.cut = when
            if case .now = when { state.isDead = true }
        }
    }

    /// Keeps from now on what clients send.
    public func record() {
        state.withLock { $0.sent = [] }
    }

    /// What clients have sent since `record()`, as it passed.
    public var sent: [UInt8] { state.withLock { $0.sent ?? [] } }

    /// Sends bytes to the target on the newest connection, as if they came from its client.
    public func inject(_ bytes: [UInt8]) {
        let channel = state.withLock { $0.channels.last }
        channel?.writeAndFlush(ByteBuffer(bytes: bytes), promise: nil)
    }

    /// Whether bytes have stopped passing.
    public var isCut: Bool { state.withLock { $0.isDead } }

    /// Lets new connections pass again; those that were cut end.
    public func mend() async {
        let old = state.withLock { state in
            let old = state.channels
            state = State()
            return old
        }
        for channel in old { try? await channel.close() }
    }

    /// Ends the connections there are; new ones are treated as before.
    public func closeConnections() async {
        let old = state.withLock { state in
            let old = state.channels
            state.channels = []
            return old
        }
        for channel in old { try? await channel.close() }
    }

    /// Ends everything.
    public func close() async {
        try? await listener.withLock { $0 }?.close()
        await mend()
    }

    private func join(_ inbound: any Channel) -> EventLoopFuture<Void> {
        state.withLock { $0.channels.append(inbound) }
        let target = Int(target)
        return ClientBootstrap(group: inbound.eventLoop)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelOption(.autoRead, value: false)
            .connect(host: "127.0.0.1", port: target)
            .flatMapThrowing { [self] outbound in
                state.withLock { $0.channels.append(outbound) }
                try inbound.pipeline.syncOperations.addHandler(
                    Passage(link: self, peer: outbound, isFromClient: true))
                try outbound.pipeline.syncOperations.addHandler(
                    Passage(link: self, peer: inbound, isFromClient: false))
                // The inbound side is not active yet and begins when it is.
                _ = outbound.setOption(.autoRead, value: true)
            }
    }

    /// Whether bytes of a direction pass.
    fileprivate func passes(_ bytes: ByteBuffer, isFromClient: Bool) -> Bool {
        state.withLock { state in
            if state.isDead { return false }
            if isFromClient { state.sent?.append(contentsOf: bytes.readableBytesView) }
            if case .after(let word) = state.cut, isFromClient,
                bytes.readableBytesView.firstRange(of: Array(word.utf8)) != nil
            {
                // These still arrive.
                state.isDead = true
            }
            return true
        }
    }
}

/// Passes what one side sends to the other.
private final class Passage: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let link: CuttableLink
    private let peer: any Channel
    private let isFromClient: Bool

    init(link: CuttableLink, peer: any Channel, isFromClient: Bool) {
        self.link = link
        self.peer = peer
        self.isFromClient = isFromClient
    }

    func channelActive(context: ChannelHandlerContext) {
        _ = context.channel.setOption(.autoRead, value: true)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = unwrapInboundIn(data)
        guard link.passes(bytes, isFromClient: isFromClient) else { return }
        peer.writeAndFlush(bytes, promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        if !link.isCut { peer.close(promise: nil) }
    }
}
