import Ledger
import Logging
import NIOCore
import SettlementDomain
import SettlementProtocol
import TLSChannel

/// Carries out what one connection's session decides: bytes to frames, answers to bytes, limits.
///
/// The last handler of its pipeline, on the plaintext side of TLS. What the session answers within
/// one read is written at once, and what it submits is offered to the sink at once.
final class ConnectionHandler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// Which socket the connection came from.
    enum Kind: Sendable { case terminal, localOperator }

    let kind: Kind
    let around: ConnectionSurroundings
    let loop: ServerLoop
    var context: ChannelHandlerContext?
    var phase = Phase.opening
    /// The connection's place in the loop's table, while it has one.
    var ticket: ConnectionTicket?
    /// Who may ask what; there is one from the moment that the peer is known.
    var session: TerminalSession?
    var decoder: FrameDecoder
    var deadlines: Deadlines
    var timer: DeadlineTimer?
    /// What a revocation list would name the peer by, once TLS has verified it.
    private(set) var certificate: CertificateNumber?
    /// Who has signed on.
    var terminal: TerminalID?
    /// What the connection is counted under among those of its certificate.
    private var counted: String?
    private let peer: String
    private let serverLogger: Logger
    /// Frames to send, flushed at the end of a tick.
    var outgoing = ByteBuffer()
    /// Requests to submit at the end of a tick.
    var submitting: [PendingRequest] = []
    /// A read that was asked for while reading is held.
    var readIsHeld = false
    var wholeFrames = 0
    /// Frames wait for the next turn of the event loop.
    var isYielding = false

    /// How far the connection is.
    enum Phase {
        /// Before the peer is known: TCP, then TLS.
        case opening
        case serving
        /// Everything is said; what was written is being flushed.
        case closing
        case closed
    }

    /// Log lines name the other end as `peer`.
    init(
        kind: Kind, peer: String, around: ConnectionSurroundings, loop: ServerLoop, logger: Logger
    ) {
        self.kind = kind
        self.peer = peer
        serverLogger = logger
        self.around = around
        self.loop = loop
        deadlines = Deadlines(around.session.limits.deadlines)
        decoder = FrameDecoder(
            .requests,
            lengthMax: kind == .terminal
                ? UInt32(around.session.limits.frameBytesMax)
                : UInt32(Limits.operatorFrameBytesMax))
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        timer = DeadlineTimer(eventLoop: context.eventLoop) { [weak self] in
            self?.timerFired(at: $0)
        }
        if context.channel.isActive { opened(at: context.eventLoop.now) }
    }

    func channelActive(context: ChannelHandlerContext) {
        opened(at: context.eventLoop.now)
        context.fireChannelActive()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let completed = event as? TLSHandshakeCompleted {
            let named = CertificateProfile.terminal(of: completed.peerCertificate)
            certificate = completed.peerCertificate.number
            serve(.terminal(named))
            count(under: named?.text ?? completed.peerCertificate.serialHex)
        }
        context.fireUserInboundEventTriggered(event)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard phase == .serving else { return }
        decoder.append(unwrapInboundIn(data))
        receiveFrames()
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        endTick()
        context.fireChannelReadComplete()
    }

    func read(context: ChannelHandlerContext) {
        guard mayRead else {
            readIsHeld = true
            return
        }
        context.read()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        deadlines.writability(
            isWritable: context.channel.isWritable, at: context.eventLoop.now)
        if !context.channel.isWritable { around.metrics.limitReached("unwritable") }
        resume()
        context.fireChannelWritabilityChanged()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch error {
        case TLSFault.handshake(let failure):
            around.metrics.tlsFailed(failure.label)
            log(.warning, "connection refused", failure.label, ["reason": "\(failure)"])
        case TLSFault.session(let failure):
            around.metrics.tlsFailed(failure.label)
            log(.info, "connection failed", failure.label, ["reason": "\(failure)"])
        default:
            log(.info, "connection failed", "system", ["reason": "\(error)"])
            context.close(promise: nil)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        finish()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        finish()
        self.context = nil
    }

    /// Names who is at the other end; made for each line, as a connection that says nothing needs none.
    var logger: Logger {
        var logger = serverLogger
        logger[metadataKey: "peer"] = "\(peer)"
        if let certificate { logger[metadataKey: "certificate"] = "\(certificate.serialHex)" }
        if let terminal { logger[metadataKey: "terminal"] = "\(terminal)" }
        return logger
    }

    /// Logs what a peer can bring about as often as it likes; `kind` is a fixed word, and each message
    /// has a budget of lines for each.
    func log(
        _ level: Logger.Level, _ message: String, _ kind: String, _ metadata: Logger.Metadata
    ) {
        let now = loop.eventLoop.now
        guard let unlogged = loop.lines.value.take("\(message) \(kind)", at: now) else { return }
        var metadata = metadata
        if unlogged > 0 { metadata["unlogged_before"] = "\(unlogged)" }
        logger.log(level: level, "\(message)", metadata: metadata)
    }

    private func opened(at now: NIODeadline) {
        guard phase == .opening, ticket == nil else { return }
        let ticket = loop.table.value.insert(self)
        self.ticket = ticket
        if kind == .localOperator {
            serve(.localOperator)
        } else {
            if let oldest = loop.handshakes.value.begin(ticket) {
                around.metrics.limitReached("handshakes")
                loop.table.value[oldest]?.cut()
            }
            deadlines.connected(at: now)
            timer?.arm(for: deadlines.next)
        }
    }

    /// Ends the connection where its certificate has as many as it may.
    private func count(under owner: String) {
        guard phase == .serving else { return }
        if around.session.certificates.acquire(owner) {
            counted = owner
        } else {
            around.metrics.limitReached("connections_per_certificate")
            session?.tooManyConnections()
            endTick()
        }
    }

    private func serve(_ peer: SessionPeer) {
        guard phase == .opening, let context else { return }
        if let ticket { loop.handshakes.value.end(ticket) }
        deadlines.established(at: context.eventLoop.now)
        if peer == .localOperator { deadlines.signedOn() }
        session = TerminalSession(peer: peer, surroundings: around.session)
        phase = .serving
        timer?.arm(for: deadlines.next)
        if around.isDraining.isSet { drain() }
    }

    private func finish() {
        release()
        if let ticket {
            loop.handshakes.value.end(ticket)
            loop.table.value.remove(ticket)
        }
        ticket = nil
        phase = .closed
        outgoing = ByteBuffer()
        submitting = []
    }

    /// Gives back what a served connection holds; its place in the table stays until it is closed,
    /// so that a connection that is slow to close can still be cut.
    func release() {
        timer?.stop()
        timer = nil
        session?.close()
        session = nil
        if let counted { around.session.certificates.release(counted) }
        counted = nil
    }
}

/// Never crosses to another thread: a handler lives on its channel's event loop.
@available(*, unavailable)
extension ConnectionHandler: Sendable {}
