import Ledger
import SettlementClient
import SettlementDomain
import SettlementProtocol
import TestSite
import Testing

extension Acceptance {
    @Suite("PIN")
    struct PINTests {
        @Test("24. Wrong, wrong, right: approved, count zero.")
        func countedAndReset() async throws {
            let daemon = try await SharedDaemon.town.running()
            let patient = Patient.new(balance: 10_000)
            try await daemon.admit(patient)
            let terminal = try await daemon.connect()
            let wrong = patient.purchase(100).with { $0.pin = patient.wrongPIN }
            for left in [2, 1] as [UInt8] {
                let answer = try await terminal.settle(wrong)
                #expect(answer.code == "55" && answer.result.triesLeft == left)
                #expect(try await Books(daemon).card(of: patient)?.triesFailed == 3 - left)
            }
            #expect(try await terminal.settle(patient.purchase(100)).code == "00")
            #expect(try await Books(daemon).card(of: patient)?.triesFailed == 0)
            await terminal.close()
        }

        @Test(
            """
            24. Three wrong: 75; the right PIN then still 75, after a restart too, from any \
            terminal.
            """)
        func locked() async throws {
            try await RunningDaemon.withTown { daemon in
                let patient = Town.patients[0]
                let wrong = patient.purchase(100).with { $0.pin = patient.wrongPIN }
                var terminal = try await daemon.connect()
                let codes = [
                    try await terminal.settle(wrong).code, try await terminal.settle(wrong).code,
                    try await terminal.settle(wrong).code,
                    try await terminal.settle(patient.purchase(100)).code,
                ]
                #expect(codes == ["55", "55", "75", "75"])
                await daemon.kill()

                let restarted = try await daemon.restarted()
                for name in [Town.Terminal.pharmacy, Town.Terminal.otherPharmacy] {
                    terminal = try await restarted.connect(name)
                    let answer = try await terminal.settle(patient.purchase(100))
                    #expect(answer.code == "75" && answer.result.reason == .pinLocked)
                    let inquiry = try await terminal.inquire(
                        card: patient.card, pin: patient.pin, terminal.newHeader())
                    #expect(inquiry.code == "75")
                }
                #expect(try await Books(restarted).balance(of: patient) == 100_000)
                #expect(await restarted.stop() == .exited(0))
            }
        }

        @Test("25. A network retry of a wrong PIN costs no second try.")
        func retryIsFree() async throws {
            let daemon = try await SharedDaemon.town.running()
            let patient = Patient.new(balance: 10_000)
            try await daemon.admit(patient)
            let first = try await daemon.connect()
            let header = first.newHeader()
            let wrong = patient.purchase(100).with { $0.pin = patient.wrongPIN }
            #expect(try await first.settle(wrong, header).result.triesLeft == 2)
            await first.close()
            for _ in 1...3 {
                let later = try await daemon.connect()
                let answer = try await later.settle(wrong, header)
                #expect(answer.code == "55" && answer.result.triesLeft == 2)
                #expect(answer.result.replayed)
                await later.close()
            }
            #expect(try await Books(daemon).card(of: patient)?.triesFailed == 1)
        }

        @Test(
            """
            26. A PIN block that cannot be decrypted: 99; the card's count unchanged; no difference \
            in text tells which check failed.
            """)
        func unusable() async throws {
            let daemon = try await SharedDaemon.town.running()
            let (patient, other) = (Patient.new(balance: 10_000), Patient.new())
            try await daemon.admit(patient, other)
            let terminal = try await daemon.connect()
            let (here, there) = (try await daemon.connectRaw(), try await daemon.connectRaw())
            let name = Town.Terminal.pharmacy
            let seal = try SessionSeal(
                try #require(await here.signOn(as: name)), daemon: daemon, terminal: name)
            let foreign = try SessionSeal(
                try #require(await there.signOn(as: name)), daemon: daemon, terminal: name)
            let sale = patient.purchase(100)
            let blocks: [[UInt8]?] = [
                nil, [UInt8](repeating: 0, count: 16), [UInt8](repeating: 0xa5, count: 16),
                try foreign.block(sale), try seal.block(patient.pin, other.card),
            ]
            var results: Set<ResultFields> = []
            for (id, block) in blocks.enumerated() {
                here.send(
                    RequestKind.settle.rawValue, UInt32(id),
                    RequestEncoder.settle(terminal.newHeader(), sale.command, pinBlock: block))
                var result = try #require(try await here.response()?.result)
                result.time = 0
                results.insert(result)
            }
            #expect(results.count == 1)
            #expect(results.first?.code == .pinBlockUnusable)
            #expect(results.first?.reason == .pinBlockUnusable)
            #expect(try await Books(daemon).card(of: patient)?.triesFailed == 0)
            #expect(try await Books(daemon).balance(of: patient) == 10_000)
            await here.close()
            await there.close()
            await terminal.close()
        }
    }
}
