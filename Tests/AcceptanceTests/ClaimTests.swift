import Ledger
import SettlementClient
import SettlementDomain
import SettlementProtocol
import TestSite
import Testing

extension Acceptance {
    @Suite("Claims")
    struct ClaimTests {
        @Test(
            """
            A claim of 200 lines pays to the fen what a hospital's quote of the same lines gives, each \
            step sent twice is done once, and it is read back page by page.
            """)
        func wholeLife() async throws {
            let daemon = try await SharedDaemon.town.running()
            let patient = Patient.new(balance: 10_000)
            try await daemon.admit(patient)
            let counter = try await daemon.connect(Town.Terminal.counter)
            let hospital = try await daemon.connect(Town.Terminal.hospital)
            let lines = (0..<200).map { line(Town.medicine, Int64(1_000 + $0)) }
            let quote = try await hospital.quote(
                patient.sale(lines, .outpatient, partial: true))
            let expected = try #require(quote.settlement?.split)
            #expect(expected.pooled > .zero)

            let bill = patient.bill("INV-1", lines)
            let submitted = try await counter.twice(.submit(patient.claim([bill])))
            let id = submitted.id
            #expect(submitted.state == .submitted && submitted.documents.count == 1)
            let taken = try await counter.twice(.review(id, clerk: "C2", .takeUp))
            #expect(taken.state == .inReview)
            let approved = try await counter.twice(
                .decide(id, clerk: "C2", .approve(share: .one, [])))
            #expect(approved.approved == expected.pooled + expected.large + expected.supplement)
            let books = Books(daemon)
            let account = "reimbursement:\(patient.id)"
            #expect(try await books.balances()[account] == approved.approved.fen)
            let paid = try await counter.twice(.pay(id, clerk: "C3", reference: "B-1"))
            #expect(paid.state == .paid && paid.events.map(\.step).last == .pay)
            #expect(try await books.balances()[account] == 0)
            #expect(try await books.balance(of: patient) == 10_000)

            var parts: [LinePart] = []
            var from: Int?
            repeat {
                let answer = try await counter.query(
                    PersonQuery(
                        asking: Asking(subject: .claim(id), authority: .clerk("C3")),
                        question: .claim(id, from: from)), counter.newHeader())
                guard case .claims(let list) = answer.payload else {
                    Issue.record("refused: \(answer.verdict)")
                    return
                }
                parts += list.claims.flatMap(\.awards).flatMap(\.split.parts)
                from = list.next.map { Int(clamping: $0) - 1 }
            } while from != nil
            #expect(parts.count == 200)
            #expect(parts.reduce(Money.zero) { $0 + $1.pooled } == expected.pooled)
            let used = try await books.accumulators(of: patient).first {
                $0.key.category == .outpatient
            }
            #expect(used?.used.pooledUsed == expected.pooled)
            await hospital.close()
            await counter.close()
        }

        @Test("A bill is claimed once, whoever submits it, and not once it is settled.")
        func oneBill() async throws {
            let daemon = try await SharedDaemon.town.running()
            let patient = Patient.new(balance: 10_000)
            try await daemon.admit(patient)
            let counter = try await daemon.connect(Town.Terminal.counter)
            let claim = ClaimCommand.submit(patient.claim([patient.bill("INV-2")]))
            let (left, right) = (counter.newHeader(), counter.newHeader())
            async let first = counter.claim(claim, left)
            async let second = counter.claim(claim, right)
            let verdicts = try await [first.verdict, second.verdict].sorted()
            #expect(verdicts == ["00 none", "12 billClaimed"])

            let hospital = try await daemon.connect(Town.Terminal.hospital)
            let sale = patient.sale([line(Town.medicine, 2_000)], .outpatient, partial: true)
                .with { $0.billNumber = "INV-3-\(patient.id)" }
            let settled = try await hospital.settle(sale)
            let id = try #require(settled.settlement?.id)
            var known = patient.bill("INV-3")
            known.bill.place = ClaimPlace(
                institution: Town.hospital, code: Town.hospital.text, name: "", kind: .hospital,
                level: .level3)
            let refused = try await counter.claim(
                .submit(patient.claim([known])), counter.newHeader())
            #expect(refused.verdict == "12 billSettled")
            #expect(refused.result.detail.contains("\(id)"))
            #expect(try await hospital.settle(sale).verdict == "12 billSettled")
            let listed = try await counter.query(
                PersonQuery(asking: patient.byPapers(), question: .claims(before: nil, limit: 1)),
                counter.newHeader())
            guard case .claims(let list) = listed.payload else {
                Issue.record("refused: \(listed.verdict)")
                return
            }
            #expect(list.claims.count == 1 && list.next == nil)
            #expect(list.claims.first?.bills.map(\.number) == ["INV-2-\(patient.id)"])
            await hospital.close()
            await counter.close()
        }

        @Test("Claims are a counter's alone; a pharmacy gets 58.")
        func roles() async throws {
            let daemon = try await SharedDaemon.town.running()
            let patient = Patient.new(balance: 100)
            try await daemon.admit(patient)
            let pharmacy = try await daemon.connect()
            let refused = try await pharmacy.claim(
                .submit(patient.claim([patient.bill("INV-4")])), pharmacy.newHeader())
            #expect(refused.verdict == "58 roleNotPermitted")
            await pharmacy.close()
        }
    }
}

extension Patient {
    /// A bill of a hospital elsewhere.
    fileprivate func bill(
        _ number: String, _ lines: [RequestLine] = [line(Town.medicine, 2_000)]
    ) -> SubmittedBill {
        SubmittedBill(
            bill: ClaimBill(
                place: ClaimPlace(
                    institution: nil, code: "FAR-1", name: "Far Hospital", kind: .hospital,
                    level: .level3), number: "\(number)-\(id)", serviceDate: Town.today,
                visitType: .outpatient, diagnosis: nil, lines: [],
                total: lines.reduce(Money.zero) { $0 + $1.amount }), lines: lines)
    }

    fileprivate func claim(_ bills: [SubmittedBill]) -> ClaimSubmission {
        ClaimSubmission(
            asking: byPapers(), clerk: "C1", bills: bills,
            documents: [ClaimDocument(kind: .invoice, sheets: 1)],
            payee: .bankAccount(holder: "测试人", bank: "示范银行", number: "6200000000004321"))
    }
}

extension TerminalConnection {
    /// Sends a step and sends it again; the claim that both answers show.
    fileprivate func twice(_ command: ClaimCommand) async throws -> ClaimContent {
        let header = newHeader()
        let first = try await claim(command, header)
        let again = try await claim(command, header)
        #expect(again.result.replayed)
        guard case .claims(let list) = first.payload, case .claims(let same) = again.payload else {
            throw Refused(verdict: first.verdict)
        }
        #expect(list == same)
        return try #require(list.claims.first)
    }
}

private struct Refused: Error {
    var verdict: String
}
