import NIOCore
import NIOPosix
import TLSChannel

/// A server on a free port that sends back what it gets.
final class EchoServer: Sendable {
    let record: Record
    let port: Int
    private let listener: any Channel
    private let group: MultiThreadedEventLoopGroup
    private let children: Children
    private let firstHandshake: EventLoopPromise<TLSHandshakeCompleted>

    private init(
        _ listener: any Channel, _ group: MultiThreadedEventLoopGroup, _ record: Record,
        _ children: Children, _ firstHandshake: EventLoopPromise<TLSHandshakeCompleted>
    ) {
        self.listener = listener
        self.group = group
        self.record = record
        self.children = children
        self.firstHandshake = firstHandshake
        port = listener.localAddress?.port ?? 0
    }

    static func start(_ contexts: TLSContextHolder, reads: Bool = true) async throws -> EchoServer {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let record = Record()
        let children = Children(group.next())
        let handshake = group.next().makePromise(of: TLSHandshakeCompleted.self)
        let listener = try await ServerBootstrap(group: group)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    children.add(channel)
                    let end = Recorder(record)
                    end.onRead = { context, bytes in
                        context.writeAndFlush(Recorder.wrapOutboundOut(bytes), promise: nil)
                    }
                    end.onHandshake = { _ in
                        if let completed = record.handshakes.first {
                            handshake.succeed(completed)
                        }
                    }
                    try channel.pipeline.syncOperations.addHandlers(
                        TLSHandler(contexts.current), end)
                }
            }
            .childChannelOption(.autoRead, value: reads)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .bind(host: "127.0.0.1", port: 0).get()
        return EchoServer(listener, group, record, children, handshake)
    }

    /// The first handshake that completes.
    func handshake() async throws -> TLSHandshakeCompleted {
        try await firstHandshake.futureResult.get()
    }

    /// Stops listening and waits for every connection to end.
    func stop() async throws {
        try await listener.close()
        try await children.allClosed().get()
        firstHandshake.fail(ChannelError.eof)
        try? await group.shutdownGracefully()
    }
}

/// The connections a server has accepted; confined to its one event loop.
private final class Children: Sendable {
    private let closed: NIOLoopBoundBox<[EventLoopFuture<Void>]>
    private let loop: any EventLoop

    init(_ loop: any EventLoop) {
        self.loop = loop
        closed = .makeBoxSendingValue([], eventLoop: loop)
    }

    func add(_ channel: any Channel) {
        closed.value.append(channel.closeFuture)
    }

    func allClosed() -> EventLoopFuture<Void> {
        loop.flatSubmit { EventLoopFuture.andAllSucceed(self.closed.value, on: self.loop) }
    }
}

/// A client of ``EchoServer``.
final class EchoClient: Sendable {
    let channel: any Channel
    let record: Record
    private let awaited: NIOLoopBoundBox<(count: Int, promise: EventLoopPromise<Void>)?>

    private init(
        _ channel: any Channel, _ record: Record,
        _ awaited: NIOLoopBoundBox<(count: Int, promise: EventLoopPromise<Void>)?>
    ) {
        self.channel = channel
        self.record = record
        self.awaited = awaited
    }

    static func connect(
        to server: EchoServer, with context: TLSContext
    ) async throws -> EchoClient {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let record = Record()
        let awaited = NIOLoopBoundBox<(count: Int, promise: EventLoopPromise<Void>)?>
            .makeBoxSendingValue(nil, eventLoop: loop)
        let handshake = loop.makePromise(of: Void.self)
        let channel = try await ClientBootstrap(group: loop)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let end = Recorder(record)
                    end.onHandshake = { _ in handshake.succeed(()) }
                    end.onRead = { _, _ in
                        if let wait = awaited.value, record.received.count >= wait.count {
                            awaited.value = nil
                            wait.promise.succeed(())
                        }
                    }
                    try channel.pipeline.syncOperations.addHandlers(TLSHandler(context), end)
                }
            }
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .connect(host: "127.0.0.1", port: server.port).get()
        channel.closeFuture.whenComplete { _ in
            handshake.fail(ChannelError.eof)
        }
        try await handshake.futureResult.get()
        return EchoClient(channel, record, awaited)
    }

    /// Sends bytes and gives the bytes that came back, as many.
    func exchange(_ bytes: [UInt8]) async throws -> [UInt8] {
        let before = record.received.count
        let loop = channel.eventLoop
        let promise = loop.makePromise(of: Void.self)
        try await loop.submit { self.awaited.value = (before + bytes.count, promise) }.get()
        channel.closeFuture.whenComplete { _ in promise.fail(ChannelError.eof) }
        channel.writeAndFlush(ByteBuffer(bytes: bytes), promise: nil)
        try await promise.futureResult.get()
        return Array(record.received[before...])
    }
}
