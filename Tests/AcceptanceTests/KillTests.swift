import Foundation
import Glibc
import Ledger
import SettlementClient
import SettlementDomain
import SettlementProtocol
import TestSite
import TestSupport
import Testing

extension Acceptance {
    @Suite("Kills at random moments")
    struct KillTests {
        /// How often a daemon is killed: `SETTLED_KILLS`, else 200.
        static let kills =
            ProcessInfo.processInfo.environment["SETTLED_KILLS"].flatMap { Int($0) } ?? 200

        @Test(
            """
            34. kill -9 at random moments under load, 200 times, clients retrying: every request \
            answered 00 has exactly one effect; no request has two; sums conserved.
            """)
        func killedUnderLoad() async throws {
            let seed = TestSeed.drawn("\(Self.kills) kills on \(TestEngine.current)")
            var random = SplitMix(seed: seed)
            let site = try SiteFolder.town()
            let configuration = try site.configure()
            // A killed daemon's rows of the table `writer` are free after 60 s, and there are 255:
            // one lane each is enough for any pace of kills.
            try String(contentsOfFile: configuration, encoding: .utf8)
                .replacing("{kind: postgresql,", with: "{kind: postgresql, lanes: 1,")
                .write(toFile: configuration, atomically: true, encoding: .utf8)
            let first = try await RunningDaemon.start(site, configuration: configuration)
            let patients = Array(Town.patients[8..<12])
            // More than all sales of any number of kills.
            try await first.register(patients.map { $0.credit(1_000_000_000, "kills") })
            let initial = try await Books(first).balances()
            let gate = DaemonGate(first, configuration: configuration)
            let (progress, feed) = AsyncStream<Void>.makeStream()
            let done = try await withThrowingTaskGroup(of: (Int, Cashier.Work).self) { group in
                for (index, terminal) in Town.Terminal.load.enumerated() {
                    group.addTask {
                        var cashier = Cashier(terminal, patients[index], gate)
                        defer { feed.yield() }
                        return (index, try await cashier.work { feed.yield() })
                    }
                }
                try await kill(gate, between: progress, &random)
                return try await group.reduce(into: [Int: Cashier.Work]()) { $0[$1.0] = $1.1 }
            }
            let daemon = try await gate.daemon(after: nil)
            let requests = done.values.reduce(0) { $0 + $1.sold.count + $1.voided.count }
            #expect(requests > Self.kills / 2)
            let works = try patients.indices.map { try #require(done[$0]) }
            try await check(works, of: patients, in: daemon, from: initial)
            #expect(await daemon.stop() == .exited(0))
            print(
                "\(Self.kills) kills on \(TestEngine.current): \(requests) requests answered 00,",
                "\(await gate.resent) sent again, \(await gate.replayed) of them replayed")
        }

        /// Kills the daemon as often as is said, each time after some more answers.
        private func kill(
            _ gate: DaemonGate, between progress: AsyncStream<Void>, _ random: inout SplitMix
        ) async throws {
            var answers = progress.makeAsyncIterator()
            var killed = 0
            while killed < Self.kills {
                for _ in 0..<Int.random(in: 0...16, using: &random) { _ = await answers.next() }
                // Anywhere between two answers; not waiting for anything.
                let delay = Int.random(in: 0...3_000, using: &random)
                try await Task.sleep(for: .microseconds(delay))
                // Now and then it is killed again while it starts.
                var starts: [Duration] = []
                while killed + starts.count + 1 < Self.kills,
                    Int.random(in: 0..<4, using: &random) == 0
                {
                    starts.append(.microseconds(Int.random(in: 0...250_000, using: &random)))
                }
                try await gate.killAndRestart(killingStartsAfter: starts)
                killed += 1 + starts.count
            }
            await gate.finish()
        }

        /// What was answered 00 was done once, and nothing else was.
        private func check(
            _ works: [Cashier.Work], of patients: [Patient], in daemon: RunningDaemon,
            from initial: [String: Int64]
        ) async throws {
            let books = Books(daemon)
            var sum: Int64 = 0
            for (work, patient) in zip(works, patients) {
                let booked = try await books.settlements(of: patient)
                let amounts = booked.map { ($0.id, $0.split.account.fen) }
                #expect(Dictionary(amounts) { $0 + $1 } == work.sold)
                #expect(booked.count == work.sold.count)
                #expect(Set(booked.filter { $0.state == .voided }.map(\.id)) == work.voided)
                let standing = work.sold.filter { !work.voided.contains($0.key) }.values
                    .reduce(0, +)
                let balance = try await books.balance(of: patient)
                #expect(balance == 1_000_100_000 - standing)
                sum += standing
            }
            #expect(sum > 0)
            let account = LedgerAccount.institution(Town.pharmacy).description
            let balances = try await books.balances()
            #expect((balances[account] ?? 0) - (initial[account] ?? 0) == sum)
            #expect(try await books.faults() == [])
            #expect(try await books.verification().hasPrefix("sound: "))
        }
    }
}

/// The daemon of the moment, for clients that must wait while it is restarted.
private actor DaemonGate {
    private var current: RunningDaemon
    private let configuration: String
    private var isRestarting = false
    private(set) var isFinished = false
    private var waiting: [CheckedContinuation<Void, Never>] = []
    /// Requests that were sent again since nobody knew what had become of them.
    private(set) var resent = 0
    /// How many of these had been executed.
    private(set) var replayed = 0

    init(_ daemon: RunningDaemon, configuration: String) {
        current = daemon
        self.configuration = configuration
    }

    /// The daemon, once it is another than the one that a client has lost.
    func daemon(after lost: RunningDaemon?) async throws -> RunningDaemon {
        while isRestarting || lost === current {
            if !isRestarting, isFinished { throw SiteFault("the daemon is lost") }
            await withCheckedContinuation { waiting.append($0) }
        }
        return current
    }

    /// Kills the daemon, and so many of its successors, each so long after its start.
    func killAndRestart(killingStartsAfter starts: [Duration]) async throws {
        isRestarting = true
        await current.kill()
        for delay in starts {
            let process = try RunningDaemon.run(["--config", configuration], in: current.site)
            // The moment itself, not something to wait for.
            try await Task.sleep(for: delay)
            process.send(SIGKILL)
            _ = await process.ending()
        }
        current = try await current.restarted()
        isRestarting = false
        wake()
    }

    func note(resent isReplayed: Bool) {
        resent += 1
        if isReplayed { replayed += 1 }
    }

    /// Tells clients to stop after their next answer.
    func finish() {
        isFinished = true
        wake()
    }

    private func wake() {
        for continuation in waiting { continuation.resume() }
        waiting = []
    }
}

/// A terminal that sells without end, voids some of it, and asks under the same key until it has an
/// answer.
private struct Cashier {
    /// What was approved.
    struct Work: Sendable {
        /// Amounts in fen.
        var sold: [SettlementID: Int64] = [:]
        var voided: Set<SettlementID> = []
    }

    private enum Errand {
        case sale(Int64)
        case void(SettlementID, Int64)
    }

    private let terminal: TerminalID
    private let patient: Patient
    private let gate: DaemonGate
    private var book = Work()
    private var last: (id: SettlementID, amount: Int64)?
    private var stan: UInt32 = 0
    /// What has no answer yet.
    private var pending: (header: RequestHeader, errand: Errand, sendings: Int)?

    init(_ terminal: TerminalID, _ patient: Patient, _ gate: DaemonGate) {
        self.terminal = terminal
        self.patient = patient
        self.gate = gate
    }

    /// Works until told to stop; each answer is told of by `onAnswer`.
    mutating func work(_ onAnswer: () -> Void) async throws -> Work {
        var lost: RunningDaemon?
        while true {
            let daemon = try await gate.daemon(after: lost)
            do {
                let connection = try await daemon.connect(terminal)
                while true {
                    if pending == nil {
                        if await gate.isFinished { return book }
                        begin(on: connection)
                    }
                    try await ask(connection)
                    onAnswer()
                }
            } catch let fault as ClientFault {
                // Only what a kill explains; anything else fails the test.
                guard fault.isWorthReconnecting || fault.isOutcomeUnknown else { throw fault }
                lost = daemon
            }
        }
    }

    private mutating func begin(on connection: TerminalConnection) {
        stan += 1
        let header = connection.header(stan: stan)
        if stan.isMultiple(of: 5), let last {
            pending = (header, .void(last.id, last.amount), 0)
            self.last = nil
        } else {
            pending = (header, .sale(Int64(stan % 7 + 1)), 0)
        }
    }

    /// Sends twice at a time: what is answered again must be what was answered first.
    private mutating func ask(_ connection: TerminalConnection) async throws {
        guard let (header, errand, sendings) = pending else { return }
        pending?.sendings += 1
        switch errand {
        case .sale(let amount):
            let sale = patient.purchase(amount)
            async let one = connection.settle(sale, header)
            async let two = connection.settle(sale, header)
            let answers = [try await one, try await two]
            #expect(answers.allSatisfy { $0.code == "00" }, "\(answers)")
            #expect(answers[0].settlement == answers[1].settlement)
            let id = try #require(answers[0].settlement?.id)
            #expect(book.sold.updateValue(amount, forKey: id) == nil)
            last = (id, amount)
            if sendings > 0 {
                await gate.note(resent: answers.allSatisfy { $0.result.replayed })
            }
        case .void(let id, let amount):
            let sale = patient.purchase(amount)
            async let one = connection.void(id, sale, header)
            async let two = connection.void(id, sale, header)
            let answers = [try await one, try await two]
            #expect(answers.allSatisfy { $0.code == "00" }, "\(answers)")
            #expect(book.voided.insert(id).inserted)
            if sendings > 0 {
                await gate.note(resent: answers.allSatisfy { $0.result.replayed })
            }
        }
        pending = nil
    }
}
