import CardSecurity
import Ledger
import NIOCore
import NIOPosix
import SettlementClient
import SettlementDomain
import SettlementProtocol

/// One terminal's connection under load, with up to `depth` requests in flight.
///
/// No task and no promise a request. Confined to its loop.
final class LoadConnection: FrameReceiver {
    enum State: Equatable {
        case down
        case connecting
        case signingOn
        case ready
        case finished
    }

    /// A request without an answer.
    struct Flight {
        var item: WorkItem
        var date: CivilDate
        var stan: UInt32
        var terminalTime: Int64
        var intended: UInt64
        var sent: UInt64
        /// Its place among all that the connection sent.
        var order: UInt64 = 0
        /// How often it was sent.
        var sendings: UInt16 = 0
        /// Whether it was sent before without an answer: it may have been executed.
        var isUncertain = false
        /// How often it was put off.
        var attempts: UInt16 = 0
        /// What it is about beside itself; nil: nothing.
        var errand: Errand?
    }

    static let signOnID: UInt32 = .max

    let terminal: LoadTerminal
    unowned let loop: LoadLoop
    private(set) var state = State.down
    /// The role granted at the first sign-on.
    private(set) var role: Role?
    /// Whether the connection stands in its lane's queue of those with free places.
    var isQueued = false
    var lane: LoadLane?
    /// Of a recording: requests that only this connection can send.
    var ownLane: LoadLane?
    private var hasReported = false
    var port: FramePort?
    private var sealer: PINSealer?
    private(set) var date = CivilDate.first
    private var numbers: Range<UInt32> = 1..<1
    var flights: [Flight?] = []
    var free: [Int] = []
    /// To be sent again, the oldest last.
    private var resending: [Flight] = []
    /// To be sent again after a pause.
    var postponed: [Flight] = []
    private var order: UInt64 = 0
    /// What this connection has sold; only where the run undoes anything.
    var sales = SaleList()
    /// Of a recording: requests that others name, by number.
    var named: [Int32: NamedRequest] = [:]
    /// Keys of the latest keyed requests, newest last, for status requests.
    private var recent: [(date: CivilDate, stan: UInt32)] = []
    private var downSince: UInt64?
    private var pause = TimeAmount.milliseconds(50)
    private var tickTime: UInt64?
    private var answers = 0
    private var refusals = 0

    init(_ terminal: LoadTerminal, on loop: LoadLoop) {
        self.terminal = terminal
        self.loop = loop
    }

    /// Requests without an answer, those that wait to be sent again included.
    var inFlight: Int { flights.count - free.count + resending.count + postponed.count }

    // MARK: Connecting

    func connect() {
        guard state == .down else { return }
        state = .connecting
        let this = NIOLoopBound(self, eventLoop: loop.eventLoop)
        let address = terminal.address
        guard case .tls(let host, let port, _) = address else { return }
        ClientBootstrap(group: loop.eventLoop)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .connectTimeout(.seconds(10))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    _ = try FramePort.install(this.value, in: channel, to: address)
                }
            }
            .connect(host: host, port: port)
            .whenFailure { error in
                this.value.lost(.unreachable(address: address.text, problem: "\(error)"))
            }
    }

    func portOpened(_ port: FramePort) {
        self.port = port
        state = .signingOn
        let request = SignOnRequest(
            header: RequestHeader(
                businessDate: nil, stan: 0, terminalTime: TerminalClock.system.seconds()),
            terminal: terminal.credentials.terminal, pinAlgorithms: [.aes128, .sm4],
            software: "settle-replay")
        port.send(
            kind: RequestKind.signOn.rawValue, requestID: Self.signOnID,
            body: RequestEncoder.signOn(request))
    }

    private func signedOn(_ frame: Frame) {
        do {
            let response = try ResponseDecoder.decode(frame)
            guard response.result.code.isApproval, case .signOn(let grant) = response.payload,
                let date = response.result.businessDate
            else { throw ClientFault.signOnRefused(response.result) }
            sealer = try TerminalConnection.sealer(
                grant, masterKey: terminal.credentials.masterKey)
            self.date = max(self.date, date)
            role = grant.role
            let depth = max(1, min(loop.depth, Int(grant.inFlightMax)))
            flights = Array(repeating: nil, count: depth)
            free = Array(0..<depth)
        } catch {
            let fault = (error as? ClientFault) ?? .protocolViolation("\(error)")
            if !fault.isWorthReconnecting { state = .finished }
            port?.close(fault)
            return
        }
        state = .ready
        downSince = nil
        pause = .milliseconds(50)
        loop.opened(self)
    }

    /// Sends again what is due for it, the oldest first, then new requests.
    func resume(at now: UInt64) {
        while !free.isEmpty, let flight = resending.popLast() {
            if flight.errand?.isGivenUp == true {
                giveUp(flight, at: now)
                continue
            }
            loop.figures.resent += 1
            send(flight, slot: free.removeLast(), now)
        }
        fill(at: now)
    }

    /// Puts requests among those to be sent again.
    func resend(_ flights: [Flight]) {
        resending += flights
        resending.sort { $0.order > $1.order }
    }

    func portClosed(_ port: FramePort, _ fault: ClientFault) {
        self.port = nil
        sealer = nil
        lost(fault)
    }

    private func lost(_ fault: ClientFault) {
        // A connection that cannot be had is told of by its port and by its bootstrap.
        guard state != .down, !hasReported else { return }
        if state == .finished { return report(fault) }
        if state == .ready { loop.cut() }
        state = .down
        resend(
            flights.compactMap { flight in
                var flight = flight
                flight?.isUncertain = true
                return flight
            })
        flights = []
        free = []
        let now = NIODeadline.now().uptimeNanoseconds
        let since = downSince ?? now
        downSince = since
        guard fault.isWorthReconnecting, role != nil,
            now - since < loop.plan?.reconnectNanoseconds ?? 0
        else {
            finish()
            return report(fault)
        }
        let this = NIOLoopBound(self, eventLoop: loop.eventLoop)
        loop.eventLoop.scheduleTask(in: pause) { this.value.connect() }
        pause = min(pause * 2, .seconds(2))
    }

    private func report(_ fault: ClientFault) {
        hasReported = true
        loop.ended(self, fault)
    }

    /// Ends the connection for good; what has no answer by now never gets one.
    func finish() {
        state = .finished
        loop.figures.unanswered += UInt64(inFlight)
        resending = []
        postponed = []
        flights = []
        free = []
        port?.close()
    }

    /// Gives the connection up where a request has waited too long.
    func checkAnswers(at now: UInt64, longest: UInt64) {
        guard state == .ready else { return }
        if flights.contains(where: { $0.map { now - $0.sent > longest } ?? false }) {
            port?.close(.timedOut("a request"))
        }
    }

    // MARK: Answers

    func received(_ frame: Frame, from port: FramePort) {
        if frame.requestID == Self.signOnID, state == .signingOn { return signedOn(frame) }
        let slot = Int(frame.requestID) - 1
        guard flights.indices.contains(slot), let flight = flights[slot] else { return }
        flights[slot] = nil
        free.append(slot)
        let now = tickTime ?? NIODeadline.now().uptimeNanoseconds
        tickTime = now
        answers += 1
        guard let summary = ResponseSummary(frame.body, isUndoing: flight.item.kind.undoes) else {
            loop.figures.unreadable += 1
            return
        }
        take(flight, summary, frame.body, now)
        if summary.code != 0, summary.code != 10 { refusals += 1 }
        if summary.businessDate > date.yyyymmdd,
            let told = CivilDate(yyyymmdd: summary.businessDate)
        {
            date = told
            numbers = 1..<1
        }
    }

    func tickEnded(_ port: FramePort) {
        guard let now = tickTime else { return }
        tickTime = nil
        loop.progress(answers: answers, refusals: refusals)
        answers = 0
        refusals = 0
        resume(at: now)
        loop.checkEnd()
    }

    // MARK: Requests

    var hasFreePlace: Bool { state == .ready && !free.isEmpty }

    /// Sends what is due while there are free places; what is sent is flushed by the caller or at
    /// the tick's end.
    func fill(at now: UInt64) {
        while hasFreePlace {
            guard let (item, intended) = loop.take(for: self, at: now) else { return }
            start(item, intended: intended, at: now)
        }
    }

    /// Sends one request.
    func start(_ item: WorkItem, intended: UInt64, at now: UInt64) {
        if item.name >= 0 || item.original >= 0 {
            return startNamed(item, intended: intended, at: now)
        }
        switch item.kind {
        case .void, .refund, .reversal, .copy:
            return startUndoing(item, intended: intended, at: now)
        case .settle where item.fault == .late || item.fault == .reorder:
            return startRace(item, intended: intended, at: now)
        case .settle, .quote, .inquiry, .status, .echo: break
        }
        guard var flight = flight(item, intended: intended, at: now) else { return }
        switch item.kind {
        case .status:
            let original = recent.suffix(Int(clamping: item.back)).first ?? (date, 1)
            (flight.date, flight.stan) = original
        case .echo: break
        default:
            guard let stan = number() else { return }
            flight.stan = stan
            if recent.count >= 64 { recent.removeFirst(32) }
            recent.append((date, stan))
        }
        if item.fault != .none { return strike(flight, now) }
        send(flight, slot: free.removeLast(), now)
    }

    /// A request without a number; nil where there is no place for it.
    func flight(_ item: WorkItem, intended: UInt64, at now: UInt64) -> Flight? {
        guard !free.isEmpty else { return nil }
        return Flight(
            item: item, date: date, stan: 0, terminalTime: TerminalClock.system.seconds(),
            intended: intended, sent: now)
    }

    func flush() {
        port?.flush()
    }

    /// The next number; nil where there are none, which ends the run.
    func number() -> UInt32? {
        do {
            return try nextNumber()
        } catch {
            loop.fail(error)
            return nil
        }
    }

    private func nextNumber() throws(ClientFault) -> UInt32 {
        if numbers.isEmpty { numbers = try terminal.counter.take(200, on: date) }
        defer { numbers.removeFirst() }
        return numbers.lowerBound
    }

    func send(_ flight: Flight, slot: Int, _ now: UInt64) {
        var flight = flight
        flight.sent = now
        order &+= 1
        flight.order = order
        flight.sendings &+= 1
        flights[slot] = flight
        guard let port else { return }
        let id = UInt32(slot + 1)
        let header = RequestHeader(
            businessDate: flight.date, stan: flight.stan, terminalTime: flight.terminalTime)
        switch flight.item.kind {
        case .echo:
            port.send(
                kind: RequestKind.echo.rawValue, requestID: id, body: RequestEncoder.echo(header))
        case .status:
            let request = SettlementStatusRequest(
                header: header, originalDate: flight.date, originalSTAN: flight.stan)
            port.send(
                kind: RequestKind.settlementStatus.rawValue, requestID: id,
                body: RequestEncoder.settlementStatus(request))
        case .void, .refund, .reversal, .copy:
            guard let body = undoingBody(flight, header) else { return }
            port.send(kind: flight.item.kind.requestKind.rawValue, requestID: id, body: body)
        case .settle, .quote, .inquiry:
            guard let template = lane?.template(flight.item) else { return }
            let card = loop.cards[Int(flight.item.card)]
            let block = flight.item.hasPIN ? pinBlock(card) : nil
            port.send(kind: template.kind.rawValue, requestID: id) { buffer in
                template.write(header, card: card.bcd, pinBlock: block, to: &buffer)
            }
        }
    }

    private func pinBlock(_ card: TestCard) -> [UInt8]? {
        guard let sealer,
            let digits = CardDigits(value: card.number.digits, count: card.number.count)
        else { return nil }
        do {
            return try sealer.block(pin: card.pin, card: digits)
        } catch {
            loop.fail(.pinUnusable(error.description))
            return nil
        }
    }
}
