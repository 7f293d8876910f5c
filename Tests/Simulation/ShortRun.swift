import Foundation
import Ledger
import LedgerSQLite
import NIOCore
import SettlementDomain
import SettlementProtocol
import SettlementServer
import TestSupport

/// One daemon's short life on files of which a single call goes wrong: sales, a wrong PIN, a refund,
/// a void, reversals, a day's close, sweeps, a checkpoint, a stop, a start, a loss of power.
///
/// Its terminals ask again under the same key until they are answered for good. Every entry and
/// answer is held against the model; in the end the store is opened once more and verified.
public final class ShortRun {
    /// What a run came to.
    public struct Report: Sendable {
        /// The call that went wrong, such as `write wal`; nil: there was none of that number.
        public var met: String?
        /// Requests that were answered for good.
        public var answered = 0
        /// Answers by code, those that were none for good too.
        public var answers: [Int: Int] = [:]
    }

    private let simulation: Simulation
    private let disk: FileDisk
    private let daemon: SimulatedDaemon
    private let script: FaultScript
    private var lines: [Int: SimulatedLine] = [:]
    private var lastSTANs: [Int: Int] = [:]
    private var day = Town.firstDay

    /// So often is asked before a request counts as never answered.
    private static let attemptsMax = 12

    /// Sets the town up; from then on the fault may happen.
    ///
    /// - Parameter fault: what goes wrong; nil: nothing.
    /// - Throws: where the town cannot be set up.
    public init(_ fault: SingleFault?) throws {
        var options = Simulation.Options(seed: 34, store: .sqlite, steps: 0)
        // Few rows and pages fit, so that even a short run sweeps and copies its log.
        var cramped = SQLiteStore.Options(
            waitingRowsMax: 40, cachedRowsMax: 4, pageCacheBytes: 1 << 16, logPagesMax: 24)
        cramped.entriesInEra = 8
        options.storeOptions = cramped
        simulation = try Simulation(options)
        guard let disk = simulation.disk as? FileDisk else { throw Violation("no files") }
        self.disk = disk
        daemon = simulation.daemons[0]
        disk.oneFaultIn = nil
        script = FaultScript(fault)
        // The opening credits.
        simulation.commit(daemon)
        guard try simulation.witness.look() else { throw Violation("nothing can be read") }
        // Whatever else happens: once, at the end, what was not synced is lost.
        disk.losesPower = fault?.kind == .losesPower
        script.rule(disk.files)
    }

    /// Runs to the end.
    ///
    /// - Returns: what happened.
    /// - Throws: `Violation` where anything was lost, done twice, or other than the model says.
    public func run() throws -> Report {
        var report = Report()
        let visit = try sell(at: 0, purchase(by: 0, item: 0))
        let stay = try sell(at: 2, outpatient(by: 1))
        let family = try sell(at: 0, purchase(by: 3, item: 2))
        try ask(.inquiry(card: card(of: 1), pin: 9), at: 2)
        try ask(.inquiry(card: card(of: 1), pin: pin(of: 1)), at: 2)
        try ask(
            .refund(
                stay, card: card(of: 1),
                lines: [ModelRefundLine(line: 0, thousandths: nil, traces: [])], total: nil), at: 2)
        try ask(.void(visit, card: card(of: 0), total: 1_000), at: 0)
        try ask(.reversal(family, card: card(of: 3), total: 1_000), at: 0)
        try ask(
            .reversal(
                ModelKey(terminal: 0, day: day, stan: 900_001), card: card(of: 0), total: 1_000),
            at: 0)
        try closeDay()
        for round in 0..<6 { _ = try sell(at: round % 2 * 2, bill(round)) }
        stop()
        _ = try sell(at: 0, purchase(by: 4, item: 0))
        disk.losesPower = true
        simulation.kill(daemon)
        lines = [:]
        _ = try sell(at: 2, outpatient(by: 4))
        stop()
        try checkEnd()
        report.met = script.met
        report.answered = simulation.tasks.all.count
        report.answers = simulation.report.answers
        return report
    }

    // MARK: Asking

    private func sell(at terminal: Int, _ bill: ModelBill) throws -> ModelKey {
        try ask(.bill(bill, settles: true), at: terminal)
    }

    /// Asks until there is an answer for good.
    @discardableResult
    private func ask(_ request: ModelRequest, at terminal: Int) throws -> ModelKey {
        lastSTANs[terminal, default: 0] += 1
        let task = SimulatedTask(
            key: ModelKey(terminal: terminal, day: day, stan: lastSTANs[terminal] ?? 0),
            request: request, terminalTime: 0, quoteDigest: 0)
        simulation.tasks.add(task)
        for _ in 0..<Self.attemptsMax where try asked(task) { return task.key }
        throw Violation("\(task.kind) \(task.key): last told \(task.lastTold), then no more")
    }

    private func asked(_ task: SimulatedTask) throws -> Bool {
        guard let line = try line(of: task.key.terminal) else { return false }
        let id = line.send(task.kind, task.body())
        task.sendings += 1
        line.carryToDaemon(atMost: .max)
        try turn()
        let isAlive = lines[task.key.terminal] === line
        let frames = isAlive ? try line.carryToTerminal(atMost: .max) : []
        for frame in frames where frame.requestID == id {
            let response = try ResponseDecoder.decode(frame)
            let body = Array(frame.body.readableBytesView)
            simulation.report.answers[Int(response.result.code.rawValue), default: 0] += 1
            guard
                try simulation.judge(
                    body, response, of: task, isForged: false, window: nil)
            else {
                return false
            }
            task.answer = body
            return true
        }
        task.unanswered += 1
        return false
    }

    /// The daemon works on what has come; it may die of it.
    private func turn() throws {
        simulation.commit(daemon)
        if daemon.server == nil { lines = [:] }
        daemon.loop.run()
        try simulation.witness.look()
    }

    /// A terminal's connection, signed on; nil where the daemon cannot be started now.
    private func line(of terminal: Int) throws -> SimulatedLine? {
        if let line = lines[terminal], !line.isClosed { return line }
        if daemon.server == nil { try simulation.start(daemon) }
        guard let line = try daemon.connect(asOperator: false) else { return nil }
        SteppedDaemon.announce(Town.terminal(terminal), on: line.channel)
        let request = SignOnRequest(
            header: RequestHeader(businessDate: nil, stan: 0, terminalTime: 0),
            terminal: Town.terminal(terminal), software: "simulated")
        _ = line.send(.signOn, RequestEncoder.signOn(request))
        line.carryToDaemon(atMost: .max)
        daemon.loop.run()
        for frame in try line.carryToTerminal(atMost: .max) {
            let response = try ResponseDecoder.decode(frame)
            guard response.result.code == .approved else { return nil }
        }
        lines[terminal] = line
        return line
    }

    private func closeDay() throws {
        for _ in 0..<Self.attemptsMax {
            if daemon.server == nil { try simulation.start(daemon) }
            guard daemon.server != nil else { continue }
            try simulation.act(.closeDay(day))
            try turn()
            guard simulation.witness.model.today == day else { return }
        }
        throw Violation("the day was never closed")
    }

    /// Ends the daemon as SIGTERM does.
    private func stop() {
        lines = [:]
        daemon.server = nil
        daemon.store = nil
        disk.stop()
    }

    private func checkEnd() throws {
        if daemon.server == nil { try simulation.start(daemon) }
        // The call that went wrong may have been one of this start's.
        if daemon.server == nil { try simulation.start(daemon) }
        guard daemon.server != nil, try simulation.witness.look() else {
            throw Violation("the store cannot be opened: \(disk.lastFault ?? "no fault")")
        }
        try simulation.witness.lookBack()
        for task in simulation.tasks.all { try simulation.checkEnd(of: task) }
        stop()
        let report: VerificationReport
        do {
            report = try StoreAudit(of: disk.files.path, seal: TestSeal()).verify(
                sha256: Digest.sha256)
        } catch {
            // As above; the auditor may have died of it.
            disk.stop()
            report = try StoreAudit(of: disk.files.path, seal: TestSeal()).verify(
                sha256: Digest.sha256)
        }
        guard report.isSound else { throw Violation(report.lines.joined(separator: "\n")) }
    }

    // MARK: Bills

    private func bill(_ round: Int) -> ModelBill {
        round.isMultiple(of: 2)
            ? purchase(by: [0, 4, 3][round / 2], item: 2) : outpatient(by: [1, 4, 0][round / 2])
    }

    private func purchase(by person: Int, item: Int) -> ModelBill {
        bill(.purchase, by: person, [line(item, 1_000)])
    }

    private func outpatient(by person: Int) -> ModelBill {
        bill(.outpatient, by: person, [line(3, 6_000), line(4, 12_000)])
    }

    private func bill(
        _ visit: ModelBill.Visit, by person: Int, _ lines: [ModelLine]
    ) -> ModelBill {
        ModelBill(
            visit: visit, card: card(of: person), pin: pin(of: person), lines: lines,
            total: lines.reduce(0) { $0 + $1.amount }, partial: true, accountLimit: nil, quote: nil)
    }

    /// The person's card, of those that the town has from the beginning.
    private func card(of person: Int) -> Int? {
        simulation.town.cards.filter { $0.value.person == person }.map(\.key).min()
    }

    private func pin(of person: Int) -> Int? {
        card(of: person).flatMap { simulation.town.cards[$0]?.pin }
    }

    /// One unit for so many fen.
    private func line(_ item: Int, _ fen: Int) -> ModelLine {
        ModelLine(item: item, thousandths: 1_000, price: fen * 100, amount: fen, traces: [])
    }
}

/// The making of a store, of whose calls on files a single one goes wrong.
public enum StoreCreation {
    /// Makes a store with the fault, then without it where none was made.
    ///
    /// - Returns: the call that went wrong; nil: there was none of that number.
    /// - Throws: `Violation` where the store is neither whole nor absent.
    public static func run(_ fault: SingleFault) throws -> String? {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("settled-creation-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let path = folder.appendingPathComponent("store.sqlite").path
        let files = FaultyFiles(path: path, chance: Chance(seed: UInt64(fault.number)))
        FaultyFileSystem.take(files)
        defer {
            FaultyFileSystem.release(files)
            try? FileManager.default.removeItem(at: folder)
        }
        let script = FaultScript(fault)
        script.rule(files)
        let date = Town.date(Town.firstDay)
        var options = SQLiteStore.Options.brief
        options.logPagesMax = 8
        options.hasThreads = false
        do throws(StoreFault) {
            try SQLiteStore.create(at: path, seal: TestSeal(), businessDate: date, options: options)
                .close()
        } catch {
            guard script.met != nil else { throw Violation("\(error)") }
        }
        files.script = nil
        files.end(losingPower: false)
        if !FileManager.default.fileExists(atPath: path) {
            try SQLiteStore.create(at: path, seal: TestSeal(), businessDate: date, options: options)
                .close()
        }
        let store = try SQLiteStore(opening: path, seal: TestSeal(), options: options)
        guard try store.loadReference().businessDate == date else {
            throw Violation("the store has another date")
        }
        store.close()
        let report = try StoreAudit(of: path, seal: TestSeal()).verify(sha256: Digest.sha256)
        guard report.isSound else { throw Violation(report.lines.joined(separator: "\n")) }
        return script.met
    }
}
