import Glibc
import Ledger
import SettlementClient
import SettlementDomain
import SettlementProtocol
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
    }
}
