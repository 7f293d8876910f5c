import Ledger
import SettlementClient
import SettlementDomain
import SettlementProtocol
import TestSite
import Testing

extension Acceptance {
    @Suite("Reversal")
    struct ReversalTests {
        @Test(
            """
            7. Answer lost, reversal sent: 00; balances and every accumulator as before; the late \
            answer revives nothing.
            """)
        func answerLost() async throws {
            try await RunningDaemon.withTown { daemon in
                let patient = Town.patients[0]
                let sale = patient.sale(
                    [line(Town.medicine, 300_000), line(Town.vitamin, 2_000)], .outpatient,
                    partial: true)
                let before = try await Purse(of: patient, alone: daemon)
                let lost = try await daemon.connect(Town.Terminal.hospital)
                let header = lost.newHeader()
                // The answer is dropped on the floor, as a cut connection would.
                _ = try await lost.settle(sale, header)
                #expect(try await Purse(of: patient, alone: daemon) != before)
                await lost.close()

                let terminal = try await daemon.connect(Town.Terminal.hospital)
                let reversal = try await terminal.reverse(header, sale)
                #expect(reversal.verdict == "00 none")
                #expect(reversal.undone?.state == .reversed && reversal.undone?.remaining == nil)
                #expect(try await Purse(of: patient, alone: daemon) == before)
                let late = try await terminal.settle(sale, header)
                #expect(late.code == "10" && late.result.replayed)
                #expect(try await terminal.state(of: header) == .reversed)
                #expect(try await Purse(of: patient, alone: daemon) == before)
                #expect(try await Books(daemon).faults() == [])
                await terminal.close()
            }
        }

        @Test(
            """
            8. Reversal before the original: 00 originalNotSeen, durable; the original then gets \
            21; balance unchanged, also after a restart in between.
            """)
        func beforeOriginal() async throws {
            try await RunningDaemon.withTown { first in
                let patient = Town.patients[0]
                let sale = patient.purchase(2_500)
                let terminal = try await first.connect()
                let (soon, later) = (terminal.newHeader(), terminal.newHeader())
                for header in [soon, later] {
                    let reversal = try await terminal.reverse(header, sale)
                    #expect(reversal.verdict == "00 originalNotSeen")
                }
                #expect(try await terminal.settle(sale, soon).verdict == "21 reversedBeforeArrival")
                await first.kill()

                let daemon = try await first.restarted()
                let again = try await daemon.connect()
                #expect(try await again.state(of: later) == .reversed)
                let original = try await again.settle(sale, later)
                #expect(original.verdict == "21 reversedBeforeArrival" && !original.result.replayed)
                #expect(try await again.settle(sale, later).result.replayed)
                #expect(try await again.settle(sale, soon).result.replayed)
                #expect(try await Books(daemon).balance(of: patient) == 100_000)
                #expect(try await again.settle(sale).code == "00")
                #expect(try await Books(daemon).verification().hasPrefix("sound: "))
                #expect(await daemon.stop() == .exited(0))
            }
        }

        @Test("9. Reversal repeated ten times: 00 each; one compensating entry.")
        func repeated() async throws {
            let daemon = try await SharedDaemon.town.running()
            let patient = Patient.new(balance: 10_000)
            try await daemon.admit(patient)
            let terminal = try await daemon.connect()
            let (header, sale) = (terminal.newHeader(), patient.purchase(2_500))
            #expect(try await terminal.settle(sale, header).code == "00")
            let once = terminal.newHeader()
            for round in 1...10 {
                // By turns under new keys and as a retry of the first.
                let own = round % 2 == 1 ? once : terminal.newHeader()
                #expect(try await terminal.reverse(header, sale, own).code == "00")
            }
            let account = try #require(try await Books(daemon).account(of: patient))
            #expect(account.balance.fen == 10_000)
            #expect(account.entries == 3)
            await terminal.close()
        }

        @Test("10. Reversal of a refused sale: 00; no posting.")
        func ofRefused() async throws {
            let daemon = try await SharedDaemon.town.running()
            let patient = Patient.new(balance: 1_000)
            try await daemon.admit(patient)
            let terminal = try await daemon.connect()
            let (header, sale) = (terminal.newHeader(), patient.purchase(2_500))
            #expect(try await terminal.settle(sale, header).code == "51")
            #expect(try await terminal.reverse(header, sale).verdict == "00 originalRefused")
            #expect(try await Books(daemon).account(of: patient)?.entries == 1)
            await terminal.close()
        }

        @Test("11. Reversal with another amount or card: 64 or 77; no posting.")
        func otherData() async throws {
            let daemon = try await SharedDaemon.town.running()
            let (patient, other) = (Patient.new(balance: 10_000), Patient.new(balance: 10_000))
            try await daemon.admit(patient, other)
            let terminal = try await daemon.connect()
            let (header, sale) = (terminal.newHeader(), patient.purchase(2_500))
            #expect(try await terminal.settle(sale, header).code == "00")
            let amount = try await terminal.reverse(header, sale, total: Money(fen: 2_499))
            #expect(amount.verdict == "64 amountDiffers")
            let card = try await terminal.reverse(header, sale, card: other.card)
            #expect(card.verdict == "77 dataDiffers")
            #expect(try await Books(daemon).balance(of: patient) == 7_500)
            #expect(try await Books(daemon).balance(of: other) == 10_000)
            await terminal.close()
        }

        @Test("12. Reversal while the original executes: the end state is reversed.")
        func meanwhile() async throws {
            let daemon = try await SharedDaemon.town.running()
            let patient = Patient.new(balance: 10_000)
            try await daemon.admit(patient)
            let (one, two) = (try await daemon.connect(), try await daemon.connect())
            var seen: Set<String> = []
            for _ in 1...40 {
                let (header, sale) = (one.newHeader(), patient.purchase(2_500))
                async let settled = one.settle(sale, header)
                async let reversed = two.reverse(header, sale)
                let (original, reversal) = try await (settled, reversed)
                #expect(reversal.code == "00")
                let expected = reversal.result.reason == .originalNotSeen ? "21" : "00"
                #expect(original.code == expected)
                seen.insert(original.code)
                let state = try await one.state(of: header)
                #expect(state == (original.code == "21" ? .refused : .reversed))
                #expect(try await Books(daemon).balance(of: patient) == 10_000)
            }
            #expect(!seen.isEmpty)
            await one.close()
            await two.close()
        }

        @Test("15. Reversal after a line refund: 21; ledger untouched.")
        func afterRefund() async throws {
            let daemon = try await SharedDaemon.town.running()
            let patient = Patient.new(balance: 10_000)
            try await daemon.admit(patient)
            let terminal = try await daemon.connect()
            let sale = patient.sale(
                [line(Town.medicine, 1_000), line(Town.vitamin, 500)], .pharmacyPurchase)
            let header = terminal.newHeader()
            let id = try #require(try await terminal.settle(sale, header).settlement?.id)
            #expect(try await terminal.refund(id, sale, [(1, nil)]).code == "00")
            let before = try await Books(daemon).account(of: patient)
            let reversal = try await terminal.reverse(header, sale)
            #expect(reversal.verdict == "21 furtherActivity")
            #expect(try await Books(daemon).account(of: patient) == before)
            await terminal.close()
        }

        @Test("16. A void that timed out is itself reversed: the sale stands again.")
        func ofVoid() async throws {
            try await RunningDaemon.withTown { daemon in
                let patient = Town.patients[0]
                let sale = patient.sale(
                    [line(Town.medicine, 300_000)], .outpatient, partial: true)
                let terminal = try await daemon.connect(Town.Terminal.hospital)
                let id = try #require(try await terminal.settle(sale).settlement?.id)
                let sold = try await Purse(of: patient, alone: daemon)
                let timedOut = terminal.newHeader()
                _ = try await terminal.void(id, sale, timedOut)
                let reversal = try await terminal.reverse(timedOut, sale)
                #expect(reversal.code == "00" && reversal.undone?.state == .approved)
                #expect(reversal.undone?.remaining?.total == sale.command.total)
                #expect(try await Purse(of: patient, alone: daemon) == sold)
                #expect(try await terminal.state(of: timedOut) == .reversed)
                // A void that never arrived is reversed too, and then does nothing.
                let never = terminal.newHeader()
                #expect(try await terminal.reverse(never, sale).verdict == "00 originalNotSeen")
                #expect(try await terminal.void(id, sale, never).code == "21")
                #expect(try await Purse(of: patient, alone: daemon) == sold)
                #expect(try await terminal.void(id, sale).code == "00")
                #expect(try await Books(daemon).faults() == [])
                await terminal.close()
            }
        }
    }
}
