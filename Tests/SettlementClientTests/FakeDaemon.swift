import CardSecurity
import CertificateAuthority
import Foundation
import Ledger
import NIOCore
import NIOPosix
import SettlementClient
import SettlementDomain
import SettlementProtocol
import Synchronization
import TLSChannel

/// A daemon's front without a ledger: takes sign-ons, and answers the rest as a test says.
final class FakeDaemon: Sendable {
    /// What it does with a request.
    enum Reaction: Sendable {
        /// Answers.
        case answer([UInt8])
        /// Answers nothing, and closes the connection.
        case cut
        /// Answers nothing.
        case ignore
        /// Sends these bytes, whatever they are.
        case bytes([UInt8])
    }

    /// A request as it was decoded, with the frame's id.
    struct Seen: Sendable {
        var request: TerminalRequest
        var requestID: UInt32
        var connection: Int
    }

    private struct State {
        var seen: [Seen] = []
        var connections = 0
        var opener: [Int: SecretBytes] = [:]
    }

    typealias React = @Sendable (Seen) -> Reaction

    let masterKey: SecretBytes
    let port: Int
    let businessDate: CivilDate
    var role: Role { .pharmacy }
    private let react: React
    private let state = Mutex(State())
    private let group = MultiThreadedEventLoopGroup.singleton
    private let listener = Mutex<(any Channel)?>(nil)

    static let time: Int64 = 1_795_392_000_000

    /// Listens on a free port of loopback.
    init(
        _ context: TLSContext, masterKey: SecretBytes, businessDate: CivilDate,
        react: @escaping React
    ) async throws {
        self.masterKey = masterKey
        self.businessDate = businessDate
        self.react = react
        let owner = Mutex<FakeDaemon?>(nil)
        let shared = Owner(owner)
        let channel = try await ServerBootstrap(group: group)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    guard let daemon = shared.daemon.withLock({ $0 }) else {
                        throw ChannelError.ioOnClosedChannel
                    }
                    try channel.pipeline.syncOperations.addHandlers(
                        TLSHandler(context), FakeDaemonHandler(daemon, daemon.opened()))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        port = channel.localAddress?.port ?? 0
        listener.withLock { $0 = channel }
        shared.daemon.withLock { $0 = self }
    }

    private final class Owner: Sendable {
        let daemon: Mutex<FakeDaemon?>

        init(_ daemon: consuming sending Mutex<FakeDaemon?>) {
            self.daemon = daemon
        }
    }

    func stop() async {
        let channel = listener.withLock { $0 }
        try? await channel?.close()
    }

    /// Requests after sign-on, in order of arrival.
    var seen: [Seen] { state.withLock { $0.seen } }

    /// Connections that were made.
    var connections: Int { state.withLock { $0.connections } }

    /// The session PIN key of a connection.
    func pinKey(of connection: Int) -> SecretBytes? { state.withLock { $0.opener[connection] } }

    fileprivate func opened() -> Int {
        state.withLock { state in
            state.connections += 1
            return state.connections
        }
    }

    fileprivate func take(_ frame: Frame, _ connection: Int) throws -> Reaction {
        let request = try RequestDecoder.decode(frame.kind, frame.body)
        if case .signOn(let signOn) = request { return .answer(try granted(signOn, connection)) }
        let seen = Seen(request: request, requestID: frame.requestID, connection: connection)
        state.withLock { $0.seen.append(seen) }
        return react(seen)
    }

    private func granted(_ request: SignOnRequest, _ connection: Int) throws -> [UInt8] {
        let algorithm = request.pinAlgorithms.first ?? .aes128
        let key = try SecretBytes.random(count: PINAlgorithm.keyBytes)
        state.withLock { $0.opener[connection] = key }
        let wrapped = try WrappedPINKey(
            wrapping: key, masterKey: masterKey,
            algorithm: PINAlgorithm(rawValue: algorithm.rawValue) ?? .aes128)
        guard let institution = InstitutionID("P31010400001") else {
            throw ChannelError.ioOnClosedChannel
        }
        let grant = SignOnGrant(
            wrappedPINKey: wrapped.wrapped, pinKeyCheckValue: wrapped.checkValue,
            pinAlgorithm: algorithm, catalogVersion: CatalogVersion(rawValue: 1),
            catalogEntries: 2, policyVersion: PolicyVersion(rawValue: 1), role: role,
            institution: institution, institutionName: "Lane Pharmacy", idleSeconds: 120,
            frameBytesMax: 65_536, inFlightMax: 256)
        return ResponseEncoder.signOn(grant, approved)
    }

    /// The result fields of an approval.
    var approved: ResultFields {
        ResultFields(code: .approved, businessDate: businessDate, time: Self.time)
    }
}

private final class FakeDaemonHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let daemon: FakeDaemon
    private let connection: Int
    private var decoder = FrameDecoder(.requests)

    init(_ daemon: FakeDaemon, _ connection: Int) {
        self.daemon = daemon
        self.connection = connection
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        decoder.append(unwrapInboundIn(data))
        var out = ByteBuffer()
        do {
            while let frame = try decoder.next() {
                switch try daemon.take(frame, connection) {
                case .answer(let body):
                    FrameEncoder.append(
                        kind: frame.kind | Frame.responseBit, requestID: frame.requestID,
                        body: body, to: &out)
                case .bytes(let bytes): out.writeBytes(bytes)
                case .ignore: break
                case .cut:
                    context.close(promise: nil)
                    return
                }
            }
        } catch {
            context.close(promise: nil)
            return
        }
        if out.readableBytes > 0 { context.writeAndFlush(wrapOutboundOut(out), promise: nil) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}
