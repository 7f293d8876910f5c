import Ledger
import SettlementClient
import SettlementDomain
import SettlementProtocol
import TestSite
import Testing

extension Acceptance {
    @Suite("PIN guessing")
    struct GuessingTests {
        private func wrong(_ patient: Patient) -> Sale {
            patient.purchase(100).with { $0.pin = patient.wrongPIN }
        }

        private func isRefused(_ answer: TerminalResponse) -> Bool {
            answer.code == "58" && answer.result.reason == .tooManyWrongPINs
        }

        @Test(
            """
            one wrong PIN on each of many cards at one terminal: after the limit no PIN of it is \
            looked at, recorded answers are given again, others go on, and one alarm says where
            """)
        func acrossCards() async throws {
            try await RunningDaemon.withTown("limits: {wrong_pins_per_terminal: 5}") { daemon in
                let books = Books(daemon)
                let patients = Town.patients
                let terminal = try await daemon.connect()
                let paid = (sale: patients[10].purchase(500), header: terminal.newHeader())
                #expect(try await terminal.settle(paid.sale, paid.header).code == "00")
                let first = terminal.newHeader()
                #expect(try await terminal.settle(wrong(patients[0]), first).code == "55")
                for patient in patients[1..<5] {
                    #expect(try await terminal.settle(wrong(patient)).code == "55")
                    // The same try, sent again, is the same try.
                    #expect(try await terminal.settle(wrong(patients[0]), first).result.replayed)
                }
                let later = terminal.newHeader()
                let elsewhere = try await daemon.connect(Town.Terminal.otherPharmacy)
                for patient in patients[5..<9] {
                    #expect(isRefused(try await terminal.settle(wrong(patient))))
                    #expect(isRefused(try await terminal.settle(patient.purchase(100), later)))
                    #expect(try await books.card(of: patient)?.triesFailed == 0)
                    #expect(try await elsewhere.settle(patient.purchase(100)).code == "00")
                }
                // A new session of the same terminal is the same terminal.
                let again = try await daemon.connect()
                #expect(isRefused(try await again.settle(patients[5].purchase(100))))
                #expect(try await again.settle(paid.sale, paid.header).result.replayed)
                #expect(try await again.settle(wrong(patients[0]), first).code == "55")
                let colleague = try await daemon.connect(Town.Terminal.secondPharmacy)
                #expect(try await colleague.settle(patients[5].purchase(100)).code == "00")

                let key = RequestKey(
                    terminal: terminal.terminal, date: Town.today, stan: later.stan)
                #expect(try await books.answer(to: key) == nil)
                let limit = "wrong_pins_per_terminal"
                #expect(try await daemon.reached(limit) == 1)
                let alarms = daemon.site.log.split(separator: "\n").filter {
                    $0.contains("too many wrong PINs")
                }
                try #require(alarms.count == 1)
                #expect(alarms[0].contains("terminal=\(terminal.terminal)"))
                #expect(alarms[0].contains("institution=\(Town.pharmacy)"))
                for patient in patients {
                    #expect(!daemon.site.log.contains("\(patient.card.digits)"))
                    #expect(!alarms[0].contains(patient.wrongPIN))
                }
                #expect(try await books.faults() == [])
            }
        }

        @Test(
            """
            wrong PINs at several terminals of one institution count together: its other terminals \
            are refused too, other institutions go on, and what needs no PIN is done
            """)
        func acrossTerminals() async throws {
            try await RunningDaemon.withTown("limits: {wrong_pins_per_institution: 3}") { daemon in
                let patients = Town.patients
                let names =
                    [Town.Terminal.pharmacy, Town.Terminal.secondPharmacy] + Town.Terminal.load
                let fourth = try await daemon.connect(names[3])
                let paid = (sale: patients[10].purchase(500), header: fourth.newHeader())
                #expect(try await fourth.settle(paid.sale, paid.header).code == "00")
                for (patient, name) in zip(patients, names.prefix(3)) {
                    let terminal = try await daemon.connect(name)
                    #expect(try await terminal.settle(wrong(patient)).code == "55")
                }
                #expect(isRefused(try await fourth.settle(patients[5].purchase(100))))
                let inquiry = try await fourth.inquire(
                    card: patients[5].card, pin: patients[5].pin, fourth.newHeader())
                #expect(isRefused(inquiry))
                #expect(try await fourth.echo().code == "00")
                let reversal = try await fourth.reverse(paid.header, paid.sale)
                #expect(reversal.code == "00")
                let elsewhere = try await daemon.connect(Town.Terminal.otherPharmacy)
                #expect(try await elsewhere.settle(patients[5].purchase(100)).code == "00")
                #expect(try await daemon.reached("wrong_pins_per_institution") == 1)
                #expect(try await Books(daemon).faults() == [])
            }
        }

        @Test("when the time is over, PINs are looked at again, and the same key is decided")
        func afterwards() async throws {
            let limits = "limits: {wrong_pins_per_terminal: 1, wrong_pins_seconds: 1}"
            try await RunningDaemon.withTown(limits) { daemon in
                let terminal = try await daemon.connect()
                #expect(try await terminal.settle(wrong(Town.patients[0])).code == "55")
                let (sale, header) = (Town.patients[1].purchase(100), terminal.newHeader())
                try await eventually("the sale is approved") {
                    let answer = try await terminal.settle(sale, header)
                    #expect(answer.code == "00" || isRefused(answer))
                    return answer.code == "00"
                }
                #expect(try await Books(daemon).balance(of: Town.patients[1]) == 99_900)
            }
        }
    }
}
