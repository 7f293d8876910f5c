import Ledger
import NIOCore
import NIOEmbedded
import SettlementDomain
import SettlementProtocol
import Synchronization
import TLSChannel

@testable import SettlementServer

/// A sink that keeps what it is offered, or refuses it.
final class FakeSink: RequestSink {
    private struct State {
        var ticks: [[PendingRequest]] = []
        var admission = Admission.accepted
        var room = Int.max
    }

    private let state = Mutex(State())

    /// What was accepted, a tick each.
    var ticks: [[PendingRequest]] { state.withLock { $0.ticks } }

    /// So many more would be taken, it says; what it does is ``answer(with:)``'s.
    var room: Int {
        get { state.withLock { $0.room } }
        set { state.withLock { $0.room = newValue } }
    }

    func answer(with admission: Admission) { state.withLock { $0.admission = admission } }

    func offer(_ requests: [PendingRequest]) -> Admission {
        state.withLock { state in
            if state.admission == .accepted { state.ticks.append(requests) }
            return state.admission
        }
    }
}

/// One connection of a terminal on an embedded channel, in place of socket and TLS.
final class ConnectionBench {
    let channel: EmbeddedChannel
    let loop: ServerLoop
    let sink = FakeSink()
    let registry = MetricsRegistry()
    let around: ConnectionSurroundings
    let handler: ConnectionHandler

    /// A queue takes the place of the bench's own sink where one is given.
    init(
        limits: Limits = Limits(), kind: ConnectionHandler.Kind = .terminal,
        queue: CommitQueue? = nil
    ) throws {
        let channel = EmbeddedChannel()
        self.channel = channel
        loop = ServerLoop(
            index: 0, eventLoop: channel.eventLoop, handshakesMax: limits.handshakesMax)
        let session = SessionSurroundings(
            references: ReferenceHolder(ReferenceSnapshot(Site.reference)), clock: FakeClock(),
            vault: FakeVault(), sha256: Digest.sha256, limits: limits)
        around = ConnectionSurroundings(
            session: session, sink: queue ?? sink, metrics: ServerMetrics(factory: registry),
            reconcile: { _, _, _ in }
        ) { _, _, _, _ in }
        handler = ConnectionHandler(
            kind: kind, peer: "test", around: around, loop: loop, logger: Site.logger)
        try channel.pipeline.syncOperations.addHandler(handler)
        try channel.connect(to: SocketAddress(unixDomainSocketPath: "/test")).wait()
    }

    /// One connection more, on the same event loop.
    func another() throws -> EmbeddedChannel {
        let another = EmbeddedChannel(loop: channel.embeddedEventLoop)
        try another.pipeline.syncOperations.addHandler(
            ConnectionHandler(
                kind: .terminal, peer: "test", around: around, loop: loop, logger: Site.logger))
        try another.connect(to: SocketAddress(unixDomainSocketPath: "/test")).wait()
        channel.embeddedEventLoop.run()
        return another
    }

    /// TLS is established with this terminal's certificate.
    func handshake(_ terminal: TerminalID = Site.pharmacy) {
        Self.announce(terminal, on: channel)
    }

    /// The same on another connection.
    static func announce(_ terminal: TerminalID, on channel: EmbeddedChannel) {
        channel.pipeline.fireUserInboundEventTriggered(
            TLSHandshakeCompleted(
                alpn: "settle/1",
                peerCertificate: PeerCertificate(
                    commonName: terminal.text, organization: "P99010000001",
                    subject: "CN=\(terminal)", issuer: "CN=test",
                    uris: ["urn:settled:terminal:\(terminal)"], serialHex: "01",
                    sha256Fingerprint: "", notBefore: 0, notAfter: 0)))
    }

    /// The frames that were sent on a connection since the last look.
    static func frames(_ channel: EmbeddedChannel) throws -> [Frame] {
        var decoder = FrameDecoder(.responses)
        while let bytes = try channel.readOutbound(as: ByteBuffer.self) { decoder.append(bytes) }
        var frames: [Frame] = []
        while let frame = try decoder.next() { frames.append(frame) }
        return frames
    }

    func signOn() throws {
        handshake()
        let request = SignOnRequest(
            header: Site.header(stan: 0), terminal: Site.pharmacy, software: "test")
        try receive(Self.frame(.signOn, 1_000_000, RequestEncoder.signOn(request)))
        _ = try answers()
    }

    static func frame(_ kind: RequestKind, _ id: UInt32, _ body: [UInt8]) -> ByteBuffer {
        var buffer = ByteBuffer()
        FrameEncoder.append(kind: kind.rawValue, requestID: id, body: body, to: &buffer)
        return buffer
    }

    static func settle(_ id: UInt32) -> ByteBuffer {
        frame(
            .settle, id,
            RequestEncoder.settle(
                Site.header(stan: id), Site.purchase(), pinBlock: Array(repeating: 7, count: 16)))
    }

    static func echo(_ id: UInt32) -> ByteBuffer {
        frame(.echo, id, RequestEncoder.echo(Site.header(stan: 0)))
    }

    /// One read of these bytes.
    func receive(_ buffers: ByteBuffer...) throws {
        var whole = ByteBuffer()
        for buffer in buffers { whole.writeImmutableBuffer(buffer) }
        try channel.writeInbound(whole)
    }

    /// What was sent since the last look: each flush a list of frames.
    func flushes() throws -> [[Frame]] {
        var flushes: [[Frame]] = []
        while let bytes = try channel.readOutbound(as: ByteBuffer.self) {
            var decoder = FrameDecoder(.responses)
            decoder.append(bytes)
            var frames: [Frame] = []
            while let frame = try decoder.next() { frames.append(frame) }
            flushes.append(frames)
        }
        return flushes
    }

    /// Request id, code and reason of what was sent since the last look.
    func answers() throws -> [(id: UInt32, code: ResponseCode, reason: Reason)] {
        try flushes().flatMap { $0 }.map { frame in
            let result = try ResponseDecoder.decode(frame).result
            return (frame.requestID, result.code, result.reason)
        }
    }

    /// Answers everything that was submitted in a tick.
    func reply(to tick: [PendingRequest]) {
        let body = ResponseEncoder.result(
            code: .approved, reason: .none, businessDate: Site.today, time: Site.millis)
        loop.table.value.deliver(
            tick.map {
                Reply(
                    origin: $0.origin, body: body, code: .approved, reason: .none,
                    arrived: $0.arrived)
            }[...])
        channel.embeddedEventLoop.run()
    }

    func advance(by time: TimeAmount) { channel.embeddedEventLoop.advanceTime(by: time) }
}
