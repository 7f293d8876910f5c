import CardSecurity
import Ledger
import NIOCore
import NIOPosix
import SettlementDomain
import SettlementProtocol
import Synchronization

/// A signed-on terminal's connection to the daemon.
///
/// Any number of tasks may ask at once; requests are pipelined and matched by request id. Nothing
/// is retried here: `Terminal` does that.
public final class TerminalConnection: Sendable {
    /// What a connection is set up with beside the credentials.
    public struct Options: Sendable {
        /// The longest waits.
        public var deadlines: FrameExchange.Deadlines
        /// The ciphers that the terminal can make PIN blocks with, best first.
        public var pinAlgorithms: [PINKeyAlgorithm]
        /// Vendor, product, version, for the daemon's log; at most 100 bytes.
        public var software: String
        /// The terminal's clock.
        public var clock: TerminalClock

        /// Creates options.
        public init(
            deadlines: FrameExchange.Deadlines = .init(),
            pinAlgorithms: [PINKeyAlgorithm] = [.aes128, .sm4],
            software: String = "settled SettlementClient", clock: TerminalClock = .system
        ) {
            self.deadlines = deadlines
            self.pinAlgorithms = pinAlgorithms
            self.software = software
            self.clock = clock
        }
    }

    /// The terminal that signed on.
    public let terminal: TerminalID
    /// What the daemon granted at sign-on.
    public let grant: SignOnGrant
    let exchange: FrameExchange
    let clock: TerminalClock
    private let sealer: SessionSealer?
    private let date: Mutex<CivilDate>

    private init(
        _ exchange: FrameExchange, terminal: TerminalID, grant: SignOnGrant, date: CivilDate,
        sealer: SessionSealer?, clock: TerminalClock
    ) {
        self.exchange = exchange
        self.terminal = terminal
        self.grant = grant
        self.sealer = sealer
        self.clock = clock
        self.date = Mutex(date)
    }

    /// Connects, signs on, unwraps the session's PIN key and proves its check value.
    ///
    /// - Parameters:
    ///   - credentials: who signs on.
    ///   - address: where; `credentials.address()` makes it, once for any number of connections.
    ///   - loop: the event loop that the connection lives on.
    ///   - options: deadlines, ciphers, clock.
    /// - Returns: the connection, signed on.
    /// - Throws: `ClientFault`; `signOnRefused` with the daemon's code and reason.
    public static func open(
        _ credentials: TerminalCredentials, at address: ServerAddress,
        on loop: any EventLoop = MultiThreadedEventLoopGroup.singleton.next(),
        options: Options = Options()
    ) async throws(ClientFault) -> TerminalConnection {
        let exchange = try await FrameExchange.connect(
            to: address, on: loop, deadlines: options.deadlines)
        do throws(ClientFault) {
            return try await signOn(credentials, exchange, options)
        } catch {
            await exchange.close()
            throw error
        }
    }

    private static func signOn(
        _ credentials: TerminalCredentials, _ exchange: FrameExchange, _ options: Options
    ) async throws(ClientFault) -> TerminalConnection {
        let checkValue: [UInt8]
        do throws(CardSecurityFault) {
            checkValue = try TerminalMasterKey.checkValue(of: credentials.masterKey).bytes
        } catch {
            throw .pinKey(error.description)
        }
        let request = SignOnRequest(
            header: RequestHeader(
                businessDate: nil, stan: 0, terminalTime: options.clock.seconds()),
            terminal: credentials.terminal, pinAlgorithms: options.pinAlgorithms,
            software: options.software, masterKeyCheckValue: checkValue)
        let response = try await ask(
            exchange, kind: .signOn, body: RequestEncoder.signOn(request))
        let granted = try SignOnAnswer(response)
        return TerminalConnection(
            exchange, terminal: credentials.terminal, grant: granted.grant, date: granted.date,
            sealer: try SessionSealer(granted.grant, masterKey: credentials.masterKey),
            clock: options.clock)
    }

    /// The business date that goes into new requests: the daemon's, as last heard.
    public var businessDate: CivilDate { date.withLock { $0 } }

    /// A header for a new request under this STAN, with the business date and the time of now.
    public func header(stan: UInt32) -> RequestHeader {
        RequestHeader(businessDate: businessDate, stan: stan, terminalTime: clock.seconds())
    }

    /// A header for a request whose answer is not recorded.
    var unkeyedHeader: RequestHeader { header(stan: 0) }

    /// The PIN block of a PIN under the session's key; nil for nil.
    ///
    /// - Throws: `pinUnusable` for a PIN that has not 4 to 12 digits, and in a session without key.
    public func pinBlock(_ pin: String?, card: CardNumber) throws(ClientFault) -> [UInt8]? {
        guard let pin else { return nil }
        guard let sealer else {
            throw .pinUnusable("the session of terminal \(terminal) has no PIN key")
        }
        return try sealer.block(pin: pin, card: card)
    }

    /// Makes PIN blocks under the key of a sign-on, for one task or loop; nil where it has no key.
    ///
    /// - Throws: `pinKey` where the key cannot be unwrapped or its check value differs.
    public static func sealer(
        _ grant: SignOnGrant, masterKey: SecretBytes
    ) throws(ClientFault) -> sending PINSealer? {
        try SessionSealer.sealer(grant, masterKey: masterKey)
    }

    /// Ends the connection without signing off; what is in flight fails.
    public func close() async {
        await exchange.close()
    }

    /// Sends a request and reads its response; keeps the daemon's business date.
    func ask(_ kind: RequestKind, _ body: [UInt8]) async throws(ClientFault) -> TerminalResponse {
        let response = try await Self.ask(exchange, kind: kind, body: body, terminal: terminal)
        if let told = response.result.businessDate {
            date.withLock { date in date = max(date, told) }
        }
        return response
    }

    static func ask(
        _ exchange: FrameExchange, kind: RequestKind, body: [UInt8], terminal: TerminalID? = nil
    ) async throws(ClientFault) -> TerminalResponse {
        let frame = try await exchange.request(kind: kind.rawValue, body: body)
        guard frame.kind == kind.responseKind else {
            throw .protocolViolation("a frame of kind \(frame.kind) for one of \(kind.rawValue)")
        }
        do throws(ResponseFault) {
            return try ResponseDecoder.decode(frame, terminal: terminal)
        } catch {
            throw .response(error)
        }
    }
}

/// A sign-on's answer with what every granted one must have.
struct SignOnAnswer {
    var grant: SignOnGrant
    var date: CivilDate

    init(_ response: TerminalResponse) throws(ClientFault) {
        guard response.result.code.isApproval, case .signOn(let grant) = response.payload else {
            throw .signOnRefused(response.result)
        }
        guard let date = response.result.businessDate else {
            throw .protocolViolation("sign-on without business date")
        }
        self.grant = grant
        self.date = date
    }
}
