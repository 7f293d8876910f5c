import Ledger
import SettlementClient
import SettlementDomain
import SettlementProtocol
import TestSite
import Testing

extension Acceptance {
    @Suite("Inpatient")
    struct InpatientTests {
        @Test(
            """
            A stay of 2,400 lines: admitted, uploaded day by day, one upload sent twice, settled by \
            one discharge, read back page by page, voided, settled again.
            """)
        func stay() async throws {
            let daemon = try await SharedDaemon.town.running()
            let patient = Patient.new(balance: 10_000)
            try await daemon.admit(patient)
            let terminal = try await daemon.connect(Town.Terminal.hospital)
            let begun = try await terminal.admit(
                AdmitCommand(
                    card: patient.card, proof: .absent, admittedOn: nil,
                    diagnosis: DiseaseCode("K35.8")), pin: patient.pin, terminal.newHeader())
            guard case .admission(let stay) = begun.payload else {
                Issue.record("not admitted: \(begun.verdict)")
                return
            }
            for _ in 0..<12 {
                let lines = (0..<200).map { _ in line(Town.medicine, 100) }
                let fees = FeeUploadCommand(
                    admission: stay.id, day: nil, total: Money(fen: 20_000), catalogVersion: nil,
                    lines: lines)
                let header = terminal.newHeader()
                let first = try await terminal.upload(fees, header)
                let again = try await terminal.upload(fees, header)
                #expect(first.verdict == "00 none" && again.result.replayed)
            }
            let discharge = DischargeCommand(
                admission: stay.id, card: patient.card, total: Money(fen: 240_000),
                partialAllowed: true)
            let quote = try await terminal.quoteDischarge(
                discharge, pin: patient.pin, terminal.newHeader())
            let header = terminal.newHeader()
            let paid = try await terminal.discharge(discharge, pin: patient.pin, header)
            let settled = try #require(paid.settlement)
            #expect(settled.split.total.fen == 240_000 && settled.lineCount == 2_400)
            // 2,400.00 less 800.00, at 85 %.
            #expect(settled.split.pooled.fen == 136_000 && settled.split.account.fen == 10_000)
            #expect(quote.settlement?.split == settled.split && settled.split.parts.isEmpty)

            var parts: [LinePart] = []
            var from: UInt32? = 0
            while let start = from {
                let answer = try await terminal.admissionDetails(of: stay.id, .parts, from: start)
                guard case .admissionDetails(let page) = answer.payload else { break }
                parts += page.parts
                from = page.next
            }
            #expect(parts.count == 2_400)
            #expect(parts.reduce(0) { $0 + $1.pooled.fen } == 136_000)

            let id = try #require(settled.id)
            let void = VoidCommand(
                settlement: id, card: patient.card, total: Money(fen: 240_000))
            #expect(try await terminal.void(void, terminal.newHeader()).verdict == "00 none")
            #expect(try await Books(daemon).balance(of: patient) == 10_000)
            let second = try await terminal.discharge(
                discharge, pin: patient.pin, terminal.newHeader())
            #expect(second.settlement?.split == settled.split)
            let copy = try await terminal.receiptCopy(of: id)
            guard case .receiptCopy(let receipt) = copy.payload else {
                Issue.record("no copy: \(copy.verdict)")
                return
            }
            #expect(receipt.isShortened && receipt.lines.isEmpty && receipt.state == .voided)
            await terminal.close()
            // Other roles have no stays.
            let pharmacy = try await daemon.connect()
            let refused = try await pharmacy.admissionDetails(of: stay.id, .uploads)
            #expect(refused.verdict == "58 roleNotPermitted")
            await pharmacy.close()
        }
    }
}
