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

        /// Creates an answer of its parts.
        public init(key: RequestKey, response: TerminalResponse) {
            self.key = key
            self.response = response
        }
    }

    let credentials: TerminalCredentials
    let openItems: OpenItems?
    let dayLists: DayLists?
    let options: TerminalConnection.Options
    private let address: ServerAddress
    private let counter: STANCounter
    private let patience: Patience
    private let loop: any EventLoop
    private var current: TerminalConnection?
    /// The daemon's business date as last heard; nil before the first sign-on.
    private var knownDate: CivilDate?
    /// The open items that a task is busy with.
    var busy: Set<RequestKey> = []

    /// The key of the newest request, whatever became of it; nil before the first.
    public private(set) var lastKey: RequestKey?

    /// Its name.
    public nonisolated var id: TerminalID { credentials.terminal }

    /// Creates a terminal that is not connected yet.
    ///
    /// - Parameters:
    ///   - credentials: who it is.
    ///   - address: where the daemon is; `credentials.address()` makes it.
    ///   - counter: gives its STANs; usually `STANCounter(of: credentials)`.
    ///   - openItems: where requests without an answer are kept; nil: nowhere, for trials.
    ///   - dayLists: where transactions are listed for reconciliation; nil: nowhere.
    ///   - loop: the event loop of its connections.
    ///   - options: deadlines, ciphers, clock.
    ///   - patience: how often it tries again.
    public init(
        _ credentials: TerminalCredentials, at address: ServerAddress, counter: STANCounter,
        openItems: OpenItems? = nil, dayLists: DayLists? = nil,
        on loop: any EventLoop = MultiThreadedEventLoopGroup.singleton.next(),
        options: TerminalConnection.Options = .init(), patience: Patience = .init()
    ) {
        self.credentials = credentials
        self.address = address
        self.counter = counter
        self.openItems = openItems
        self.dayLists = dayLists
        self.loop = loop
        self.options = options
        self.patience = patience
    }

    /// The signed-on connection; connects where there is none.
    public func connection() async throws(ClientFault) -> TerminalConnection {
        if let current { return current }
        let opened = try await TerminalConnection.open(
            credentials, at: address, on: loop, options: options)
        if let other = current {
            // Another task was quicker.
            await opened.close()
            return other
        }
        current = opened
        knownDate = opened.businessDate
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

    func keyed(
        _ send: (TerminalConnection, RequestHeader) async throws(ClientFault) -> TerminalResponse
    ) async throws(ClientFault) -> Answer {
        let header = try await nextHeader()
        let attempt = try await attempt { (connection) throws(ClientFault) in
            try await send(connection, header)
        }
        return Answer(key: key(of: header), response: attempt.response)
    }

    /// A header under the next STAN of the daemon's business date; connects where there is no
    /// connection.
    func nextHeader() async throws(ClientFault) -> RequestHeader {
        try header(
            on: try await attempts { (connection) throws(ClientFault) in
                (connection.businessDate, .done)
            }.value)
    }

    /// As `nextHeader`; under the business date as last heard where the daemon cannot be reached.
    func nextReversalHeader() async throws(ClientFault) -> RequestHeader {
        guard let date = current?.businessDate ?? knownDate else { return try await nextHeader() }
        return try header(on: date)
    }

    private func header(on date: CivilDate) throws(ClientFault) -> RequestHeader {
        let header = RequestHeader(
            businessDate: date, stan: try counter.next(on: date),
            terminalTime: options.clock.seconds())
        lastKey = key(of: header)
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

    /// What follows an answer.
    enum Next: Sendable {
        /// Nothing: it is the answer.
        case done
        /// The same request again, a little later.
        case sameAgain
        /// The same request again over a new session, once.
        case signOnAgain
    }

    /// Tries until there is an answer that does not ask for the same request again.
    ///
    /// - Parameters:
    ///   - next: what follows an answer.
    ///   - ask: sends the request, the same each time.
    /// - Returns: the last answer.
    /// - Throws: why there is none.
    func attempt(
        next: (TerminalResponse) -> Next = { Terminal.next($0.result.code) },
        _ ask: (TerminalConnection) async throws(ClientFault) -> TerminalResponse
    ) async throws(ClientFault) -> Attempt {
        var isExecuting = false
        let (response, mayHaveExecuted) = try await attempts {
            (connection) throws(ClientFault) in
            let response = try await ask(connection)
            // 09 says that it is executed somewhere, whatever this attempt did.
            isExecuting = isExecuting || response.result.code == .executing
            return (response, next(response))
        }
        return Attempt(
            response: response, mayHaveExecuted: mayHaveExecuted || isExecuting)
    }

    /// Tries until it is done, or patience ends, or the task is cancelled.
    private func attempts<Value: Sendable>(
        _ body: (TerminalConnection) async throws(ClientFault) -> (Value, next: Next)
    ) async throws(ClientFault) -> (value: Value, mayHaveExecuted: Bool) {
        var pause = patience.pauseMin
        var attempt = 1
        var hasSignedOnAgain = false
        // A fault that leaves the outcome open is worth more to the caller than a later refusal to
        // connect, which leaves it open still.
        var unknown: ClientFault?
        while true {
            var used: TerminalConnection?
            do throws(ClientFault) {
                let connection = try await connection()
                used = connection
                let (value, next) = try await body(connection)
                knownDate = max(knownDate ?? .first, connection.businessDate)
                switch next {
                case .done: return (value, unknown != nil)
                case .signOnAgain where hasSignedOnAgain: return (value, unknown != nil)
                case .signOnAgain:
                    hasSignedOnAgain = true
                    await drop(connection)
                case .sameAgain: break
                }
                guard mayTryAgain(after: attempt) else { return (value, unknown != nil) }
            } catch {
                if error.isOutcomeUnknown { unknown = error }
                await drop(used)
                guard error.isWorthReconnecting, mayTryAgain(after: attempt) else {
                    throw unknown ?? error
                }
            }
            await patience.pause(pause)
            pause = min(pause * 2, patience.pauseMax)
            attempt += 1
        }
    }

    /// A cancelled task gives up: there is nobody to wait for the answer.
    private func mayTryAgain(after attempt: Int) -> Bool {
        attempt < patience.attemptsMax && !Task.isCancelled
    }

    /// What the code of an answer says.
    ///
    /// - Source: Protocol/Sessions.md, "Retries".
    static func next(_ code: ResponseCode) -> Next {
        switch code {
        case .executing, .dayClose, .unavailable: .sameAgain
        case .pinBlockUnusable, .notPermittedToTerminal: .signOnAgain
        default: .done
        }
    }

    private func drop(_ connection: TerminalConnection?) async {
        guard let connection else { return }
        if current === connection { current = nil }
        await connection.close()
    }
}
