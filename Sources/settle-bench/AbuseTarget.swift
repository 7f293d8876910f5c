import CardSecurity
import Foundation
import Ledger
import NIOCore
import NIOPosix
import SettlementClient
import SettlementDomain
import SettlementProtocol
import TLSChannel

/// A daemon that is abused, with the certificates and cards that it is done with.
struct AbuseTarget: Sendable {
    private let credentials: [TerminalCredentials]
    private let contexts: [TLSContext]
    private let anonymous: TLSContext
    private let cards: [BenchCard]
    private let host: String
    private let port: Int
    private let loop: any EventLoop = MultiThreadedEventLoopGroup.singleton.next()

    /// Terminals whose certificates are used: behind those that a load generator uses.
    private static let terminalsMost = 64

    init(terminals: String, cards: String, port: Int?) throws {
        let known = try TerminalCredentials.all(in: terminals)
        guard let first = known.first else { throw BenchFault("\(terminals): no credentials") }
        credentials = Array(known.suffix(Self.terminalsMost))
        contexts = try credentials.map { try TLSContext($0.configuration) }
        var nameless = first.configuration
        nameless.identity = nil
        anonymous = try TLSContext(nameless)
        // The first fifth is for good terminals.
        let all = try BenchCards.read(cards, most: 100_000)
        self.cards = Array(all.dropFirst(all.count / 5))
        host = first.host
        self.port = port ?? first.port
    }

    /// Does it once; returns when it is over.
    func abuse(_ kind: Abuse.Kind, peer: Int, _ tally: AbuseTally) async throws {
        let own = peer % contexts.count
        switch kind {
        case .handshakes: try await handshake(contexts[own], tally)
        case .anonymous: try await handshake(anonymous, tally)
        case .hellos:
            let channel = try await connect(anonymous) { [Deaf()] }
            try await over(channel, tally)
        case .silent: try await over(try await connect(nil) { [] }, tally)
        case .certificate: try await over(try await connect(contexts[0]) { [] }, tally)
        case .unread: try await unread(own, tally)
        case .trickle: try await trickle(own, tally)
        case .oversized: try await oversized(own, tally)
        case .guesses: try await guess(own, tally)
        }
    }

    private func handshake(_ context: TLSContext, _ tally: AbuseTally) async throws {
        let exchange = try await FrameExchange.connect(
            to: .tls(host: host, port: port, context), on: loop)
        tally.done()
        await exchange.close()
    }

    /// Waits until the daemon has ended the connection, or the time is over.
    private func over(_ channel: any Channel, _ tally: AbuseTally) async throws {
        tally.opened()
        let end = loop.scheduleTask(in: tally.remaining) { channel.close(promise: nil) }
        try await channel.closeFuture.get()
        end.cancel()
        tally.closed()
        tally.done()
    }

    private func connect(
        _ context: TLSContext?,
        before handlers: @escaping @Sendable () -> [any ChannelHandler & Sendable]
    ) async throws -> any Channel {
        try await ClientBootstrap(group: loop)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.addHandlers(handlers())
                    if let context { try pipeline.addHandler(TLSHandler(context)) }
                    try pipeline.addHandler(Quiet())
                }
            }
            .connect(host: host, port: port).get()
    }

    /// A signed-on connection on which bytes are written as they are.
    private func signedOn(_ own: Int) async throws -> any Channel {
        let channel = try await connect(contexts[own]) { [] }
        let request = SignOnRequest(
            header: RequestHeader(businessDate: nil, stan: 0, terminalTime: 0),
            terminal: credentials[own].terminal, software: "settle-bench abuse")
        var frame = ByteBuffer()
        FrameEncoder.append(
            kind: RequestKind.signOn.rawValue, requestID: 1,
            body: RequestEncoder.signOn(request), to: &frame)
        try await channel.writeAndFlush(frame)
        return channel
    }

    private func unread(_ own: Int, _ tally: AbuseTally) async throws {
        let channel = try await signedOn(own)
        try await channel.setOption(.autoRead, value: false).get()
        let page = CatalogPageRequest(
            header: RequestHeader(businessDate: nil, stan: 0, terminalTime: 0), version: nil,
            firstIndex: 0, count: nil)
        var frames = ByteBuffer()
        for id in 2...5_000 as ClosedRange<UInt32> {
            FrameEncoder.append(
                kind: RequestKind.catalogPage.rawValue, requestID: id,
                body: RequestEncoder.catalogPage(page), to: &frames)
        }
        channel.writeAndFlush(frames, promise: nil)
        try await over(channel, tally)
    }

    private func trickle(_ own: Int, _ tally: AbuseTally) async throws {
        let channel = try await signedOn(own)
        tally.opened()
        channel.writeAndFlush(ByteBuffer(bytes: [0, 0, 0xff, 0xff]), promise: nil)
        while !tally.isOver, channel.isActive {
            channel.writeAndFlush(ByteBuffer(bytes: [1]), promise: nil)
            try? await Task.sleep(for: .milliseconds(100))
        }
        try? await channel.close()
        tally.closed()
        tally.done()
    }

    private func oversized(_ own: Int, _ tally: AbuseTally) async throws {
        let channel = try await signedOn(own)
        var bytes = ByteBuffer(bytes: [0xff, 0xff, 0xff, 0xff])
        bytes.writeRepeatingByte(0x55, count: 1_000_000)
        channel.writeAndFlush(bytes, promise: nil)
        try await over(channel, tally)
    }

    private func guess(_ own: Int, _ tally: AbuseTally) async throws {
        let terminal = try await TerminalConnection.open(
            credentials[own], at: .tls(host: host, port: port, contexts[own]), on: loop)
        tally.opened()
        defer { tally.closed() }
        // Numbers that no earlier run of this date has used, most likely.
        var stan = UInt32.random(in: 1...500_000)
        while !tally.isOver {
            let card = cards[Int.random(in: cards.indices)]
            stan += 1
            _ = try await terminal.inquire(
                card: card.number, pin: card.pin == "000000" ? "111111" : "000000",
                terminal.header(stan: stan))
            tally.done()
        }
        await terminal.close()
    }
}

/// Takes whatever comes and closes nothing by itself.
private final class Quiet: ChannelInboundHandler, Sendable {
    typealias InboundIn = ByteBuffer

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {}

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}

/// Lets nothing through to TLS; closes the connection when something has come.
private final class Deaf: ChannelInboundHandler, Sendable {
    typealias InboundIn = ByteBuffer

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        context.close(promise: nil)
    }
}
