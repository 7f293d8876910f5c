import NIOCore
import NIOPosix
import SettlementProtocol

/// A connection on which any number of tasks ask and wait, each for the answer of its request id.
public final class FrameExchange: Sendable {
    /// The longest times that a connection waits.
    public struct Deadlines: Sendable {
        /// From the start of connecting until frames may be sent; default 10 s.
        public var opening: Duration
        /// From sending a request until its answer; default 30 s.
        ///
        /// The connection is closed when it passes: nothing on it can be trusted to be alive.
        public var answer: Duration

        /// Creates deadlines, each above zero.
        public init(opening: Duration = .seconds(10), answer: Duration = .seconds(30)) {
            self.opening = opening
            self.answer = answer
        }
    }

    private let channel: any Channel
    private let table: NIOLoopBound<RequestTable>
    private let deadlines: Deadlines

    private init(
        _ channel: any Channel, _ table: NIOLoopBound<RequestTable>, _ deadlines: Deadlines
    ) {
        self.channel = channel
        self.table = table
        self.deadlines = deadlines
    }

    /// Opens a connection; with TLS, after its handshake.
    public static func connect(
        to address: ServerAddress,
        on loop: any EventLoop = MultiThreadedEventLoopGroup.singleton.next(),
        deadlines: Deadlines = Deadlines()
    ) async throws(ClientFault) -> FrameExchange {
        let opened = loop.makePromise(of: Void.self)
        let timeout = loop.scheduleTask(in: TimeAmount(deadlines.opening)) {
            opened.fail(ClientFault.timedOut("connecting to \(address.text)"))
        }
        defer { timeout.cancel() }
        let exchange: FrameExchange
        do {
            exchange = try await dial(address, on: loop, deadlines, opened)
        } catch {
            opened.fail(error)
            throw (error as? ClientFault)
                ?? .unreachable(address: address.text, problem: Self.problem(error))
        }
        do {
            try await opened.futureResult.get()
        } catch {
            exchange.channel.close(promise: nil)
            throw (error as? ClientFault) ?? .cut("\(error)")
        }
        return exchange
    }

    /// Sends a request and waits for its answer's frame.
    ///
    /// Requests made in one tick of the event loop are sent in one flush.
    public func request(
        kind: UInt8, body: [UInt8]
    ) async throws(ClientFault) -> Frame {
        let answer: Result<Frame, ClientFault> = await withCheckedContinuation { continuation in
            channel.eventLoop.execute {
                self.table.value.ask(
                    kind: kind, body: body, deadline: self.deadlines.answer, continuation)
            }
        }
        return try answer.get()
    }

    /// Ends the connection and waits until it has ended; what is in flight fails.
    public func close() async {
        channel.close(promise: nil)
        try? await channel.closeFuture.get()
    }

    private static func dial(
        _ address: ServerAddress, on loop: any EventLoop, _ deadlines: Deadlines,
        _ opened: EventLoopPromise<Void>
    ) async throws -> FrameExchange {
        let install: @Sendable (any Channel) -> EventLoopFuture<FrameExchange> = { channel in
            channel.eventLoop.makeCompletedFuture {
                let table = RequestTable(channel.eventLoop, opened)
                try FramePort.install(table, in: channel, to: address)
                return FrameExchange(
                    channel, NIOLoopBound(table, eventLoop: channel.eventLoop), deadlines)
            }
        }
        let bootstrap = ClientBootstrap(group: loop)
            .connectTimeout(TimeAmount(deadlines.opening))
        switch address {
        case .tls(let host, let port, _):
            return
                try await bootstrap
                .channelOption(.tcpOption(.tcp_nodelay), value: 1)
                .connect(host: host, port: port, channelInitializer: install)
        case .local(let path):
            return try await bootstrap.connect(
                unixDomainSocketPath: path, channelInitializer: install)
        }
    }

    /// A connection error in a few words.
    static func problem(_ error: any Error) -> String {
        switch error {
        case let error as NIOConnectionError:
            if let last = error.connectionErrors.last {
                return problem(last.error)
            }
            return "the name cannot be resolved"
        case let error as IOError:
            return String(cString: strerror(error.errnoCode))
        case ChannelError.connectTimeout: return "no answer to the connection attempt in time"
        default: return "\(error)"
        }
    }
}
