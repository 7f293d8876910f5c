import Ledger
import NIOCore
import NIOPosix
import SettlementDomain
import SettlementProtocol

/// The operator's connection to a running daemon on the same machine.
///
/// The permissions of the socket's file are its only credential. Any number of tasks may ask at once.
public final class OperatorConnection: Sendable {
    private let exchange: FrameExchange
    private let clock: TerminalClock

    private init(_ exchange: FrameExchange, _ clock: TerminalClock) {
        self.exchange = exchange
        self.clock = clock
    }

    /// Connects to a daemon's operator socket.
    ///
    /// - Parameters:
    ///   - path: the UNIX-domain socket.
    ///   - loop: the event loop that the connection lives on.
    ///   - deadlines: the longest waits; maintenance may take long, so answers get ten minutes.
    ///   - clock: goes into requests.
    /// - Returns: the connection.
    /// - Throws: `ClientFault` where nobody listens there.
    public static func open(
        path: String, on loop: any EventLoop = MultiThreadedEventLoopGroup.singleton.next(),
        deadlines: FrameExchange.Deadlines = .init(answer: .seconds(600)),
        clock: TerminalClock = .system
    ) async throws(ClientFault) -> OperatorConnection {
        OperatorConnection(
            try await FrameExchange.connect(
                to: .local(path: path), on: loop, deadlines: deadlines), clock)
    }

    /// Registers all or none.
    ///
    /// - Parameters:
    ///   - registrations: at most what fits in a frame of 64 MiB.
    ///   - isDryRun: says what would become of each and changes nothing.
    /// - Returns: the answer; its payload is `registered` with one result each, where it has one.
    /// - Throws: `ClientFault`; where `isOutcomeUnknown`, they may have been made.
    public func apply(
        _ registrations: [Registration], isDryRun: Bool
    ) async throws(ClientFault) -> TerminalResponse {
        try await ask(
            .operatorApply,
            RequestEncoder.operatorApply(
                OperatorApplyRequest(
                    header: header, registrations: registrations, isDryRun: isDryRun)))
    }

    /// Asks one page of a question; the payload is `page`.
    public func query(_ question: StoreQuestion) async throws(ClientFault) -> TerminalResponse {
        try await ask(
            .operatorQuery,
            RequestEncoder.operatorQuery(
                OperatorQueryRequest(header: header, question: question)))
    }

    /// The page that answers a question.
    ///
    /// - Throws: `protocolViolation` with the daemon's words where it answers without one.
    public func page(_ question: StoreQuestion) async throws(ClientFault) -> StorePage {
        let response = try await query(question)
        guard case .page(let page, _) = response.payload else {
            throw .protocolViolation(
                "\(response.result.code.text) \(response.result.code.words) "
                    + response.result.detail)
        }
        return page
    }

    /// Ends the business date; the answer's own date is the new one.
    ///
    /// - Parameters:
    ///   - date: the date to be ended: refused with 12 where it is not the daemon's.
    ///   - next: the date that begins; nil: the day after it.
    /// - Returns: the answer.
    /// - Throws: `ClientFault`; where `isOutcomeUnknown`, it may have been ended.
    public func closeDay(
        _ date: CivilDate, next: CivilDate? = nil
    ) async throws(ClientFault) -> TerminalResponse {
        try await ask(
            .dayClose,
            RequestEncoder.dayClose(DayCloseRequest(header: header, date: date, next: next)))
    }

    /// Gives the daemon a task and waits until it is done; the payload is `maintained`.
    public func maintain(
        _ task: String, argument: String = ""
    ) async throws(ClientFault) -> TerminalResponse {
        try await ask(
            .operatorMaintenance,
            RequestEncoder.operatorMaintenance(
                OperatorMaintenanceRequest(header: header, task: task, argument: argument)))
    }

    /// Ends the connection.
    public func close() async {
        await exchange.close()
    }

    private var header: RequestHeader {
        RequestHeader(businessDate: nil, stan: 0, terminalTime: clock.seconds())
    }

    private func ask(
        _ kind: RequestKind, _ body: [UInt8]
    ) async throws(ClientFault) -> TerminalResponse {
        try await TerminalConnection.ask(exchange, kind: kind, body: body)
    }
}
