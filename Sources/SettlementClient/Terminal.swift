import Ledger
import NIOCore
import NIOPosix
import SettlementDomain
import SettlementProtocol

/// A terminal as its cashier wants it: it signs on by itself, numbers its requests, and after a cut
/// connection asks again under the same key until it has an answer.
///
/// A sale is never sent under a new key by itself: an outcome that stays unknown is thrown, with the
/// key in `lastKey`, for the status to be asked later.
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

    private let credentials: TerminalCredentials
    private let address: ServerAddress
    private let counter: STANCounter
    private let options: TerminalConnection.Options
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
    ///   - loop: the event loop of its connections.
    ///   - options: deadlines, ciphers, clock.
    ///   - patience: how often it tries again.
    public init(
        _ credentials: TerminalCredentials, at address: ServerAddress, counter: STANCounter,
        on loop: any EventLoop = MultiThreadedEventLoopGroup.singleton.next(),
        options: TerminalConnection.Options = .init(), patience: Patience = .init()
    ) {
        self.credentials = credentials
        self.address = address
        self.counter = counter
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

    /// Debits a sale under the next STAN and stays with that key until it has an answer.
    public func settle(_ sale: Sale) async throws(ClientFault) -> Answer {
        try await keyed { (connection, header) throws(ClientFault) in
            try await connection.settle(sale, header)
        }
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
        try await attempts { (connection) throws(ClientFault) in
            try await connection.status(ofSTAN: key.stan, on: key.date)
        }
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

    private func keyed(
        _ send: (TerminalConnection, RequestHeader) async throws(ClientFault) -> TerminalResponse
    ) async throws(ClientFault) -> Answer {
        let date = try await attempts { (connection) throws(ClientFault) in
            connection.businessDate
        }
        let header = RequestHeader(
            businessDate: date, stan: try counter.next(on: date),
            terminalTime: options.clock.seconds())
        let key = RequestKey(terminal: credentials.terminal, date: date, stan: header.stan)
        lastKey = key
        let response = try await attempts { (connection) throws(ClientFault) in
            try await send(connection, header)
        }
        return Answer(key: key, response: response)
    }

    /// Tries until there is an answer that does not ask for the same request again.
    private func attempts<Value: Sendable>(
        _ ask: (TerminalConnection) async throws(ClientFault) -> Value
    ) async throws(ClientFault) -> Value {
        var pause = patience.pauseMin
        var attempt = 1
        // A fault that leaves the outcome open is worth more to the caller than a later refusal to
        // connect, which leaves it open still.
        var unknown: ClientFault?
        while true {
            do throws(ClientFault) {
                let value = try await ask(try await connection())
                guard let response = value as? TerminalResponse,
                    Self.asksAgain(response.result.code), attempt < patience.attemptsMax
                else { return value }
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
    private static func asksAgain(_ code: ResponseCode) -> Bool {
        code == .executing || code == .dayClose || code == .unavailable
    }

    private func drop() async {
        guard let connection = current else { return }
        current = nil
        await connection.close()
    }
}
