import Foundation
import Ledger
import SettlementClient
import SettlementDomain
import SettlementProtocol
import TestSite
import Testing

extension Acceptance {
    @Suite("Several daemons on one database", .enabled(if: TestEngine.current == .postgresql))
    struct SeveralDaemonsTests {
        /// Starts daemons on one site, does something with them, and ends them by SIGTERM.
        private func with(
            _ count: Int, _ body: ([RunningDaemon]) async throws -> Void
        ) async throws {
            let site = try SiteFolder.town()
            var daemons: [RunningDaemon] = []
            for number in 0..<count {
                let configuration = try site.configure(name: "daemon\(number)")
                daemons.append(try await RunningDaemon.start(site, configuration: configuration))
            }
            try await body(daemons)
            for daemon in daemons { #expect(await daemon.stop() == .exited(0)) }
        }

        @Test("a retry at another daemon is replayed; both sent at once execute once")
        func retries() async throws {
            try await with(2) { daemons in
                let patient = Town.patients[0]
                let one = try await daemons[0].connect()
                let two = try await daemons[1].connect()
                let sale = patient.purchase(1_000)
                let header = one.newHeader()
                let first = try await one.settle(sale, header)
                #expect(first.code == "00" && !first.result.replayed)
                let again = try await two.settle(sale, header)
                #expect(again.code == "00" && again.result.replayed)
                #expect(again.settlement == first.settlement)
                for _ in 1...30 {
                    let header = one.newHeader()
                    async let left = one.settle(sale, header)
                    async let right = two.settle(sale, header)
                    let answers = try await [left, right]
                    #expect(answers.allSatisfy { $0.code == "00" })
                    #expect(answers[0].settlement == answers[1].settlement)
                    #expect(answers.count { $0.result.replayed } == 1)
                }
                #expect(try await Books(daemons[1]).balance(of: patient) == 100_000 - 31_000)
                // And a reversal at the one of what the other has settled.
                let reversal = try await two.reverse(header, sale, two.newHeader())
                #expect(reversal.code == "00")
                #expect(try await Books(daemons[0]).balance(of: patient) == 100_000 - 30_000)
            }
        }

        @Test("wrong PINs are counted over all daemons")
        func wrongPINs() async throws {
            try await with(3) { daemons in
                let patient = Town.patients[1]
                let wrong = patient.purchase(100).with { $0.pin = patient.wrongPIN }
                var terminals: [TerminalConnection] = []
                for daemon in daemons { terminals.append(try await daemon.connect()) }
                var codes: [String] = []
                for terminal in terminals { codes.append(try await terminal.settle(wrong).code) }
                #expect(codes == ["55", "55", "75"])
                for terminal in terminals {
                    #expect(try await terminal.settle(patient.purchase(100)).code == "75")
                }
            }
        }

        @Test("one package in two sales at two daemons at once: one gets money")
        func packages() async throws {
            try await with(2) { daemons in
                let policy = Policy(
                    region: Town.region, version: PolicyVersion(rawValue: 2),
                    effectiveFrom: Town.firstDay, visitBenefits: Town.policy.visitBenefits,
                    benefits: Town.policy.benefits, caps: Town.policy.caps,
                    traceCodesRequiredFrom: Town.firstDay)
                // Registered at the one, it is in force at the other with its next request.
                try await daemons[0].register([.policy(PolicyRow(policy: policy))])
                let one = try await daemons[0].connect()
                let two = try await daemons[1].connect(Town.Terminal.otherPharmacy)
                for round in 1...20 {
                    var item = line(Town.medicine, 1_000)
                    item.traceCodes = [try #require(TraceCode("PACK\(round)"))]
                    let sales = [Town.patients[0], Town.patients[1]].map {
                        $0.sale([item], .pharmacyPurchase, partial: true)
                    }
                    async let left = one.settle(sales[0])
                    async let right = two.settle(sales[1])
                    let answers = try await [left, right].map { try #require($0.settlement) }
                    #expect(answers.map(\.split.account.fen).sorted() == [0, 1_000])
                }
                #expect(try await Books(daemons[1]).faults() == [])
            }
        }

        @Test("an owner and two relatives spend at three daemons at once: no limit is passed")
        func family() async throws {
            try await with(3) { daemons in
                try await spendAtOnce(at: daemons)
            }
        }

        @Test("what one daemon registers or closes, the others know without being asked")
        func reference() async throws {
            try await with(2) { daemons in
                let patient = Patient.new(balance: 5_000)
                try await daemons[0].admit(patient)
                let terminal = try await daemons[1].connect()
                #expect(try await terminal.settle(patient.purchase(1_000)).code == "00")
                let close = try await daemons[0].operator.closeDay(Town.today)
                #expect(close.code == "00")
                // Booked under the new date at once, though this daemon was told nothing.
                let answer = try await terminal.settle(patient.purchase(1_000))
                #expect(answer.code == "00")
                #expect(answer.result.businessDate == Town.today.adding(days: 1))
                // An idle daemon learns it by itself: its page of figures shows the new date.
                var row = try #require(
                    Town.terminals.first { $0.id == Town.Terminal.otherPharmacy })
                row.blocked = true
                try await daemons[0].register([.terminal(row)])
                var refusals = 0
                for _ in 1...2_000 where refusals == 0 {
                    do {
                        let connection = try await daemons[1].connect(row.id)
                        await connection.close()
                    } catch {
                        refusals += 1
                    }
                }
                #expect(refusals == 1)
                #expect(try await Books(daemons[1]).faults() == [])
            }
        }

        @Test(
            """
            22. with three daemons: 99 terminals, 10 accounts, thousands of random settles, \
            reversals, refunds and retries; sums, balances and hash chains as with one.
            """)
        func load() async throws {
            let seed = UInt64.random(in: 1 ... .max)
            print("scenario 22 with three daemons: seed \(seed)")
            try await with(3) { daemons in
                let institutions = [Town.pharmacy, Town.otherPharmacy, Town.hospital]
                let rows = (1...99).map { number in
                    Town.terminal(
                        Town.made(TerminalID("X\(String(1_000_000 + number))")),
                        institutions[number % 3], number % 3 == 2 ? .hospital : .pharmacy)
                }
                try daemons[0].site.addTerminals(rows)
                try await daemons[0].register(rows.map(Registration.terminal))
                for daemon in daemons { _ = try await daemon.operator.maintain("reload") }
                let patients = Array(Town.patients[0..<10])
                let before = try await Books(daemons[0]).balances()
                let own = try await withThrowingTaskGroup(of: OwnBooks.self) { group in
                    for (index, row) in rows.enumerated() {
                        group.addTask {
                            let daemon = daemons[index / 3 % 3]
                            var clerk = Clerk(
                                at: try await daemon.connectKnown(row.id), of: row, patients,
                                seed: seed &+ UInt64(index) &* 0x9e37_79b9_7f4a_7c15)
                            return try await clerk.work(40)
                        }
                    }
                    return try await group.reduce(into: OwnBooks()) { $0.add($1) }
                }
                let books = Books(daemons[2])
                let after = try await books.balances()
                for institution in institutions {
                    let name = LedgerAccount.institution(institution).description
                    let owed = (after[name] ?? 0) - (before[name] ?? 0)
                    #expect(owed == own.insured[institution] ?? 0, "seed \(seed)")
                }
                for patient in patients {
                    let taken = own.accounts[patient.id] ?? 0
                    #expect(try await books.balance(of: patient) == 100_000 - taken, "\(seed)")
                }
                #expect(try await books.faults() == [], "seed \(seed)")
                let verified = try await Books(daemons[1]).verification()
                #expect(verified.hasPrefix("sound: "), "seed \(seed): \(verified)")
            }
        }
    }
}

extension RunningDaemon {
    /// A signed-on terminal's connection, once the daemon knows the terminal.
    func connectKnown(_ terminal: TerminalID) async throws -> TerminalConnection {
        for _ in 1...500 {
            do {
                return try await connect(terminal)
            } catch {
                // Another daemon has registered it a moment ago.
                continue
            }
        }
        return try await connect(terminal)
    }
}
