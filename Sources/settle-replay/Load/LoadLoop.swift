import Ledger
import NIOCore
import SettlementClient
import SettlementDomain

/// One event loop of a run with its connections.
///
/// Confined to the loop.
final class LoadLoop {
    let eventLoop: any EventLoop
    let depth: Int
    private(set) var plan: LoadPlan?
    private(set) var cards: [TestCard] = []
    var figures = Figures()
    /// What the terminals did; nil where the run undoes nothing.
    var books: OwnBooks?
    var effects: Effects?
    private var connections: [LoadConnection] = []
    private var lanes: [LoadLane] = []
    private var ownLanes: [LoadLane] = []
    private var waitingToConnect: ArraySlice<LoadConnection> = []
    private var connecting = 0
    private var opening: EventLoopPromise<[Role]>?
    private var ending: EventLoopPromise<LoopResult>?
    private var fault: ClientFault?
    private var hasEnded = false
    private var timerDue: UInt64 = .max

    /// Handshakes under way at once, so that the daemon's backlog is not overrun.
    private static let connectingMax = 32
    /// The shortest time between two looks at an open loop's schedule.
    private static let tickNanoseconds: UInt64 = 50_000

    init(_ eventLoop: any EventLoop, depth: Int) {
        self.eventLoop = eventLoop
        self.depth = depth
    }

    // MARK: Opening

    /// Opens and signs on one connection for each terminal given; the roles of those that stand.
    func open(_ terminals: [LoadTerminal], _ promise: EventLoopPromise<[Role]>) {
        opening = promise
        connections = terminals.map { LoadConnection($0, on: self) }
        waitingToConnect = connections[...]
        connectMore()
    }

    private func connectMore() {
        while connecting < Self.connectingMax, let next = waitingToConnect.popFirst() {
            connecting += 1
            next.connect()
        }
        guard connecting == 0, waitingToConnect.isEmpty, let opening else { return }
        self.opening = nil
        let roles = connections.filter { $0.state == .ready }.compactMap(\.role)
        if let fault {
            connections.forEach { $0.finish() }
            opening.fail(fault)
        } else {
            opening.succeed(roles)
        }
    }

    /// A connection has signed on.
    func opened(_ connection: LoadConnection) {
        if opening != nil {
            connecting -= 1
            connectMore()
        } else {
            connection.resume(at: NIODeadline.now().uptimeNanoseconds)
        }
    }

    /// A connection has ended for good.
    func ended(_ connection: LoadConnection, _ fault: ClientFault) {
        if opening != nil {
            self.fault = self.fault ?? fault
            connecting -= 1
            connectMore()
        } else if !hasEnded {
            // A terminal that cannot be had again ends the run: its requests would be missing.
            self.fault = self.fault ?? fault
            checkEnd()
        }
    }

    func cut() {
        figures.cuts += 1
        plan?.progress.addCut()
    }

    // MARK: Running

    /// Sends what the lanes give; the promise gets the result when everything is answered.
    func start(
        _ plan: LoadPlan, _ work: LoopWork, _ promise: EventLoopPromise<LoopResult>
    ) {
        self.plan = plan
        cards = plan.cards
        ending = promise
        effects = Effects(cards: plan.cards.count, keptMax: plan.keptMax, seed: plan.seed)
        if plan.tracksLife { books = OwnBooks() }
        lanes = work.shared.map { role, lane in
            LoadLane(role, lane, plan.templates[role] ?? TemplateSet())
        }
        for (index, connection) in connections.enumerated() {
            connection.lane = lanes.first { $0.role == connection.role }
            guard let own = work.own[index], let role = connection.role else { continue }
            let lane = LoadLane(role, own, TemplateSet())
            connection.ownLane = lane
            ownLanes.append(lane)
        }
        let now = NIODeadline.now().uptimeNanoseconds
        for connection in connections where connection.state == .ready {
            connection.fill(at: now)
            connection.flush()
        }
        look()
        checkEnd()
    }

    /// Looks every tenth of a second after lost answers and the end.
    private func look() {
        guard !hasEnded, let plan else { return }
        let now = NIODeadline.now().uptimeNanoseconds
        for connection in connections {
            connection.checkAnswers(at: now, longest: plan.answerNanoseconds)
        }
        for lane in lanes + ownLanes where plan.budget.isOver(at: now) {
            _ = lane.work.take(at: now)
        }
        checkEnd()
        let this = NIOLoopBound(self, eventLoop: eventLoop)
        eventLoop.scheduleTask(in: .milliseconds(100)) { this.value.look() }
    }

    /// What is due for a connection now; it is queued where nothing is.
    func take(for connection: LoadConnection, at now: UInt64) -> (WorkItem, UInt64)? {
        guard !hasEnded, fault == nil, let lane = connection.lane else { return nil }
        if let own = connection.ownLane {
            if let taken = own.work.take(at: now) { return (taken.item, taken.intended) }
            if let due = own.work.nextDue { arm(due) }
        }
        if let taken = lane.work.take(at: now) { return (taken.item, taken.intended) }
        queue(connection, in: lane)
        return nil
    }

    private func queue(_ connection: LoadConnection, in lane: LoadLane) {
        guard let due = lane.work.nextDue else { return }
        lane.queue(connection)
        arm(due)
    }

    /// Wakes up when the next request is due.
    private func arm(_ due: UInt64) {
        let earliest = NIODeadline.now().uptimeNanoseconds + Self.tickNanoseconds
        let wanted = max(due, earliest)
        guard wanted < timerDue else { return }
        timerDue = wanted
        let this = NIOLoopBound(self, eventLoop: eventLoop)
        eventLoop.scheduleTask(deadline: .uptimeNanoseconds(wanted)) { this.value.wake(wanted) }
    }

    private func wake(_ due: UInt64) {
        guard due == timerDue, !hasEnded else { return }
        timerDue = .max
        let now = NIODeadline.now().uptimeNanoseconds
        for lane in lanes { serveQueue(of: lane, at: now) }
        if !ownLanes.isEmpty {
            for connection in connections where connection.ownLane != nil {
                connection.fill(at: now)
                connection.flush()
            }
        }
        checkEnd()
    }

    /// Gives each due request to the connection that has waited longest for one.
    private func serveQueue(of lane: LoadLane, at now: UInt64) {
        guard fault == nil else { return }
        while let connection = lane.nextQueued() {
            guard let taken = lane.work.take(at: now) else { break }
            lane.unqueueFirst()
            connection.start(taken.item, intended: taken.intended, at: now)
            connection.flush()
            if connection.hasFreePlace { queue(connection, in: lane) }
        }
        if lane.hasQueued, let due = lane.work.nextDue { arm(due) }
    }

    /// Counts an answer; its effect where `isFirst`: no answer to an equal request told it before,
    /// and it is recorded.
    func answered(
        _ flight: LoadConnection.Flight, _ terminal: TerminalID, _ summary: ResponseSummary,
        _ body: ByteBuffer, _ now: UInt64, isFirst: Bool
    ) {
        guard let plan else { return }
        if summary.replayed { figures.replayed += 1 }
        figures.record(
            flight.item.kind, code: summary.code, intended: flight.intended, sent: flight.sent,
            now: now, isMeasured: flight.intended >= plan.measuredFrom)
        guard isFirst else { return }
        switch flight.item.kind {
        case .settle, .quote, .inquiry, .void, .refund, .reversal:
            effects?.take(
                flight.item,
                RequestKey(terminal: terminal, date: flight.date, stan: flight.stan), summary,
                body)
        case .status, .echo, .copy: break
        }
        if books != nil { book(flight, terminal, summary, body) }
    }

    /// Another connection of the same terminal with a free place.
    func sibling(of connection: LoadConnection) -> LoadConnection? {
        let terminal = connection.terminal.credentials.terminal
        return connections.first {
            $0 !== connection && $0.hasFreePlace && $0.terminal.credentials.terminal == terminal
        }
    }

    func progress(answers: Int, refusals: Int) {
        plan?.progress.add(answers: answers, refusals: refusals)
    }

    // MARK: Ending

    /// Ends the run early: no more requests.
    func fail(_ fault: ClientFault) {
        self.fault = self.fault ?? fault
    }

    /// Ends the loop's part where nothing is due any more and everything is answered.
    func checkEnd() {
        guard !hasEnded, let ending, let effects else { return }
        guard
            fault != nil
                || lanes.allSatisfy(\.work.isExhausted) && ownLanes.allSatisfy(\.work.isExhausted)
        else { return }
        guard connections.allSatisfy({ $0.inFlight == 0 }) else { return }
        hasEnded = true
        connections.forEach { $0.finish() }
        ending.succeed(
            LoopResult(
                figures: figures, effects: effects, books: books ?? OwnBooks(), fault: fault))
    }
}
