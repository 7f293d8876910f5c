import Ledger
import SettlementClient
import SettlementDomain
import SettlementProtocol
import TestSite
import Testing

extension Acceptance {
    @Suite("Collectors: contributions")
    struct CollectTests {
        private func line(_ patient: Patient, _ period: String) -> ContributionLine {
            ContributionLine(
                name: patient.row.name, idNumber: patient.row.idNumber,
                period: ContributionPeriod(period), base: Money(fen: 800_000),
                employerPart: Money(fen: 78_400), individualPart: Money(fen: 16_000),
                employer: .named(Town.employer))
        }

        @Test(
            """
            A bank pays a contribution: the account has its part at once and pays at a pharmacy; a \
            retry is the same answer, the period is not paid twice, a pharmacy may not collect.
            """)
        func pays() async throws {
            let daemon = try await SharedDaemon.town.running()
            let patient = Patient.new(born: 1979_03_03)
            try await daemon.admit(patient)
            let bank = try await daemon.connect(Town.Terminal.collector)
            let header = bank.newHeader()
            let line = line(patient, "2026-10")
            let paid = try await bank.pay(line, header)
            guard case .contribution(let done) = paid.payload else {
                Issue.record("refused: \(paid.result)")
                return
            }
            #expect(done.credited.fen == 16_000 && done.pooled.fen == 78_400)
            #expect(done.balance?.fen == 16_000 && done.coverage == .active)
            let again = try await bank.pay(line, header)
            #expect(again.result.replayed && again.code == "00")
            #expect(try await bank.pay(line, bank.newHeader()).result.reason == .periodPaid)
            let pharmacy = try await daemon.connect()
            #expect(try await pharmacy.settle(patient.purchase(16_000)).code == "00")
            let refused = try await pharmacy.pay(line, pharmacy.newHeader())
            #expect(refused.code == "58" && refused.result.reason == .roleNotPermitted)
            #expect(try await Books(daemon).balance(of: patient) == 0)
            await pharmacy.close()
            await bank.close()
        }

        @Test("An employer sees what it paid for its own employees, and nothing of others'.")
        func records() async throws {
            let daemon = try await SharedDaemon.town.running()
            let worker = Patient.new(born: 1979_03_03)
            let other = Patient.new(born: 1979_03_03)
            try await daemon.admit(worker, other)
            let bank = try await daemon.connect(Town.Terminal.collector)
            for period in ["2026-09", "2026-10"] {
                #expect(try await bank.pay(line(worker, period), bank.newHeader()).code == "00")
            }
            let employer = try await daemon.connect(Town.Terminal.employer)
            var before: ContributionPeriod?
            for expected in [202_610, 202_609] as [UInt32] {
                let question = PersonQuery.Question.contributions(before: before, limit: 1)
                let answer = try await employer.query(
                    PersonQuery(
                        asking: Asking(
                            subject: .idNumber(worker.row.idNumber), authority: .role),
                        question: question), employer.newHeader())
                guard case .contributionRecords(let list) = answer.payload else {
                    Issue.record("refused: \(answer.result)")
                    return
                }
                #expect(list.records.map(\.period.yyyymm) == [expected])
                #expect(list.records.first?.employer == Town.employer.text)
                #expect((list.next == nil) == (expected == 202_609))
                before = list.next
            }
            let stranger = Asking(subject: .idNumber(other.row.idNumber), authority: .role)
            let refused = try await employer.query(
                PersonQuery(
                    asking: stranger, question: .contributions(before: nil, limit: 1)),
                employer.newHeader())
            #expect(refused.code == "57" && refused.result.reason == .notOwnEmployee)
            let transactions = try await employer.query(
                PersonQuery(asking: stranger, question: .transactions(TransactionQuestion())),
                employer.newHeader())
            #expect(transactions.code == "58")
            await bank.close()
            await employer.close()
        }
    }
}
