import NIOCore

/// TLS of one connection, server or client as its context says: ciphertext towards the socket,
/// plaintext towards the application.
///
/// - Inbound it fires ``TLSHandshakeCompleted`` once, then plaintext as `ByteBuffer`s.
/// - A ``TLSFault`` is fired as an error; the channel then closes by itself, after the alert is
///   flushed and the peer has taken it, or at ``TLSConfiguration/closeDeadline``.
/// - Writes before the handshake is complete are held until it is. All writes up to a flush are
///   joined and encrypted in records of at most 16 KiB, under one promise.
/// - `close` sends close_notify. When the peer says close_notify, a channel that allows remote
///   half closure gets `ChannelEvent.inputClosed` and may go on writing; any other is closed.
///
/// Put nothing between it and the socket that holds reads back: the handshake needs them.
public final class TLSHandler: ChannelDuplexHandler {
    /// Ciphertext.
    public typealias InboundIn = ByteBuffer
    /// Plaintext.
    public typealias InboundOut = ByteBuffer
    /// Plaintext.
    public typealias OutboundIn = ByteBuffer
    /// Ciphertext.
    public typealias OutboundOut = ByteBuffer

    enum State {
        /// The channel is not active yet.
        case waiting
        case handshaking
        case established
        /// Last bytes are on their way, input is thrown away.
        case closing
        case closed
    }

    /// At most this much plaintext is delivered by one `channelRead`.
    static let deliveryBytesMax = 65_536
    /// At most this much input is thrown away while closing.
    static let discardedBytesMax = 262_144

    var state = State.waiting
    /// Given back to the system as soon as no more bytes are en- or decrypted.
    var session: TLSSession?
    let closeDeadline: TimeAmount

    /// Written and not flushed.
    var unflushed = OutboundBatch()
    /// Flushed before the handshake was complete.
    var held = OutboundBatch()

    /// The peer has said close_notify.
    var peerFinished = false
    /// We have said close_notify and go on reading.
    var outputClosed = false
    /// The application asked for a read that has brought no plaintext yet.
    var readWanted = false
    /// Plaintext was fired since the last `channelReadComplete`.
    var delivered = false
    var discardedBytes = 0
    var closePromise: EventLoopPromise<Void>?
    var closeTimer: Scheduled<Void>?

    /// Makes the handler of one new connection.
    ///
    /// - Parameter context: usually ``TLSContextHolder/current``.
    /// - Throws: ``TLSFault`` if libssl has no memory, or a client's server name is malformed.
    public init(_ context: TLSContext) throws(TLSFault) {
        session = try TLSSession(context)
        closeDeadline = TimeAmount(context.configuration.closeDeadline)
    }

    /// Begins the handshake if the channel is active already.
    ///
    /// - Parameter context: the handler's place in the pipeline.
    public func handlerAdded(context: ChannelHandlerContext) {
        if context.channel.isActive {
            beginHandshake(context)
        }
    }

    /// Fails what was not sent.
    ///
    /// - Parameter context: the handler's place in the pipeline.
    public func handlerRemoved(context: ChannelHandlerContext) {
        becomeClosed()
    }

    /// Passes the event on, then begins the handshake.
    ///
    /// - Parameter context: the handler's place in the pipeline.
    public func channelActive(context: ChannelHandlerContext) {
        context.fireChannelActive()
        beginHandshake(context)
    }

    /// Reports a connection that ended without close_notify, then passes the event on.
    ///
    /// - Parameter context: the handler's place in the pipeline.
    public func channelInactive(context: ChannelHandlerContext) {
        let fault = truncation
        becomeClosed()
        if let fault {
            context.fireErrorCaught(fault)
        }
        context.fireChannelInactive()
    }

    /// Judges the end of input by what TLS says of it, and passes other events on.
    ///
    /// - Parameters:
    ///   - context: the handler's place in the pipeline.
    ///   - event: `ChannelEvent.inputClosed` is kept back: TLS has its own end of input.
    public func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch (event as? ChannelEvent, state) {
        case (.inputClosed, .waiting), (.inputClosed, .handshaking), (.inputClosed, .established):
            if truncation != nil {
                fail(context, .truncated)
            }
        case (.inputClosed, .closing):
            context.close(promise: nil)
        case (.outputClosed, .closing):
            return
        default:
            context.fireUserInboundEventTriggered(event)
        }
    }

    /// Goes on reading what the peer's unread output held up.
    ///
    /// - Parameter context: the handler's place in the pipeline.
    public func channelWritabilityChanged(context: ChannelHandlerContext) {
        context.fireChannelWritabilityChanged()
        if state == .established, readWanted, context.channel.isWritable {
            context.read()
        }
    }

    private func beginHandshake(_ context: ChannelHandlerContext) {
        guard state == .waiting else { return }
        state = .handshaking
        advance(context)
        if state == .handshaking {
            // The application may hold its reads; the handshake cannot wait for it.
            context.read()
        }
    }

    /// What an end of input at this moment means; `nil` if it is a proper one.
    private var truncation: TLSFault? {
        switch state {
        case .handshaking: .handshake(.truncated)
        case .established: peerFinished ? nil : .session(.truncated)
        case .waiting, .closing, .closed: nil
        }
    }

    private func becomeClosed() {
        state = .closed
        session = nil
        closeTimer?.cancel()
        closeTimer = nil
        failWrites(ChannelError.ioOnClosedChannel)
        closePromise?.succeed(())
        closePromise = nil
    }
}

/// Never crosses to another thread: a handler lives on its channel's event loop.
@available(*, unavailable)
extension TLSHandler: Sendable {}
