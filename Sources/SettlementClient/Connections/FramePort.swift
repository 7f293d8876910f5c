import NIOCore
import SettlementProtocol
import TLSChannel

enum FrameLimit {
    static let terminal = Frame.terminalLengthMax
    static let `operator` = Frame.operatorLengthMax
}

/// Who takes what arrives at a `FramePort`.
///
/// Everything is called on the channel's event loop.
public protocol FrameReceiver: AnyObject {
    /// Frames may be sent from now on.
    func portOpened(_ port: FramePort)
    /// A response came, or a notice.
    func received(_ frame: Frame, from port: FramePort)
    /// All frames that arrived together were given; what was sent meanwhile is flushed after this.
    func tickEnded(_ port: FramePort)
    /// The connection has ended; nothing is called afterwards.
    func portClosed(_ port: FramePort, _ fault: ClientFault)
}

/// The client's end of a connection: frames in, frames out, no promise and no task a request.
///
/// Sent frames are written one behind the other into one buffer and flushed once a tick: by itself
/// after the frames of a read were given out, else by `flush`. Confined to the channel's loop.
public final class FramePort: ChannelInboundHandler {
    /// Bytes from TLS, or from the local socket.
    public typealias InboundIn = ByteBuffer
    /// Bytes of whole frames.
    public typealias OutboundOut = ByteBuffer

    /// When the first frame may be sent.
    enum Opening { case active, handshake }

    private let opening: Opening
    private var receiver: (any FrameReceiver)?
    private var decoder: FrameDecoder
    private var outbound = ByteBuffer()
    private var context: ChannelHandlerContext?
    private var isReading = false
    private var isOpen = false
    private var fault: ClientFault?

    init(_ receiver: any FrameReceiver, opening: Opening, frameLengthMax: UInt32) {
        self.receiver = receiver
        self.opening = opening
        decoder = FrameDecoder(.responses, lengthMax: frameLengthMax)
    }

    /// Puts TLS, where the address has it, and a port into a new channel's pipeline.
    ///
    /// - Parameters:
    ///   - receiver: kept until the channel ends.
    ///   - channel: not active yet; called on its loop.
    ///   - address: what the channel is being connected to.
    /// - Returns: the port.
    /// - Throws: `TLSFault` where libssl has no memory or the server name is malformed.
    @discardableResult
    public static func install(
        _ receiver: any FrameReceiver, in channel: any Channel, to address: ServerAddress
    ) throws -> FramePort {
        let pipeline = channel.pipeline.syncOperations
        switch address {
        case .tls(_, _, let context):
            let port = FramePort(
                receiver, opening: .handshake, frameLengthMax: address.frameLengthMax)
            try pipeline.addHandlers(TLSHandler(context), port)
            return port
        case .local:
            let port = FramePort(
                receiver, opening: .active, frameLengthMax: address.frameLengthMax)
            try pipeline.addHandler(port)
            return port
        }
    }

    // MARK: Sending

    /// Appends a frame to what the next flush sends; nothing where the connection has ended.
    public func send(kind: UInt8, requestID: UInt32, body: [UInt8]) {
        guard context != nil else { return }
        FrameEncoder.append(kind: kind, requestID: requestID, body: body, to: &outbound)
    }

    /// Appends a frame whose body is written in place, without an array of its own.
    ///
    /// - Parameters:
    ///   - kind: the request's kind.
    ///   - requestID: unique among requests without an answer.
    ///   - write: appends the body to the buffer and touches nothing else of it.
    public func send(
        kind: UInt8, requestID: UInt32, writing write: (inout ByteBuffer) -> Void
    ) {
        guard context != nil else { return }
        let start = outbound.writerIndex
        FrameEncoder.append(kind: kind, requestID: requestID, body: [], to: &outbound)
        write(&outbound)
        let length = outbound.writerIndex - start - (Frame.headerBytes - Frame.countedHeaderBytes)
        outbound.setInteger(UInt32(truncatingIfNeeded: length), at: start)
    }

    /// Sends what was appended, unless the end of the current read will: a `close()` in the same read
    /// loses it.
    public func flush() {
        if !isReading { flushNow() }
    }

    /// Ends the connection, without what is not sent yet; the receiver is told of `fault` where one is given.
    public func close(_ fault: ClientFault? = nil) {
        if self.fault == nil { self.fault = fault }
        context?.close(promise: nil)
    }

    private func flushNow() {
        guard let context, outbound.readableBytes > 0 else { return }
        context.writeAndFlush(wrapOutboundOut(outbound), promise: nil)
        // TLS has encrypted it by now and let go of it, so that the storage is used again.
        outbound.clear()
    }

    // MARK: Events of the channel

    /// Remembers where frames are written to.
    public func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        if opening == .active, context.channel.isActive { open() }
    }

    /// Ends what has not ended yet.
    public func handlerRemoved(context: ChannelHandlerContext) {
        end()
    }

    /// Opens the port where there is no TLS to wait for.
    public func channelActive(context: ChannelHandlerContext) {
        context.fireChannelActive()
        if opening == .active { open() }
    }

    /// Opens the port when TLS is established.
    public func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is TLSHandshakeCompleted { open() }
        context.fireUserInboundEventTriggered(event)
    }

    /// Gives out whole frames.
    public func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        isReading = true
        decoder.append(unwrapInboundIn(data))
        do throws(FrameFault) {
            while let frame = try decoder.next() {
                if frame.kind == Frame.noticeKind { take(notice: frame) }
                receiver?.received(frame, from: self)
            }
        } catch {
            close(.frame(error))
        }
    }

    /// Ends the tick and sends what it appended.
    public func channelReadComplete(context: ChannelHandlerContext) {
        if isReading {
            receiver?.tickEnded(self)
            isReading = false
            flushNow()
        }
        context.fireChannelReadComplete()
    }

    /// Remembers why the connection is about to end.
    public func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if fault == nil {
            fault = (error as? TLSFault).map(ClientFault.tls) ?? .cut("\(error)")
        }
        context.close(promise: nil)
    }

    /// Tells the receiver that the connection has ended.
    public func channelInactive(context: ChannelHandlerContext) {
        end()
        context.fireChannelInactive()
    }

    private func open() {
        guard !isOpen else { return }
        isOpen = true
        receiver?.portOpened(self)
        flush()
    }

    private func take(notice: Frame) {
        guard fault == nil, let response = try? ResponseDecoder.decode(notice) else { return }
        fault = .notice(response.result)
    }

    private func end() {
        context = nil
        guard let receiver else { return }
        self.receiver = nil
        receiver.portClosed(self, fault ?? .cut("the daemon closed it"))
    }
}

/// Never crosses to another thread: a handler lives on its channel's event loop.
@available(*, unavailable)
extension FramePort: Sendable {}
