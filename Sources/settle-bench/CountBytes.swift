import ArgumentParser
import Foundation
import NIOCore
import NIOPosix
import Synchronization

/// `settle-bench count-bytes`.
struct CountBytes: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "count-bytes",
        abstract:
            "Stands between terminals and a server and counts the bytes that pass, both ways.",
        discussion: """
            Listens on a free port of 127.0.0.1, which it writes into --ready-file, and relays to \
            --to. At SIGTERM it prints JSON and ends.

            EXAMPLE
              settle-bench count-bytes --to 9600 --ready-file relay.port
            """)

    @Option(help: "The port of 127.0.0.1 that is relayed to.")
    var to: Int

    @Option(help: "The file that the own port is written into.")
    var readyFile: String

    func run() async throws {
        let group = MultiThreadedEventLoopGroup.singleton
        let count = ByteCount()
        let to = to
        let server = try await ServerBootstrap(group: group)
            .childChannelOption(.autoRead, value: false)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { terminal in
                ClientBootstrap(group: terminal.eventLoop)
                    .channelOption(.autoRead, value: false)
                    .channelOption(.tcpOption(.tcp_nodelay), value: 1)
                    .connect(host: "127.0.0.1", port: to)
                    .flatMapThrowing { server in
                        try terminal.pipeline.syncOperations.addHandler(
                            Relay(to: server) { count.add(toServer: $0) })
                        try server.pipeline.syncOperations.addHandler(
                            Relay(to: terminal) { count.add(toTerminal: $0) })
                        for channel in [terminal, server] {
                            try channel.syncOptions?.setOption(.autoRead, value: true)
                        }
                    }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        guard let port = server.localAddress?.port else { throw BenchFault("no port") }
        await terminated {
            try? "\(port)\n".write(toFile: readyFile, atomically: true, encoding: .utf8)
        }
        try await server.close()
        print("{\"toServer\": \(count.toServer), \"toTerminal\": \(count.toTerminal)}")
    }
}

/// Returns at SIGTERM, which is caught from before `ready` is called.
private func terminated(ready: () -> Void) async {
    signal(SIGTERM, SIG_IGN)
    let source = DispatchSource.makeSignalSource(signal: SIGTERM)
    let (signals, continuation) = AsyncStream<Void>.makeStream()
    source.setEventHandler { continuation.finish() }
    source.activate()
    ready()
    for await _ in signals {}
    source.cancel()
}

/// Bytes that have passed.
private final class ByteCount: Sendable {
    private let passed = Mutex((toServer: 0, toTerminal: 0))

    var toServer: Int { passed.withLock { $0.toServer } }
    var toTerminal: Int { passed.withLock { $0.toTerminal } }

    func add(toServer bytes: Int) { passed.withLock { $0.toServer += bytes } }
    func add(toTerminal bytes: Int) { passed.withLock { $0.toTerminal += bytes } }
}

/// Passes on what comes from one channel to another of the same event loop.
private final class Relay: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let other: any Channel
    private let count: (Int) -> Void

    init(to other: any Channel, count: @escaping (Int) -> Void) {
        self.other = other
        self.count = count
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = unwrapInboundIn(data)
        count(bytes.readableBytes)
        other.write(bytes, promise: nil)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        other.flush()
    }

    func channelInactive(context: ChannelHandlerContext) {
        other.close(promise: nil)
        context.fireChannelInactive()
    }
}
