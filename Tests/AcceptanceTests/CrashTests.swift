import Glibc
import Ledger
import SettlementClient
import SettlementDomain
import SettlementProtocol
import Synchronization
import TestSite
import Testing

extension Acceptance {
    @Suite("Crashes")
    struct CrashTests {
        @Test("35. Kill before the commit: the retry executes once.")
        func killedBefore() async throws {
            try await RunningDaemon.withTown { daemon in
                let patient = Town.patients[3]
                let terminal = try await daemon.connect()
                let (header, sale) = (terminal.newHeader(), patient.purchase(1_000))
                // Stopped, it cannot read what is sent; killed in that state, it never does.
                daemon.process.send(SIGSTOP)
                let lost = Task { try await terminal.settle(sale, header) }
                #expect(await daemon.kill() == .killed(SIGKILL))
                await #expect(throws: ClientFault.self) { _ = try await lost.value }

                let restarted = try await daemon.restarted()
                #expect(try await Books(restarted).settlements(of: patient).isEmpty)
                let again = try await restarted.connect()
                let answer = try await again.settle(sale, header)
                #expect(answer.code == "00" && !answer.result.replayed)
                #expect(try await again.settle(sale, header).result.replayed)
                #expect(try await Books(restarted).balance(of: patient) == 99_000)
                #expect(await restarted.stop() == .exited(0))
            }
        }

        @Test(
            """
            35. Kill after the commit, before the answer is read: the retry is replayed. An \
            approval survives kill -9 at once after it.
            """)
        func killedAfter() async throws {
            try await RunningDaemon.withTown { first in
                var daemon = first
                let patient = Town.patients[4]
                for round in 1...5 {
                    let terminal = try await daemon.connect()
                    let header = terminal.newHeader()
                    let answer = try await terminal.settle(patient.purchase(1_000), header)
                    #expect(answer.code == "00")
                    await daemon.kill()
                    daemon = try await daemon.restarted()
                    let again = try await daemon.connect()
                    let replay = try await again.settle(patient.purchase(1_000), header)
                    #expect(replay.result.replayed && replay.settlement == answer.settlement)
                    let balance = try await Books(daemon).balance(of: patient)
                    #expect(balance == 100_000 - Int64(round) * 1_000)
                }
                #expect(try await Books(daemon).faults() == [])
                #expect(await daemon.stop() == .exited(0))
            }
        }

        @Test(
            """
            34. kill -9 at random moments under load, ten times, clients retrying: every request \
            answered 00 has exactly one effect; no request has two; sums conserved.
            """)
        func killedUnderLoad() async throws {
            let site = try SiteFolder.town()
            let configuration = try site.configure()
            let first = try await RunningDaemon.start(site, configuration: configuration)
            let gate = DaemonGate(first)
            let patients = Array(Town.patients[8..<12])
            let initial = try await Books(first).balances()
            let (progress, feed) = AsyncStream<Void>.makeStream()
            let approved = try await withThrowingTaskGroup(of: (Int, [Int64]).self) { group in
                for (index, terminal) in Town.Terminal.load.enumerated() {
                    group.addTask {
                        let cashier = Cashier(terminal, patients[index], gate)
                        defer { feed.yield() }
                        return (index, try await cashier.work { feed.yield() })
                    }
                }
                var random = SystemRandomNumberGenerator()
                var answers = progress.makeAsyncIterator()
                for _ in 1...10 {
                    for _ in 1...Int.random(in: 5...60, using: &random) {
                        _ = await answers.next()
                    }
                    try await gate.killAndRestart()
                }
                await gate.finish()
                return try await group.reduce(into: [Int: [Int64]]()) { $0[$1.0] = $1.1 }
            }
            let daemon = try await gate.daemon(after: nil)
            let books = Books(daemon)
            var sum: Int64 = 0
            for (index, patient) in patients.enumerated() {
                let amounts = try #require(approved[index])
                let booked = try await books.settlements(of: patient).map(\.split.account.fen)
                #expect(booked.sorted() == amounts.sorted())
                #expect(try await books.balance(of: patient) == 100_000 - amounts.reduce(0, +))
                sum += amounts.reduce(0, +)
            }
            #expect(sum > 0)
            let account = LedgerAccount.institution(Town.pharmacy).description
            let balances = try await books.balances()
            #expect((balances[account] ?? 0) - (initial[account] ?? 0) == sum)
            #expect(try await books.faults() == [])
            let verified = try await daemon.operator.maintain("verify")
            #expect(verified.code == "00", "\(verified)")
            #expect(await daemon.stop() == .exited(0))
        }
    }
}

/// The daemon of the moment, for clients that must wait while it is restarted.
actor DaemonGate {
    private var current: RunningDaemon
    private var generation = 0
    private var isRestarting = false
    private(set) var isFinished = false
    private var waiting: [CheckedContinuation<Void, Never>] = []

    init(_ daemon: RunningDaemon) {
        current = daemon
    }

    /// The daemon, once it is another than the one that a client has lost.
    func daemon(after lost: RunningDaemon?) async throws -> RunningDaemon {
        while isRestarting || lost === current {
            if !isRestarting, isFinished { throw SiteFault("the daemon is lost") }
            await withCheckedContinuation { waiting.append($0) }
        }
        return current
    }

    func killAndRestart() async throws {
        isRestarting = true
        await current.kill()
        current = try await current.restarted()
        isRestarting = false
        wake()
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

/// A terminal that sells without end and asks under the same key until it has an answer.
private struct Cashier {
    let terminal: TerminalID
    let patient: Patient
    let gate: DaemonGate

    init(_ terminal: TerminalID, _ patient: Patient, _ gate: DaemonGate) {
        self.terminal = terminal
        self.patient = patient
        self.gate = gate
    }

    /// The amounts that were approved, each told of by `onAnswer`.
    func work(_ onAnswer: () -> Void) async throws -> [Int64] {
        var approved: [Int64] = []
        var stan: UInt32 = 0
        var lost: RunningDaemon?
        var pending: (header: RequestHeader, amount: Int64)?
        while true {
            let daemon = try await gate.daemon(after: lost)
            do {
                let connection = try await daemon.connect(terminal)
                while true {
                    if pending == nil {
                        if await gate.isFinished { return approved }
                        stan += 1
                        pending = (connection.header(stan: stan), Int64(stan % 7 + 1))
                    }
                    guard let asked = pending else { continue }
                    // Two at a time: what is answered again must be what was answered first.
                    let sale = patient.purchase(asked.amount)
                    async let one = connection.settle(sale, asked.header)
                    async let two = connection.settle(sale, asked.header)
                    let answers = [try await one, try await two]
                    #expect(answers.allSatisfy { $0.code == "00" })
                    #expect(answers[0].settlement == answers[1].settlement)
                    approved.append(asked.amount)
                    pending = nil
                    onAnswer()
                }
            } catch let fault as ClientFault {
                // Only what a kill explains; anything else fails the test.
                guard fault.isWorthReconnecting || fault.isOutcomeUnknown else { throw fault }
                lost = daemon
            }
        }
    }
}
