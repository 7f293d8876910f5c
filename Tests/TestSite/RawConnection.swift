import NIOCore
import NIOPosix
import SettlementClient
import SettlementDomain
import SettlementProtocol
import Synchronization
import TLSChannel

/// A client that sends any bytes, over TLS or without, and gives out the frames that come back.
public final class RawConnection: Sendable {
    private let channel: any Channel
    private let collector: FrameCollector

    private init(_ channel: any Channel, _ collector: FrameCollector) {
        self.channel = channel
        self.collector = collector
    }

    /// Connects to a port of loopback; the handshake may still fail then.
    ///
    /// - Parameters:
    ///   - port: the daemon's.
    ///   - tls: how; nil: bytes go as they are.
    /// - Returns: the connection.
    /// - Throws: where nobody listens.
    public static func open(port: Int, tls: TLSContext?) async throws -> RawConnection {
        let collector = FrameCollector(keepsBytes: tls == nil)
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    if let tls { try pipeline.addHandler(TLSHandler(tls)) }
                    try pipeline.addHandler(collector)
                }
            }
            .connect(host: "127.0.0.1", port: port).get()
        return RawConnection(channel, collector)
    }

    /// Reads no more: what comes back stays in the system's buffers, and fills them.
    public func stopReading() async throws {
        try await channel.setOption(.autoRead, value: false).get()
    }

    /// All that came back on a connection without TLS, which need not be frames.
    public var bytes: [UInt8] { collector.bytes }

    /// Sends bytes; what cannot be sent shows as the end of the frames.
    public func send(_ bytes: [UInt8]) {
        channel.writeAndFlush(ByteBuffer(bytes: bytes), promise: nil)
    }

    /// Sends one request's frame.
    public func send(_ kind: UInt8, _ id: UInt32, _ body: [UInt8]) {
        send(Self.frame(kind, id, body))
    }

    /// A request's frame.
    public static func frame(_ kind: UInt8, _ id: UInt32, _ body: [UInt8]) -> [UInt8] {
        var buffer = ByteBuffer()
        FrameEncoder.append(kind: kind, requestID: id, body: body, to: &buffer)
        return Array(buffer.readableBytesView)
    }

    /// The next frame; nil when the connection has ended.
    public func next() async -> Frame? {
        var frames = collector.frames.makeAsyncIterator()
        return await frames.next()
    }

    /// The next frame's response; nil when the connection has ended.
    public func response() async throws -> TerminalResponse? {
        guard let frame = await next() else { return nil }
        return try ResponseDecoder.decode(frame)
    }

    /// Signs on as a terminal without a PIN key of its own; gives the answer, nil at the end.
    public func signOn(as terminal: TerminalID) async throws -> TerminalResponse? {
        let request = SignOnRequest(
            header: RequestHeader(businessDate: nil, stan: 0, terminalTime: 0),
            terminal: terminal, software: "raw")
        send(0x01, 900_000_001, RequestEncoder.signOn(request))
        return try await response()
    }

    /// Why the connection ended, as this side saw it; nil: in order, or not yet.
    public var fault: TLSFault? { collector.fault }

    /// Ends the connection at once, in the middle of whatever was being sent.
    public func close() async {
        try? await channel.close()
    }
}

/// Only used on its channel's event loop, but made and asked elsewhere.
private final class FrameCollector: ChannelInboundHandler, Sendable {
    typealias InboundIn = ByteBuffer

    let frames: AsyncStream<Frame>
    private let feed: AsyncStream<Frame>.Continuation
    private let keepsBytes: Bool
    private let state = Mutex<(decoder: FrameDecoder, fault: TLSFault?, bytes: [UInt8])>(
        (FrameDecoder(.responses, lengthMax: Frame.operatorLengthMax), nil, []))

    init(keepsBytes: Bool) {
        self.keepsBytes = keepsBytes
        (frames, feed) = AsyncStream<Frame>.makeStream()
    }

    var fault: TLSFault? { state.withLock { $0.fault } }

    var bytes: [UInt8] { state.withLock { $0.bytes } }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = unwrapInboundIn(data)
        state.withLock { state in
            if keepsBytes { state.bytes += bytes.readableBytesView }
            state.decoder.append(bytes)
            while let frame = try? state.decoder.next() { feed.yield(frame) }
        }
    }

    func channelInactive(context: ChannelHandlerContext) { feed.finish() }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        state.withLock { state in
            if state.fault == nil { state.fault = error as? TLSFault }
        }
        context.close(promise: nil)
    }
}
