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
    private var elapsed: Int64 = 0
    private var operatorSTAN: UInt32 = 0
    private var credits = 0

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
        daemons = (0..<count).map { _ in SimulatedDaemon() }
        witness = Witness(town: town, disk: disk, tasks: tasks)
        try setUp()
        terminals = town.terminals.indices.map { SimulatedTerminal(number: $0, simulation: self) }
        disk.oneFaultIn = chance.among([nil, 200, 50, 12])
        disk.meanwhile = { [unowned self] in letOthersWork() }
    }

    /// Runs until trouble has lasted long enough, then heals everything and waits until every
    /// request has its answer.
    ///
    /// - Returns: what happened.
    /// - Throws: the first `Violation`.
    public func run() throws -> Report {
        for _ in 0..<options.steps { try step(inTrouble: true) }
        disk.oneFaultIn = nil
        var left = 200_000
        while try terminals.contains(where: { !$0.isDone }) || !witness.look() {
            left -= 1
            guard left > 0 else { throw Violation(waitingInVain) }
            // Whatever happened to its store, a daemon starts now.
            for daemon in daemons where daemon.server == nil { try daemon.start(disk) }
            try step(inTrouble: false)
        }
        try witness.lookBack()
        for task in tasks.all { try checkEnd(of: task) }
        report.entries = Int(witness.entriesSeen)
        return report
    }

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
    private func step(inTrouble: Bool) throws {
        switch chance.below(100) {
        case 0..<25: chance.among(terminals).line?.carryToDaemon(atMost: bytes)
        case 25..<45: try chance.among(terminals).listen(atMost: bytes)
        case 45..<65: commit(chance.among(daemons))
        case 65..<90: try chance.among(terminals).act(inTrouble: inTrouble)
        case 90..<95:
            pass(chance.one(in: 40) ? Int64(chance.below(200_000)) : Int64(chance.below(300)))
        case 95..<97: try operate(inTrouble: inTrouble)
        default: if inTrouble { try trouble() }
        }
        for daemon in daemons { daemon.loop.run() }
        try witness.look()
    }

    private var bytes: Int { chance.one(in: 3) ? 1 + chance.below(40) : 100_000 }

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
        case 0...3: chance.among(terminals).loseLine()
        case 4: chance.among(daemons).clock.jump(by: Int64(chance.below(7_200_000)) - 3_600_000)
        case 5: kill(chance.among(daemons))
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
        for terminal in terminals where terminal.line?.daemon === daemon { terminal.loseLine() }
        daemon.server = nil
        daemon.store = nil
        disk.processEnded(store)
    }
}

// The operator.
extension Simulation {
    private func nextCredit() -> Int {
        credits += 1
        return credits
    }

    private func operate(inTrouble: Bool) throws {
        switch inTrouble ? chance.below(12) : .max {
        case 0...5:
            let owners = town.persons.indices.filter { town.persons[$0].hasAccount }
            try act(
                .credit(
                    person: chance.among(Array(owners)), amount: 1 + chance.below(40_000),
                    number: nextCredit()))
        case 6:
            let number = chance.below(town.institutions.count)
            try act(.suspend(institution: number, !witness.model.institutions[number].isSuspended))
        case 7:
            let number = chance.below(town.terminals.count)
            try act(.block(terminal: number, !witness.model.blocked.contains(number)))
        case 8:
            let number = chance.below(town.persons.count)
            try act(.freeze(person: number, !witness.model.persons[number].isFrozen))
        case 9: if witness.model.today < 12 { try act(.closeDay(witness.model.today)) }
        default: try heal()
        }
    }

    /// Nobody stays suspended for ever.
    private func heal() throws {
        for number in town.institutions.indices where witness.model.institutions[number].isSuspended
        {
            try act(.suspend(institution: number, false))
        }
        for number in witness.model.blocked.sorted() { try act(.block(terminal: number, false)) }
    }

    /// Sends an action over the operator's socket of a daemon.
    func act(_ action: OperatorAction) throws {
        guard let daemon = daemons.first(where: { $0.server != nil }),
            let line = try daemon.operatorLine()
        else { return }
        operatorSTAN += 1
        witness.expectedActions.append(action)
        let header = RequestHeader(
            businessDate: Town.date(witness.model.today), stan: operatorSTAN, terminalTime: 0)
        let registration: Registration
        switch action {
        case .credit(let person, let amount, let number):
            registration = .credit(town.credit(person, amount, number: number))
        case .suspend(let number, let isSuspended):
            var institution = town.institutions[number]
            institution.isSuspended = isSuspended
            registration = .institution(town.institutionRow(number, institution))
        case .freeze(let number, let isFrozen):
            var person = town.persons[number]
            person.isFrozen = isFrozen
            registration = .person(town.personRow(number, person))
        case .block(let number, let isBlocked):
            registration = .terminal(town.terminalRow(number, isBlocked: isBlocked))
        case .closeDay(let day):
            _ = line.send(
                .dayClose,
                RequestEncoder.dayClose(
                    DayCloseRequest(header: header, date: Town.date(day), next: Town.date(day + 1)))
            )
            return line.carryToDaemon(atMost: .max)
        }
        _ = line.send(
            .operatorApply,
            RequestEncoder.operatorApply(
                OperatorApplyRequest(header: header, registrations: [registration], isDryRun: false)
            ))
        line.carryToDaemon(atMost: .max)
    }
}
