import Ledger
import SettlementClient
import SettlementDomain
import SettlementProtocol
import TestSite
import Testing

extension Acceptance {
    @Suite("Retry and duplicate")
    struct RetryTests {
        @Test(
            """
            1. Approved settle, resent on the same connection, and on a new session with a new PIN \
            key: the same answer, marked replayed; balance changed once.
            """)
        func replayed() async throws {
            let daemon = try await SharedDaemon.town.running()
            let patient = Patient.new(balance: 10_000)
            try await daemon.admit(patient)
            let first = try await daemon.connect()
            let header = first.newHeader()
            let sale = patient.purchase(2_500)
            let answer = try await first.settle(sale, header)
            #expect(answer.code == "00" && !answer.result.replayed)

            let again = try await first.settle(sale, header)
            let second = try await daemon.connect()
            #expect(second.grant.wrappedPINKey != first.grant.wrappedPINKey)
            let later = try await second.settle(sale, header)
            for replay in [again, later] {
                #expect(replay.result.replayed)
                #expect(replay.settlement == answer.settlement)
                var result = replay.result
                result.replayed = false
                #expect(result == answer.result)
            }
            #expect(try await Books(daemon).balance(of: patient) == 7_500)
            #expect(try await Books(daemon).settlements(of: patient).count == 1)
            await first.close()
            await second.close()
        }

        @Test("2. Same key, one fen different: 94; nothing posted.")
        func otherContent() async throws {
            let daemon = try await SharedDaemon.town.running()
            let patient = Patient.new(balance: 10_000)
            try await daemon.admit(patient)
            let terminal = try await daemon.connect()
            let header = terminal.newHeader()
            #expect(try await terminal.settle(patient.purchase(2_500), header).code == "00")
            let other = try await terminal.settle(patient.purchase(2_501), header)
            #expect(other.code == "94" && other.result.reason == .keyReused)
            #expect(try await Books(daemon).balance(of: patient) == 7_500)
            #expect(try await Books(daemon).settlements(of: patient).count == 1)
            await terminal.close()
        }

        @Test(
            """
            3. Same key sent twice at the same time on two connections: one posting; the other \
            gets 09 or the recorded answer.
            """)
        func sameTime() async throws {
            let daemon = try await SharedDaemon.town.running()
            let patient = Patient.new(balance: 100_000)
            try await daemon.admit(patient)
            let (one, two) = (try await daemon.connect(), try await daemon.connect())
            for round in 1...20 {
                let (header, sale) = (one.newHeader(), patient.purchase(100))
                async let first = one.settle(sale, header)
                async let second = two.settle(sale, header)
                let answers = try await [first, second]
                let executed = answers.filter { $0.code == "00" && !$0.result.replayed }
                #expect(executed.count == 1)
                let others = answers.filter { $0.code == "09" || $0.result.replayed }
                #expect(others.count == 1)
                let balance = try await Books(daemon).balance(of: patient)
                #expect(balance == 100_000 - Int64(round) * 100)
            }
            await one.close()
            await two.close()
        }

        @Test("4. 51, then the account is topped up, same key: still 51. New key: 00.")
        func staysRefused() async throws {
            let daemon = try await SharedDaemon.town.running()
            let patient = Patient.new(balance: 1_000)
            try await daemon.admit(patient)
            let terminal = try await daemon.connect()
            let header = terminal.newHeader()
            let sale = patient.purchase(1_500)
            let refused = try await terminal.settle(sale, header)
            #expect(refused.code == "51" && refused.result.reason == .insufficientFunds)
            #expect(refused.settlement?.balance == Money(fen: 1_000))
            #expect(refused.settlement?.split.total == Money(fen: 1_500))

            try await daemon.register([patient.credit(1_000, "top-up")])
            let again = try await terminal.settle(sale, header)
            #expect(again.code == "51" && again.result.replayed)
            #expect(try await terminal.settle(sale).code == "00")
            #expect(try await Books(daemon).balance(of: patient) == 500)
            await terminal.close()
        }

        @Test(
            """
            5. 64 requests pipelined on one connection: each answer carries its request's id; all \
            are answered; the order may differ.
            """)
        func pipelined() async throws {
            let daemon = try await SharedDaemon.town.running()
            let patient = Patient.new(balance: 1_000_000)
            try await daemon.admit(patient)
            let sealer = try await daemon.connect()
            let raw = try await daemon.connectRaw()
            let granted = try #require(try await raw.signOn(as: Town.Terminal.pharmacy))
            let seal = try SessionSeal(granted, daemon: daemon, terminal: Town.Terminal.pharmacy)
            var bytes: [UInt8] = []
            for id in 1...64 as ClosedRange<UInt32> {
                let sale = patient.purchase(Int64(id))
                bytes += RawConnection.frame(
                    RequestKind.settle.rawValue, id * 7,
                    RequestEncoder.settle(
                        sealer.newHeader(), sale.command, pinBlock: try seal.block(sale)))
            }
            raw.send(bytes)
            var totals: [UInt32: Int64] = [:]
            for _ in 1...64 {
                let frame = try #require(await raw.next())
                let response = try ResponseDecoder.decode(frame)
                #expect(response.code == "00")
                totals[frame.requestID] = response.settlement?.split.total.fen
            }
            #expect(totals.count == 64)
            #expect(totals.allSatisfy { Int64($0.key) == $0.value * 7 })
            #expect(try await Books(daemon).balance(of: patient) == 1_000_000 - 64 * 65 / 2)
            await raw.close()
            await sealer.close()
        }

        @Test("6. STANs wrap in a new business date: not a duplicate.")
        func wrap() async throws {
            let daemon = try await SharedDaemon.town.running()
            let patient = Patient.new(balance: 10_000)
            try await daemon.admit(patient)
            let terminal = try await daemon.connect()
            let today = terminal.newHeader()
            var yesterday = today
            yesterday.businessDate = Town.yesterday
            let sale = patient.purchase(1_000)
            for header in [yesterday, today] {
                let answer = try await terminal.settle(sale, header)
                #expect(answer.code == "00" && !answer.result.replayed)
            }
            #expect(try await terminal.settle(sale, yesterday).result.replayed)
            #expect(try await Books(daemon).balance(of: patient) == 8_000)
            await terminal.close()
        }
    }
}
