import Ledger
import SettlementClient
import SettlementDomain
import SettlementProtocol
import TestSite
import Testing

extension Acceptance {
    @Suite("Void and refund")
    struct VoidAndRefundTests {
        @Test(
            """
            13. Void after reversal: 79. Void twice with new keys: 79. Void twice with the same \
            key: replayed.
            """)
        func twice() async throws {
            let daemon = try await SharedDaemon.town.running()
            let patient = Patient.new(balance: 10_000)
            try await daemon.admit(patient)
            let terminal = try await daemon.connect()
            let (header, sale) = (terminal.newHeader(), patient.purchase(2_500))
            let reversed = try #require(try await terminal.settle(sale, header).settlement?.id)
            #expect(try await terminal.reverse(header, sale).code == "00")
            #expect(try await terminal.void(reversed, sale).verdict == "79 originalReversed")

            let id = try #require(try await terminal.settle(sale).settlement?.id)
            let once = terminal.newHeader()
            let first = try await terminal.void(id, sale, once)
            #expect(first.code == "00" && first.undone?.givenBack.account.fen == 2_500)
            #expect(try await terminal.void(id, sale).verdict == "79 originalVoided")
            let retry = try await terminal.void(id, sale, once)
            #expect(retry.result.replayed && retry.undone == first.undone)
            #expect(try await Books(daemon).balance(of: patient) == 10_000)
            await terminal.close()
        }

        @Test(
            """
            14. Void from another institution, or for another amount: 58 and 64; of an unknown \
            settlement: 25; with another card: 77; nothing posted.
            """)
        func notThisOne() async throws {
            let daemon = try await SharedDaemon.town.running()
            let (patient, other) = (Patient.new(balance: 10_000), Patient.new())
            try await daemon.admit(patient, other)
            let terminal = try await daemon.connect()
            let elsewhere = try await daemon.connect(Town.Terminal.otherPharmacy)
            let (header, sale) = (terminal.newHeader(), patient.purchase(2_500))
            let id = try #require(try await terminal.settle(sale, header).settlement?.id)
            #expect(try await elsewhere.void(id, sale).verdict == "58 otherInstitution")
            let amount = try await terminal.void(id, patient.purchase(2_501))
            #expect(amount.verdict == "64 amountDiffers")
            let card = try await terminal.void(id, sale.with { $0.card = other.card })
            #expect(card.verdict == "77 dataDiffers")
            var never = id
            never.key.stan = 999_998
            #expect(try await terminal.void(never, sale).verdict == "25 originalUnknown")
            #expect(try await Books(daemon).balance(of: patient) == 7_500)
            // Another terminal of the same institution may.
            let beside = try await daemon.connect(Town.Terminal.secondPharmacy)
            #expect(try await beside.void(id, sale).code == "00")
            for connection in [terminal, elsewhere, beside] { await connection.close() }
        }

        @Test(
            """
            18. Refund of one line, then of another, then above what remains: 00, 00, 13. The \
            money goes back to those who paid, family owners too, even if the link has ended since.
            """)
        func lineByLine() async throws {
            let daemon = try await SharedDaemon.town.running()
            let patient = Patient.new(balance: 3_000)
            let owner = Patient.new(balance: 10_000)
            try await daemon.admit(patient, owner)
            try await daemon.register([patient.linked(to: [(owner, yearlyLimit: 8_000)])])
            let terminal = try await daemon.connect()
            let sale = patient.sale(
                [
                    line(Town.medicine, 4_000), line(Town.vitamin, 2_000),
                    line(Town.medicine, 1_000),
                ],
                .pharmacyPurchase)
            let settled = try #require(try await terminal.settle(sale).settlement)
            #expect(settled.split.account.fen == 3_000 && settled.split.family.fen == 4_000)
            let id = try #require(settled.id)
            try await daemon.register([patient.linked(to: [])])

            let first = try await terminal.refund(id, sale, [(1, nil)])
            #expect(first.code == "00" && first.undone?.state == .partlyRefunded)
            #expect(first.undone?.givenBack.family.fen == 2_000)
            #expect(first.undone?.family.map(\.amount.fen) == [2_000])
            let second = try await terminal.refund(id, sale, [(0, 1_000)])
            #expect(second.undone?.givenBack.family.fen == 2_000)
            #expect(second.undone?.givenBack.account.fen == 2_000)
            #expect(second.undone?.remaining?.total.fen == 1_000)
            let third = try await terminal.refund(id, sale, [(0, 1)])
            #expect(third.verdict == "13 aboveRemaining")
            #expect(try await Books(daemon).balance(of: owner) == 10_000)
            #expect(try await Books(daemon).balance(of: patient) == 2_000)
            await terminal.close()
        }

        @Test(
            """
            19. A partial refund recomputes the split of what remains: deductible, pooled, large, \
            account, family and cash together equal what a sale of the remaining lines would have \
            taken at that time.
            """)
        func whatRemains() async throws {
            let daemon = try await SharedDaemon.town.running()
            var random = SystemRandomNumberGenerator()
            for _ in 1...20 {
                let balance = Int64.random(in: 0...200_000, using: &random)
                let plans = Bool.random(using: &random) ? [Town.plan] : []
                let patient = Patient.new(balance: balance, plans: plans)
                let twin = Patient.new(balance: balance, plans: plans)
                let (owner, twinsOwner) = (Patient.new(balance: 9_000), Patient.new(balance: 9_000))
                try await daemon.admit(patient, twin, owner, twinsOwner)
                try await daemon.register([
                    patient.linked(to: [(owner, yearlyLimit: nil)]),
                    twin.linked(to: [(twinsOwner, yearlyLimit: nil)]),
                ])
                let terminal = try await daemon.connect(Town.Terminal.hospital)
                let codes = [
                    Town.medicine, Town.scan, Town.vitamin, Town.whitening,
                    Town.code(.westernMedicine, .b),
                ]
                let lines = (0..<5).map { _ in
                    line(
                        codes[Int.random(in: 0..<codes.count, using: &random)],
                        Int64.random(in: 1...150_000, using: &random))
                }
                let sale = patient.sale(lines, .outpatient, partial: true)
                let id = try #require(try await terminal.settle(sale).settlement?.id)
                var left = Array(lines.indices)
                for _ in 1...3 {
                    let gone = left.remove(at: Int.random(in: 0..<left.count, using: &random))
                    let refund = try await terminal.refund(id, sale, [(gone, nil)])
                    #expect(refund.code == "00")
                    let remaining = try #require(refund.undone?.remaining)
                    // The twin buys, at first hand, only what the patient has kept; and gives it
                    // back, so that the next comparison begins where this one did.
                    let kept = twin.sale(left.map { lines[$0] }, .outpatient, partial: true)
                    let sold = try #require(try await terminal.settle(kept).settlement)
                    #expect(remaining.sums == sold.split.sums)
                    let twinsID = try #require(sold.id)
                    #expect(
                        try await Purse(of: patient, in: daemon).accumulators
                            == Purse(of: twin, in: daemon).accumulators)
                    #expect(
                        try await Books(daemon).balance(of: owner)
                            == Books(daemon).balance(of: twinsOwner))
                    #expect(try await terminal.void(twinsID, kept).code == "00")
                }
                await terminal.close()
            }
        }

        @Test(
            """
            23. One trace code in two sales at once: one gets money. After its refund it can be \
            sold again.
            """)
        func packages() async throws {
            try await RunningDaemon.withTown { daemon in
                let policy = Policy(
                    region: Town.region, version: PolicyVersion(rawValue: 2),
                    effectiveFrom: Town.firstDay, visitBenefits: Town.policy.visitBenefits,
                    benefits: Town.policy.benefits, caps: Town.policy.caps,
                    traceCodesRequiredFrom: Town.firstDay)
                try await daemon.register([.policy(PolicyRow(policy: policy))])
                let connections = [
                    try await daemon.connect(),
                    try await daemon.connect(Town.Terminal.otherPharmacy),
                ]
                let patients = [Town.patients[0], Town.patients[1]]
                for round in 1...10 {
                    var item = line(Town.medicine, 1_000)
                    item.traceCodes = [try #require(TraceCode("PACK\(round)"))]
                    let sales = patients.map {
                        $0.sale([item], .pharmacyPurchase, partial: true)
                    }
                    async let left = connections[0].settle(sales[0])
                    async let right = connections[1].settle(sales[1])
                    let answers = try await [left, right].map { try #require($0.settlement) }
                    #expect(answers.map(\.split.account.fen).sorted() == [0, 1_000])
                    let winner = answers[0].split.account.fen == 1_000 ? 0 : 1
                    let id = try #require(answers[winner].id)
                    let refund = try await connections[winner].refund(
                        id, sales[winner], [(0, nil)])
                    #expect(refund.code == "00")
                    let again = try await connections[winner].settle(sales[winner])
                    #expect(again.settlement?.split.account.fen == 1_000)
                }
                for connection in connections { await connection.close() }
            }
        }
    }
}

extension Split {
    /// Every sum of it, without lines and names.
    var sums: [Int64] {
        [
            total, fullSelfPay, overLimit, firstSelfPay, inScope, deductible, pooled, large,
            scopeSelfPay, supplement, personal, excluded, payable, account, family, cash,
        ].map(\.fen)
    }
}
