import Ledger
import NIOCore
import SettlementDomain
import SettlementProtocol
import SettlementServer

/// A terminal that keeps what it sent until the answer is known, sends it again, or gives it up and
/// reverses it; now and then it does what no terminal should.
final class SimulatedTerminal {
    let number: Int
    private unowned let simulation: Simulation
    private(set) var line: SimulatedLine?
    /// Lines that were left behind: what was sent on them may still arrive.
    private var oldLines: [SimulatedLine] = []
    private var tasks: [SimulatedTask] = []
    private var sales: [(key: ModelKey, bill: ModelBill)] = []
    private var quotes: [ModelKey: ModelBill] = [:]
    private var digests: [ModelKey: UInt64] = [:]
    private var lastSTAN = 0
    private var day = Town.firstDay
    /// What its answers said that had an effect, by date of booking.
    private var books: [Int: [ModelKey: ModelTransaction]] = [:]

    init(number: Int, simulation: Simulation) {
        self.number = number
        self.simulation = simulation
    }

    private var chance: Chance { simulation.chance }

    /// What has no answer yet.
    var open: [SimulatedTask] { tasks.filter(\.isOpen) }

    var isDone: Bool { open.isEmpty }

    /// The network or the other end is gone.
    func loseLine() {
        guard let lost = line else { return }
        line = nil
        lost.cut()
        simulation.trace.note("\(number) loses its line with \(lost.requests.count) requests")
        forget(lost)
    }

    /// No answer comes on a line any more.
    private func forget(_ line: SimulatedLine) {
        for key in line.requests.values { simulation.tasks[key]?.unanswered += 1 }
        for question in line.questions.values { simulation.witness.drop(question) }
        for question in line.windows.values { simulation.witness.drop(question) }
        line.questions = [:]
        line.windows = [:]
    }

    /// Does one thing.
    func act(inTrouble: Bool) throws {
        for old in oldLines { old.carryToDaemon(atMost: 1 + chance.below(500)) }
        guard let line, !line.isClosed else {
            loseLine()
            return try connect()
        }
        guard line.isSignedOn else { return }
        if inTrouble, chance.one(in: 60) {
            return simulation.has(.garbage) ? misbehave(line) : ()
        }
        if inTrouble, chance.one(in: 80) {
            return simulation.has(.departures) ? leave(line) : ()
        }
        if chance.one(in: 10), try ask(on: line) { return }
        let idle = open.filter { task in !line.requests.values.contains(task.key) }
        if !idle.isEmpty, chance.one(in: 2) {
            let task = chance.among(idle)
            if inTrouble, simulation.has(.undoing), task.sendings > 0, chance.one(in: 4) {
                return giveUp(task)
            }
            send(task, on: line)
        } else if inTrouble, open.count < 5 {
            for _ in 0...chance.below(3) {
                if let task = newTask() { send(task, on: line) }
            }
        } else if inTrouble, chance.one(in: 6), let task = tasks.last(where: { $0.answer != nil }) {
            // A retry of what was answered long ago, or other content under its key.
            guard simulation.has(.retries) else { return }
            send(task, on: line, isForged: chance.one(in: 4))
        }
    }

    /// Takes what has come.
    func listen(atMost bytes: Int) throws {
        guard let line else { return }
        for frame in try line.carryToTerminal(atMost: bytes) { try take(frame, on: line) }
        if line.isClosed, line.isDry { loseLine() }
    }

    private func connect() throws {
        guard let line = try chance.among(simulation.daemons).connect(asOperator: false) else {
            return
        }
        self.line = line
        SteppedDaemon.announce(Town.terminal(number), on: line.channel)
        let request = SignOnRequest(
            header: RequestHeader(businessDate: nil, stan: 0, terminalTime: 0),
            terminal: Town.terminal(number), software: "simulated")
        _ = line.send(.signOn, RequestEncoder.signOn(request))
    }

    /// Leaves a connection behind with all that is on its way, and opens another.
    private func leave(_ line: SimulatedLine) {
        simulation.trace.note("\(number) leaves its line with \(line.requests.count) requests")
        forget(line)
        oldLines = oldLines.suffix(1) + [line]
        self.line = nil
    }

    private func misbehave(_ line: SimulatedLine) {
        line.isDirty = true
        if chance.one(in: 2) {
            line.send(garbage: (0..<(1 + chance.below(60))).map { _ in UInt8(chance.below(256)) })
        } else {
            // A frame's beginning, and then nothing but the next frame.
            line.send(garbage: [0, 0, 0, 40, 1])
        }
    }

    private func newTask() -> SimulatedTask? {
        let unseen = ModelKey(terminal: number, day: day, stan: 900_000 + chance.below(1_000))
        let maker = RequestMaker(
            town: simulation.town, chance: chance, model: simulation.witness.model,
            has: simulation.has)
        guard
            let request = maker.request(
                of: number,
                RequestMaker.Memory(
                    sales: sales, quotes: quotes, earlier: tasks.map(\.key), unseen: unseen))
        else { return nil }
        var digest: UInt64 = 0
        if case .bill(let bill, _) = request, let quote = bill.quote {
            digest = digests[quote] ?? 0
        }
        return keep(request, digest)
    }

    private func keep(_ request: ModelRequest, _ digest: UInt64 = 0) -> SimulatedTask {
        lastSTAN += 1
        let task = SimulatedTask(
            key: ModelKey(terminal: number, day: day, stan: lastSTAN), request: request,
            terminalTime: 0, quoteDigest: digest)
        tasks.append(task)
        simulation.tasks.add(task)
        return task
    }

    private func giveUp(_ task: SimulatedTask) {
        task.isGivenUp = true
        guard let (card, total) = task.reversible else { return }
        _ = keep(.reversal(task.key, card: card, total: total))
    }

    private func send(_ task: SimulatedTask, on line: SimulatedLine, isForged: Bool = false) {
        let id = line.send(task.kind, task.body(isForged: isForged))
        task.sendings += 1
        simulation.trace.note("\(number) sends \(task), the \(task.sendings). time")
        line.requests[id] = task.key
        if case .query(let query) = task.request {
            let window = SimulatedQuestion(terminal: number, question: .records(query))
            line.windows[id] = window
            simulation.witness.open(window)
        }
        if isForged { line.forged.insert(id) }
    }

    private func take(_ frame: Frame, on line: SimulatedLine) throws {
        if frame.kind == Frame.noticeKind { return }
        // What was sent there may have been taken for any request.
        if line.isDirty, line.requests[frame.requestID] == nil,
            line.questions[frame.requestID] == nil
        {
            return
        }
        let kind = RequestKind(rawValue: frame.kind & ~Frame.responseBit)
        let response = try ResponseDecoder.decode(frame, terminal: Town.terminal(number))
        let code = Int(response.result.code.rawValue)
        simulation.report.answers[code, default: 0] += 1
        if let date = response.result.businessDate { day = max(day, Town.day(date)) }
        if kind == .signOn {
            line.isSignedOn = response.result.code == .approved
            if !line.isSignedOn { loseLine() }
            return
        }
        if let question = line.questions.removeValue(forKey: frame.requestID) {
            simulation.trace.note("\(number) is told \(response.result.code.text) to \(question)")
            guard try simulation.judge(response, of: question) else { return }
            return learn(from: response, of: question)
        }
        guard let key = line.requests.removeValue(forKey: frame.requestID),
            let task = simulation.tasks[key]
        else { throw Violation("an answer to nothing: \(response.result)") }
        let isForged = line.forged.remove(frame.requestID) != nil
        let body = Array(frame.body.readableBytesView)
        simulation.trace.note(
            "\(number) is told \(response.result.code.text), \(response.result.reason) to \(task)")
        let window = line.windows.removeValue(forKey: frame.requestID)
        guard
            try simulation.judge(
                body, response, of: task, isForged: isForged, window: window)
        else { return }
        task.answer = body
        learn(from: response, of: task)
    }

    private func learn(from response: TerminalResponse, of task: SimulatedTask) {
        note(response, task.key)
        if case .stay(.discharge(let discharge, settles: true)) = task.request,
            response.result.code.isApproval, !sales.contains(where: { $0.key == task.key }),
            let sale = simulation.witness.model.sales[task.key]
        {
            let bill = ModelBill(
                visit: .inpatient, card: discharge.card, pin: nil, lines: sale.lines,
                total: discharge.total, partial: true, accountLimit: nil, quote: nil)
            sales.append((task.key, bill))
        }
        guard case .bill(let bill, let settles) = task.request, response.result.code.isApproval,
            case .settlement(let answer) = response.payload
        else { return }
        if settles {
            if !sales.contains(where: { $0.key == task.key }) { sales.append((task.key, bill)) }
        } else {
            quotes[task.key] = bill
            digests[task.key] = answer.quoteDigest
        }
    }

    /// Takes what had an effect into its books.
    private func note(_ response: TerminalResponse, _ key: ModelKey) {
        guard response.result.code.isApproval, let task = simulation.tasks[key],
            let date = response.result.businessDate
        else { return }
        let sums: (total: Money, cash: Money)
        switch response.payload {
        case .settlement(let answer):
            switch task.request {
            case .bill(_, settles: true), .stay(.discharge(_, settles: true)): break
            default: return
            }
            sums = (answer.split.total, answer.split.cash)
        case .undone(let answer): sums = (answer.givenBack.total, answer.givenBack.cash)
        default: return
        }
        books[Town.day(date), default: [:]][key] = ModelTransaction(
            key: key, kind: task.kind == .discharge ? 0x12 : task.request.kind,
            total: Int(sums.total.fen),
            insured: Int((sums.total - sums.cash).fen))
    }
}

// Questions.
extension SimulatedTerminal {
    /// Asks what became of a request, or whether the books agree.
    ///
    /// - Returns: whether it asked.
    private func ask(on line: SimulatedLine) throws -> Bool {
        switch simulation.town.roles[number] {
        case .pharmacy, .hospital, .vaccination: break
        default: return false
        }
        if simulation.town.roles[number] == .hospital, chance.one(in: 4) {
            let stays = simulation.witness.model.stays.keys.sorted()
            guard simulation.has(.stays), !stays.isEmpty else { return false }
            ask(.stay(chance.among(stays), view: chance.below(3)), on: line)
            return true
        }
        if chance.one(in: 3) {
            guard simulation.has(.reconciliation) else { return false }
            let day = Town.firstDay + chance.below(self.day - Town.firstDay + 1)
            let own = (books[day] ?? [:]).sorted { $0.key < $1.key }.map(\.value)
            let question = QuestionMaker(terminal: number, chance: chance).question(
                about: day, own: own)
            ask(question, on: line)
            return true
        }
        guard simulation.has(.status) else { return false }
        // Mostly what has no answer.
        let unanswered = tasks.filter { $0.answer == nil && $0.sendings > 0 }
        let unseen = ModelKey(terminal: number, day: day, stan: 900_000 + chance.below(1_000))
        var key = tasks.isEmpty || chance.one(in: 12) ? unseen : chance.among(tasks).key
        if !unanswered.isEmpty, chance.one(in: 2) { key = chance.among(unanswered).key }
        ask(.status(key), on: line)
        return true
    }

    @discardableResult
    private func ask(_ question: ModelQuestion, on line: SimulatedLine) -> SimulatedQuestion {
        let asked = SimulatedQuestion(terminal: number, question: question)
        let header = RequestHeader(businessDate: Town.date(day), stan: 1, terminalTime: 0)
        let id = line.send(asked.kind, asked.body(header))
        line.questions[id] = asked
        simulation.trace.note("\(number) asks \(asked)")
        simulation.witness.open(asked)
        return asked
    }

    /// A recorded answer that a status tells is the request's answer.
    private func learn(from response: TerminalResponse, of question: SimulatedQuestion) {
        guard case .status(let key) = question.question, let task = simulation.tasks[key],
            case .status(let answer) = response.payload, !answer.response.isEmpty,
            let told = try? Comparison.response(task.kind, answer.response)
        else { return }
        if task.answer == nil { task.answer = answer.response }
        learn(from: told, of: task)
    }

    /// At the end, when everything works: asks for every request that it ever made.
    func askForEverything() throws {
        switch simulation.town.roles[number] {
        case .pharmacy, .hospital, .vaccination: break
        default: return
        }
        for task in tasks {
            var isAnswered = false
            for _ in 0..<20 where !isAnswered { isAnswered = try askAtEnd(.status(task.key)) }
            guard isAnswered else { throw Violation("no status of \(task) at the end") }
        }
    }

    private func askAtEnd(_ question: ModelQuestion) throws -> Bool {
        for _ in 0..<200 where line?.isSignedOn != true || line?.isClosed == true {
            loseLine()
            try connect()
            try exchange()
        }
        guard let line, line.isSignedOn else { throw Violation("\(number) cannot sign on") }
        let asked = ask(question, on: line)
        for _ in 0..<200 where !line.questions.isEmpty { try exchange() }
        return asked.isAnswered
    }

    private func exchange() throws {
        line?.carryToDaemon(atMost: .max)
        simulation.turnDaemons()
        try listen(atMost: .max)
    }
}
