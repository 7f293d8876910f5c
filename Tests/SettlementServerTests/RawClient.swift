import Ledger
import NIOCore
import SettlementProtocol
import Synchronization

/// A client that sends bytes and gives out the frames that come back, in order.
final class RawClient: Sendable {
    private let received: AsyncStream<Frame>
    private let feed: AsyncStream<Frame>.Continuation
    private let channel = Mutex<(any Channel)?>(nil)

    init() {
        (received, feed) = AsyncStream<Frame>.makeStream()
    }

    /// The last handler of the client's pipeline; once.
    func handler() -> some ChannelHandler & Sendable {
        FrameCollector(feed) { [self] channel in self.channel.withLock { $0 = channel } }
    }

    /// Sends bytes; what cannot be sent shows as the end of the frames.
    func send(_ bytes: ByteBuffer) {
        channel.withLock { $0 }?.writeAndFlush(bytes, promise: nil)
    }

    /// The next frame; nil when the connection has ended.
    func next() async -> Frame? {
        var iterator = received.makeAsyncIterator()
        return await iterator.next()
    }

    /// The next frame's response; nil when the connection has ended.
    func response() async throws -> TerminalResponse? {
        guard let frame = await next() else { return nil }
        return try ResponseDecoder.decode(frame, terminal: Site.pharmacy)
    }

    /// Signs on and gives the code of the answer; nil when the connection has ended instead.
    func signOn(as terminal: String = "T0000001") async throws -> ResponseCode? {
        let request = SignOnRequest(
            header: Site.header(stan: 0), terminal: Site.make(.init(terminal)), software: "test")
        send(ConnectionBench.frame(.signOn, 1_000_000, RequestEncoder.signOn(request)))
        return try await response()?.result.code
    }

    func close() async throws {
        try await channel.withLock { $0 }?.close().get()
    }
}

/// Only used on its channel's event loop, but handed to the channel from a test.
private final class FrameCollector: ChannelInboundHandler, Sendable {
    typealias InboundIn = ByteBuffer

    private let feed: AsyncStream<Frame>.Continuation
    private let opened: @Sendable (any Channel) -> Void
    private let decoder = Mutex(
        FrameDecoder(.responses, lengthMax: Frame.operatorLengthMax))

    init(
        _ feed: AsyncStream<Frame>.Continuation, opened: @escaping @Sendable (any Channel) -> Void
    ) {
        self.feed = feed
        self.opened = opened
    }

    func handlerAdded(context: ChannelHandlerContext) { opened(context.channel) }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = unwrapInboundIn(data)
        decoder.withLock { decoder in
            decoder.append(bytes)
            while let frame = try? decoder.next() { feed.yield(frame) }
        }
    }

    func channelInactive(context: ChannelHandlerContext) { feed.finish() }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}
