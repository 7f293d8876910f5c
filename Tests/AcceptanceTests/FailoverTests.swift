import Foundation
import Ledger
import SettlementClient
import SettlementDomain
import SettlementProtocol
import Synchronization
import TestProcesses
import TestSite
import Testing

extension Acceptance {
    /// Real servers and real daemons are killed, and networks cut, under load.
    @Suite("Failover", .enabled(if: TestEngine.current == .postgresql))
    struct FailoverTests {
        /// What the terminals were told: amounts by patient.
        private typealias Told = [Int: [Int64]]

        /// Terminals sell until they are told to stop, each going from daemon to daemon.
        private func sell(
            at daemons: Roster, _ patients: [Patient], _ during: () async throws -> Void
        ) async throws -> Told {
            try await withThrowingTaskGroup(of: (Int, [Int64]).self) { group in
                for (index, terminal) in Town.Terminal.load.enumerated() {
                    group.addTask {
                        let seller = Seller(terminal, patients[index], daemons, first: index)
                        return (index, try await seller.work())
                    }
                }
                try await during()
                daemons.finish()
                return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
            }
        }

        /// Every sale that was answered 00 is there once, and nothing else.
        private func compare(
            _ told: Told, _ patients: [Patient], with daemon: RunningDaemon
        ) async throws {
            let books = Books(daemon)
            for (index, patient) in patients.enumerated() {
                let amounts = try #require(told[index])
                #expect(!amounts.isEmpty)
                let booked = try await books.settlements(of: patient).map(\.split.account.fen)
                #expect(booked.sorted() == amounts.sorted())
                #expect(try await books.balance(of: patient) == 100_000 - amounts.reduce(0, +))
            }
            #expect(try await books.faults() == [])
            let verified = try await Books(daemon).verification()
            #expect(verified.hasPrefix("sound: "), "\(verified)")
        }

        @Test("A daemon killed under load: its terminals go on at another; nothing lost or doubled")
        func daemonKilled() async throws {
            let site = try SiteFolder.town()
            let one = try await RunningDaemon.start(
                site, configuration: try site.configure(name: "one"))
            let two = try await RunningDaemon.start(
                site, configuration: try site.configure(name: "two"))
            let roster = Roster([one, two])
            let patients = Array(Town.patients[8..<12])
            let told = try await sell(at: roster, patients) {
                await roster.sales(40)
                await one.kill()
                await roster.sales(40)
            }
            try await compare(told, patients, with: two)
            #expect(await two.stop() == .exited(0))
        }

        @Test(
            """
            The primary killed under load, its synchronous standby promoted: daemons find it by \
            themselves; no sale that was answered is lost, none is doubled
            """)
        func primaryKilled() async throws {
            let ports = [try DatabaseServer.freePort(), try DatabaseServer.freePort()]
            let primary = try DatabaseServer(port: ports[0])
            try primary.sql("CREATE DATABASE ledger", in: "postgres")
            let standby = try DatabaseServer(standbyOf: primary, name: "standby", port: ports[1])
            try primary.sql(
                "ALTER SYSTEM SET synchronous_standby_names = 'standby'", in: "postgres")
            try primary.sql("SELECT pg_reload_conf()", in: "postgres")
            while try primary.sql(
                "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'",
                in: "postgres") != "1"
            {
                await Task.yield()
            }
            let site = try SiteFolder.town(
                at: "host=127.0.0.1,127.0.0.1 port=\(ports[0]),\(ports[1]) user=settled "
                    + "dbname=ledger target_session_attrs=read-write",
                settings: ", answer_ms: 2000, resolve_ms: 20000")
            var daemons: [RunningDaemon] = []
            for name in ["one", "two"] {
                daemons.append(
                    try await RunningDaemon.start(
                        site, configuration: try site.configure(name: name)))
            }
            let roster = Roster(daemons)
            let patients = Array(Town.patients[8..<12])
            let clock = ContinuousClock()
            var pause = Duration.zero
            let told = try await sell(at: roster, patients) {
                await roster.sales(60)
                let start = clock.now
                primary.kill()
                try standby.promote()
                let promoted = clock.now
                await roster.sales(1)
                pause = clock.now - start
                print(
                    "failover: promoted after \(promoted - start), the next sale answered after "
                        + "\(pause)")
                await roster.sales(60)
            }
            try await compare(told, patients, with: daemons[0])
            try await compare(told, patients, with: daemons[1])
            for daemon in daemons { #expect(await daemon.stop() == .exited(0)) }
        }

        @Test(
            """
            The network to the database cut before a commit is sent: 91, and nothing was executed; \
            cut while its answer is under way: 96, and it was
            """)
        func networkCut() async throws {
            let port = try DatabaseServer.freePort()
            let server = try DatabaseServer(port: port)
            try server.sql("CREATE DATABASE ledger", in: "postgres")
            let link = try await CuttableLink.open(to: port)
            let site = try SiteFolder.town(
                at: "host=127.0.0.1 port=\(link.port) user=settled dbname=ledger",
                settings: ", lanes: 1, answer_ms: 500, resolve_ms: 500")
            let daemon = try await RunningDaemon.start(
                site, configuration: try site.configure())
            let patient = Town.patients[5]
            let terminal = try await daemon.connect()
            let sale = patient.purchase(1_000)
            #expect(try await terminal.settle(sale).code == "00")

            link.cut(.now)
            let refused = terminal.newHeader()
            #expect(try await terminal.settle(sale, refused).code == "91")
            await link.mend()
            var retried = try await terminal.settle(sale, refused)
            while retried.code == "91" { retried = try await terminal.settle(sale, refused) }
            #expect(retried.code == "00" && !retried.result.replayed)

            // The last commit's statements reach the server, its answer is lost on the way, and
            // nobody can be asked: truly unknown. What is sent first on a connection is its text.
            link.cut(.after("SET LOCAL statement_timeout"))
            await link.closeConnections()
            let unknown = terminal.newHeader()
            var answer = try await terminal.settle(sale, unknown)
            while answer.code == "91" { answer = try await terminal.settle(sale, unknown) }
            #expect(answer.code == "96")
            await link.mend()
            var later = try await terminal.settle(sale, unknown)
            while later.code == "91" { later = try await terminal.settle(sale, unknown) }
            #expect(later.code == "00" && later.result.replayed)
            #expect(try await Books(daemon).balance(of: patient) == 100_000 - 3_000)
            #expect(try await Books(daemon).faults() == [])
            #expect(await daemon.stop() == .exited(0))
            await link.close()
        }
    }
}

/// The daemons that terminals may go to, and how the sales go on.
final class Roster: Sendable {
    private let daemons: [RunningDaemon]
    private let state = Mutex((sales: 0, isFinished: false))

    init(_ daemons: [RunningDaemon]) { self.daemons = daemons }

    /// The daemon of a turn.
    func daemon(_ turn: Int) -> RunningDaemon { daemons[turn % daemons.count] }

    var isFinished: Bool { state.withLock { $0.isFinished } }

    func sold() { state.withLock { $0.sales += 1 } }

    /// Tells terminals to stop after their next answer.
    func finish() { state.withLock { $0.isFinished = true } }

    /// Returns once so many more sales were answered.
    func sales(_ count: Int) async {
        let goal = state.withLock { $0.sales } + count
        while state.withLock({ $0.sales }) < goal { await Task.yield() }
    }
}

/// A terminal that sells without end; without an answer, or with one that says nothing was or may
/// have been executed, it asks again under the same key, at the next daemon.
private struct Seller {
    let terminal: TerminalID
    let patient: Patient
    let roster: Roster
    let first: Int

    init(_ terminal: TerminalID, _ patient: Patient, _ roster: Roster, first: Int) {
        self.terminal = terminal
        self.patient = patient
        self.roster = roster
        self.first = first
    }

    /// The amounts that were approved.
    func work() async throws -> [Int64] {
        var approved: [Int64] = []
        var stan: UInt32 = 0
        var pending: (header: RequestHeader, amount: Int64)?
        var turn = first
        while true {
            do {
                let connection = try await roster.daemon(turn).connect(terminal)
                while true {
                    if pending == nil {
                        if roster.isFinished { return approved }
                        stan += 1
                        pending = (connection.header(stan: stan), Int64(stan % 7 + 1))
                    }
                    guard let asked = pending else { continue }
                    let answer = try await connection.settle(
                        patient.purchase(asked.amount), asked.header)
                    guard answer.code == "00" else {
                        #expect(["91", "96"].contains(answer.code), "\(answer.verdict)")
                        turn += 1
                        await connection.close()
                        break
                    }
                    approved.append(asked.amount)
                    pending = nil
                    roster.sold()
                }
            } catch let fault as ClientFault {
                // Only what a daemon's end explains; anything else fails the test.
                guard fault.isWorthReconnecting || fault.isOutcomeUnknown else { throw fault }
                turn += 1
            }
        }
    }
}
