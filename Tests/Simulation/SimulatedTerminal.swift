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
        for key in lost.requests.values { simulation.tasks[key]?.unanswered += 1 }
    }

    /// Does one thing.
    func act(inTrouble: Bool) throws {
        for old in oldLines { old.carryToDaemon(atMost: 1 + chance.below(500)) }
        guard let line, !line.isClosed else {
            loseLine()
            return try connect()
        }
        guard line.isSignedOn else { return }
        if inTrouble, chance.one(in: 60) { return misbehave(line) }
        if inTrouble, chance.one(in: 80) { return leave(line) }
        let idle = open.filter { task in !line.requests.values.contains(task.key) }
        if !idle.isEmpty, chance.one(in: 2) {
            let task = chance.among(idle)
            if inTrouble, task.sendings > 0, chance.one(in: 4) { return giveUp(task) }
            send(task, on: line)
        } else if inTrouble, open.count < 5 {
            send(newTask(), on: line)
        } else if inTrouble, chance.one(in: 6), let task = tasks.last(where: { $0.answer != nil }) {
            // A retry of what was answered long ago, or other content under its key.
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
        for key in line.requests.values { simulation.tasks[key]?.unanswered += 1 }
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

    private func newTask() -> SimulatedTask {
        let unseen = ModelKey(terminal: number, day: day, stan: 900_000 + chance.below(1_000))
        let request = RequestMaker(town: simulation.town, chance: chance).request(
            of: number, sales: sales, quotes: quotes, earlier: tasks.map(\.key), unseen: unseen)
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
        guard let (person, total) = task.reversible else { return }
        _ = keep(.reversal(task.key, person: person, total: total))
    }

    private func send(_ task: SimulatedTask, on line: SimulatedLine, isForged: Bool = false) {
        let id = line.send(task.kind, task.body(isForged: isForged))
        task.sendings += 1
        line.requests[id] = task.key
        if isForged { line.forged.insert(id) }
    }

    private func take(_ frame: Frame, on line: SimulatedLine) throws {
        if frame.kind == Frame.noticeKind { return }
        // What was sent there may have been taken for any request.
        if line.isDirty, line.requests[frame.requestID] == nil { return }
        let kind = RequestKind(rawValue: frame.kind & ~Frame.responseBit)
        let response = try ResponseDecoder.decode(frame)
        let code = Int(response.result.code.rawValue)
        simulation.report.answers[code, default: 0] += 1
        if let date = response.result.businessDate { day = max(day, Town.day(date)) }
        if kind == .signOn {
            line.isSignedOn = response.result.code == .approved
            if !line.isSignedOn { loseLine() }
            return
        }
        guard let key = line.requests.removeValue(forKey: frame.requestID),
            let task = simulation.tasks[key]
        else { throw Violation("an answer to nothing: \(response.result)") }
        let isForged = line.forged.remove(frame.requestID) != nil
        let body = Array(frame.body.readableBytesView)
        guard try simulation.judge(body, response, of: task, isForged: isForged) else { return }
        task.answer = body
        learn(from: response, of: task)
    }

    private func learn(from response: TerminalResponse, of task: SimulatedTask) {
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
}
