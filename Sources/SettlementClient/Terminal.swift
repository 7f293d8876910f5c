import Ledger
import NIOCore
import NIOPosix
import SettlementDomain
import SettlementProtocol

/// A terminal as its cashier wants it: it signs on by itself, numbers its requests, and after a cut
/// connection asks again under the same key until it has an answer; what it gives up it reverses.
///
/// A sale is never sent under a new key by itself. With a file of open items nothing is forgotten: a
/// request is on disk before it is sent, and stays there until its fate is known, across restarts.
public actor Terminal {
    /// How often and how long it tries again.
    public struct Patience: Sendable {
        /// Attempts in all for one request, at least 1.
        public var attemptsMax: Int
        /// The wait before the second attempt; doubled each time, up to `pauseMax`.
        public var pauseMin: Duration
        /// The longest wait between two attempts.
        public var pauseMax: Duration
        /// Waits; tests give one that does not.
        public var pause: @Sendable (Duration) async -> Void

        /// Creates a patience; by default 8 attempts, waits from 0.1 s to 5 s.
        public init(
            attemptsMax: Int = 8, pauseMin: Duration = .milliseconds(100),
            pauseMax: Duration = .seconds(5),
            pause: @escaping @Sendable (Duration) async -> Void = { try? await Task.sleep(for: $0) }
        ) {
            self.attemptsMax = max(1, attemptsMax)
            self.pauseMin = pauseMin
            self.pauseMax = pauseMax
            self.pause = pause
        }
    }

    /// An answer with the key under which it is recorded.
    public struct Answer: Sendable {
        /// The key of the request.
        public var key: RequestKey
        /// The daemon's answer.
        public var response: TerminalResponse
    }

    let credentials: TerminalCredentials
    let openItems: OpenItems?
    let options: TerminalConnection.Options
    private let address: ServerAddress
    private let counter: STANCounter
    private let patience: Patience
    private let loop: any EventLoop
    private var current: TerminalConnection?

    /// The key of the newest request, whatever became of it; nil before the first.
    public private(set) var lastKey: RequestKey?

    /// Creates a terminal that is not connected yet.
    ///
    /// - Parameters:
    ///   - credentials: who it is.
    ///   - address: where the daemon is; `credentials.address()` makes it.
    ///   - counter: gives its STANs; usually `STANCounter(of: credentials)`.
    ///   - openItems: where requests without an answer are kept; nil: nowhere, for trials.
    ///   - loop: the event loop of its connections.
    ///   - options: deadlines, ciphers, clock.
    ///   - patience: how often it tries again.
    public init(
        _ credentials: TerminalCredentials, at address: ServerAddress, counter: STANCounter,
        openItems: OpenItems? = nil,
        on loop: any EventLoop = MultiThreadedEventLoopGroup.singleton.next(),
        options: TerminalConnection.Options = .init(), patience: Patience = .init()
    ) {
        self.credentials = credentials
        self.address = address
        self.counter = counter
        self.openItems = openItems
        self.loop = loop
        self.options = options
        self.patience = patience
    }

    /// The signed-on connection; connects where there is none.
    public func connection() async throws(ClientFault) -> TerminalConnection {
        if let current { return current }
        let opened = try await TerminalConnection.open(
            credentials, at: address, on: loop, options: options)
        current = opened
        return opened
    }

    /// Gives the whole split of a sale.
    public func quote(_ sale: Sale) async throws(ClientFault) -> Answer {
        try await keyed { (connection, header) throws(ClientFault) in
            try await connection.quote(sale, header)
        }
    }

    /// Tells who a card's person is and what is left to them.
    public func inquire(card: CardNumber, pin: String?) async throws(ClientFault) -> Answer {
        try await keyed { (connection, header) throws(ClientFault) in
            try await connection.inquire(card: card, pin: pin, header)
        }
    }

    /// Tells what became of a request of this terminal.
    public func status(of key: RequestKey) async throws(ClientFault) -> TerminalResponse {
        try await attempt { (connection) throws(ClientFault) in
            try await connection.status(ofSTAN: key.stan, on: key.date)
        }.response
    }

    /// Downloads the catalog in force; nil where there is none.
    public func catalog() async throws(ClientFault) -> Catalog? {
        try await connection().catalog()
    }

    /// Signs off and ends the connection, where there is one.
    public func signOff() async {
        guard let connection = current else { return }
        current = nil
        do {
            try await connection.signOff()
        } catch {
            await connection.close()
        }
    }

    /// A settlement's details once more.
    public func receiptCopy(
        of settlement: SettlementID
    ) async throws(ClientFault) -> TerminalResponse {
        try await attempt { (connection) throws(ClientFault) in
            try await connection.receiptCopy(of: settlement)
        }.response
    }

    private func keyed(
        _ send: (TerminalConnection, RequestHeader) async throws(ClientFault) -> TerminalResponse
    ) async throws(ClientFault) -> Answer {
        let header = try await nextHeader()
        let attempt = try await attempt { (connection) throws(ClientFault) in
            try await send(connection, header)
        }
        return Answer(key: key(of: header), response: attempt.response)
    }

    /// A header under the next STAN of the daemon's business date.
    func nextHeader() async throws(ClientFault) -> RequestHeader {
        let date = try await attempts { (connection) throws(ClientFault) in
            (connection.businessDate, false)
        }.value
        let header = RequestHeader(
            businessDate: date, stan: try counter.next(on: date),
            terminalTime: options.clock.seconds())
        lastKey = RequestKey(terminal: credentials.terminal, date: date, stan: header.stan)
        return header
    }

    /// The key of a header that `nextHeader` made.
    func key(of header: RequestHeader) -> RequestKey {
        RequestKey(
            terminal: credentials.terminal, date: header.businessDate ?? .first, stan: header.stan)
    }

    /// A response out of another one's bytes.
    func decoded(
        _ body: [UInt8], _ kind: RequestKind
    ) throws(ClientFault) -> TerminalResponse {
        do throws(ResponseFault) {
            return try ResponseDecoder.decode(
                kind.responseKind, ByteBuffer(bytes: body), terminal: credentials.terminal)
        } catch {
            throw .response(error)
        }
    }

    /// The last answer, and whether an attempt before it may have been executed.
    struct Attempt: Sendable {
        var response: TerminalResponse
        var mayHaveExecuted: Bool
    }

    /// Tries until there is an answer that does not ask for the same request again.
    func attempt(
        _ ask: (TerminalConnection) async throws(ClientFault) -> TerminalResponse
    ) async throws(ClientFault) -> Attempt {
        let (response, mayHaveExecuted) = try await attempts {
            (connection) throws(ClientFault) in
            let response = try await ask(connection)
            return (response, Self.asksAgain(response.result.code))
        }
        return Attempt(response: response, mayHaveExecuted: mayHaveExecuted)
    }

    /// Tries until it is not to be done again, or patience ends.
    private func attempts<Value: Sendable>(
        _ body: (TerminalConnection) async throws(ClientFault) -> (Value, isToBeDoneAgain: Bool)
    ) async throws(ClientFault) -> (value: Value, mayHaveExecuted: Bool) {
        var pause = patience.pauseMin
        var attempt = 1
        // A fault that leaves the outcome open is worth more to the caller than a later refusal to
        // connect, which leaves it open still.
        var unknown: ClientFault?
        while true {
            do throws(ClientFault) {
                let (value, again) = try await body(try await connection())
                guard again, attempt < patience.attemptsMax else { return (value, unknown != nil) }
            } catch {
                if error.isOutcomeUnknown { unknown = error }
                await drop()
                guard error.isWorthReconnecting, attempt < patience.attemptsMax else {
                    throw unknown ?? error
                }
            }
            await patience.pause(pause)
            pause = min(pause * 2, patience.pauseMax)
            attempt += 1
        }
    }

    /// Whether the code says: the same key again.
    static func asksAgain(_ code: ResponseCode) -> Bool {
        code == .executing || code == .dayClose || code == .unavailable
    }

    private func drop() async {
        guard let connection = current else { return }
        current = nil
        await connection.close()
    }
}
