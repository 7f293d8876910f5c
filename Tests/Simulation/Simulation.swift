import Ledger
import LedgerSQLite
import Logging
import NIOCore
import NIOEmbedded
import SettlementDomain
import SettlementProtocol
import SettlementServer

/// Several daemons, their store, their terminals and all that lies between, in one thread, out of
/// one seed.
///
/// Everything that is asked and answered goes through the real sessions, queues, committers and
/// rules; network, clocks, store and people are simulated, and misbehave. After every step what is
/// stored and what was answered is held against a model that was written from Protocol/ alone.
public final class Simulation {
    /// How a run is set up.
    public struct Options: Sendable {
        /// What the daemons keep their ledger in.
        public enum Store: String, Sendable, CaseIterable {
            /// A database in memory that up to three daemons share.
            case shared
            /// SQLite of one daemon, on files that fail and lose what was not synced.
            case sqlite
        }

        /// What happens; the same seed gives the same run.
        public var seed: UInt64
        /// How long trouble lasts, in steps.
        public var steps: Int
        /// A defect that the run must find.
        public var flaw: Flaw?
        /// The store.
        public var store: Store
        /// How much of a store on files is held in memory; nil: chance says it.
        var storeOptions: SQLiteStore.Options?
        /// What is left out of the run.
        public var without: Set<Ingredient> = []
        /// The terminals that do anything.
        public var terminals = NumberSet(Town.terminalNumbers)
        /// The turns in which anything happens while trouble lasts; nil: all.
        public var turns: NumberSet?
        /// Whether the last events are kept in words.
        public var isTraced = false

        /// Creates options.
        public init(
            seed: UInt64, store: Store = .shared, steps: Int = 4_000, flaw: Flaw? = nil
        ) {
            self.store = store
            self.seed = seed
            self.steps = steps
            self.flaw = flaw
        }
    }

    /// What a run came to.
    public struct Report: Sendable {
        /// Journal entries that were checked.
        public var entries = 0
        /// Answers that terminals got, by code.
        public var answers: [Int: Int] = [:]
        /// Requests that were decided, by kind and code: `settle 00`.
        public var decided: [String: Int] = [:]
        /// Questions that were judged.
        public var questions = 0
        /// Daemons that died.
        public var deaths = 0
        /// A number that differs where anything that was answered differs.
        public var digest: UInt64 = 14_695_981_039_346_656_037
    }

    let options: Options
    let chance: Chance
    let town = Town()
    let disk: any SimulatedDisk
    var daemons: [SimulatedDaemon]
    var terminals: [SimulatedTerminal] = []
    let tasks = TaskBook()
    var report = Report()
    let witness: Witness
    let trace: Trace
    /// The turn that the run is in, or has failed in, counted from 1.
    public private(set) var turn = 0
    /// Whether calls of the store fail at any time.
    private(set) var hasFaults = false
    private var elapsed: Int64 = 0
    var operatorSTAN: UInt32 = 0
    var credits = 0

    /// Sets a town up.
    ///
    /// - Throws: `StoreFault`, or where a daemon cannot start.
    public init(_ options: Options) throws {
        self.options = options
        let chance = Chance(seed: options.seed)
        self.chance = chance
        let date = Town.date(Town.firstDay)
        let disk: any SimulatedDisk =
            switch options.store {
            case .shared: SharedDisk(chance: chance, businessDate: date, flaw: options.flaw)
            case .sqlite:
                try FileDisk(
                    chance: chance, businessDate: date, flaw: options.flaw,
                    options: options.storeOptions)
            }
        self.disk = disk
        let count = options.store == .shared ? 1 + chance.below(3) : 1
        daemons = (0..<(options.without.contains(.daemons) ? 1 : count)).map { _ in
            SimulatedDaemon()
        }
        trace = Trace(isKept: options.isTraced)
        witness = Witness(town: town, disk: disk, tasks: tasks, events: trace)
        try setUp()
        terminals = town.terminals.indices.map { SimulatedTerminal(number: $0, simulation: self) }
        let oneFaultIn = chance.among([nil, 200, 50, 12])
        disk.oneFaultIn = has(.faults) ? oneFaultIn : nil
        hasFaults = disk.oneFaultIn != nil
        if has(.races) { disk.meanwhile = { [unowned self] in letOthersWork() } }
    }

    /// Whether the run has an ingredient.
    func has(_ ingredient: Ingredient) -> Bool { !options.without.contains(ingredient) }

    /// The last events, in words; none where they were not kept.
    public var events: [String] { trace.lines }

    /// Runs until trouble has lasted long enough, then heals everything and waits until every
    /// request has its answer.
    ///
    /// - Returns: what happened.
    /// - Throws: the first `Violation`.
    public func run() throws -> Report {
        for turn in 1...max(1, options.steps) where options.turns?.contains(turn) ?? true {
            try step(turn, inTrouble: true)
        }
        disk.oneFaultIn = nil
        // Turns of their own, whatever came before.
        let end = Self.firstTurnOfEnd + 200_000
        var next = Self.firstTurnOfEnd
        while try terminals.contains(where: { !$0.isDone }) || !witness.look() {
            guard next < end else { throw Violation(waitingInVain) }
            // Whatever happened to its store, a daemon starts now.
            for daemon in daemons where daemon.server == nil { try daemon.start(disk) }
            try step(next, inTrouble: false)
            next += 1
        }
        try lookAtTheEnd()
        report.entries = Int(witness.entriesSeen)
        report.decided = witness.decided
        report.questions = witness.questionsJudged
        return report
    }

    private static let firstTurnOfEnd = 1_000_000_000

    private var waitingInVain: String {
        let open = terminals.flatMap(\.open).map { task in
            "\(task.kind) \(task.key), sent \(task.sendings) times, last told \(task.lastTold)"
        }
        return "never answered though everything works (the store's last fault: "
            + "\(disk.lastFault ?? "none")): \(open.joined(separator: "; "))"
    }

    private func setUp() throws {
        let store = try disk.open()
        try Self.register(town.registrations, in: store)
        try witness.beginAfterSetUp()
        disk.processEnded(store)
        for daemon in daemons { try start(daemon) }
        for person in town.persons.indices where town.persons[person].hasAccount {
            try act(
                .credit(person: person, amount: 10_000 + chance.below(90_000), number: nextCredit())
            )
        }
    }

    /// Registers as an operator does before the daemon runs.
    private static func register(
        _ registrations: [Registration], in store: any LedgerStore
    ) throws {
        let ledger = Ledger(sha256: Digest.sha256, encodeResponse: ResponseEncoder.encode)
        let reference = try store.loadReference()
        let request = LedgerRequest.byOperator(
            .register(registrations, dryRun: false), on: reference.businessDate)
        var keys = LoadKeys()
        ledger.keys(of: request, reference: reference, into: &keys)
        var rows = try store.load(keys, reference: reference)
        let decision = ledger.decide(request, at: 0, on: &rows)
        guard decision.code == .approved, !rows.entries.isEmpty else {
            throw Violation("the town was refused: \(decision.code) \(decision.reason)")
        }
        try store.commit(rows.entries)
    }

    /// One thing happens.
    private func step(_ turn: Int, inTrouble: Bool) throws {
        self.turn = turn
        chance.begin(turn: turn)
        trace.begin(turn: turn)
        switch chance.below(100) {
        case 0..<25: terminal()?.line?.carryToDaemon(atMost: bytes)
        case 25..<45: try terminal()?.listen(atMost: bytes)
        case 45..<65: commit(chance.among(daemons))
        case 65..<90: try terminal()?.act(inTrouble: inTrouble)
        case 90..<95:
            pass(chance.one(in: 40) ? Int64(chance.below(200_000)) : Int64(chance.below(300)))
        case 95..<97: try operate(inTrouble: inTrouble)
        default: if inTrouble { try trouble() }
        }
        for daemon in daemons { daemon.loop.run() }
        try witness.look()
    }

    /// Any terminal, those that sell twice as often; nil where it is left out of the run.
    private func terminal() -> SimulatedTerminal? {
        let number = chance.below(terminals.count + town.sellers) % terminals.count
        return options.terminals.contains(number) ? terminals[number] : nil
    }

    /// All daemons do what waits, and learn what others have changed.
    func turnDaemons() {
        for daemon in daemons {
            commit(daemon)
            daemon.loop.run()
        }
    }

    private var bytes: Int { chance.one(in: 3) && has(.pieces) ? 1 + chance.below(40) : 100_000 }

    /// Another daemon comes between what one has read and what it writes.
    private func letOthersWork() {
        if chance.one(in: 4) { commit(chance.among(daemons)) }
    }

    func commit(_ daemon: SimulatedDaemon) {
        guard let server = daemon.server, !daemon.isWorking else { return }
        daemon.isWorking = true
        server.step(atMost: 1 + chance.below(20))
        daemon.isWorking = false
        guard let store = daemon.store, disk.takeDeath(of: store) else { return }
        // What it had decided to answer was never sent.
        kill(daemon)
    }

    private func pass(_ milliseconds: Int64) {
        elapsed += milliseconds
        for daemon in daemons {
            daemon.clock.advance(to: elapsed)
            daemon.loop.advanceTime(by: .milliseconds(milliseconds))
        }
    }

    private func trouble() throws {
        switch chance.below(8) {
        case 0...3: if has(.cuts) { terminal()?.loseLine() }
        case 4:
            let daemon = chance.among(daemons)
            if has(.clocks) { daemon.clock.jump(by: Int64(chance.below(7_200_000)) - 3_600_000) }
        case 5:
            let daemon = chance.among(daemons)
            if has(.deaths) { kill(daemon) }
        default:
            let daemon = chance.among(daemons)
            if daemon.server == nil { try start(daemon) }
        }
    }

    func start(_ daemon: SimulatedDaemon) throws {
        do {
            try daemon.start(disk)
        } catch is StoreFault {
            // The store is away: somebody starts it again later.
            daemon.server = nil
            daemon.store = nil
        }
    }

    func kill(_ daemon: SimulatedDaemon) {
        guard let store = daemon.store else { return }
        report.deaths += 1
        trace.note("a daemon dies")
        for terminal in terminals where terminal.line?.daemon === daemon { terminal.loseLine() }
        daemon.server = nil
        daemon.store = nil
        disk.processEnded(store)
    }
}
