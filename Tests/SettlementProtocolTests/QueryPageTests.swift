import Ledger
import SettlementDomain
import Testing

@testable import SettlementProtocol

@Suite("Pages of a person's records")
struct QueryPageTests {
    @Test("a page of the longest lines is cut to a frame, and its cursor goes on behind the last")
    func longest() throws {
        let person = try #require(PersonID(rawValue: 1))
        let institution = try #require(InstitutionID("A99990000001"))
        let long = String(repeating: "阿", count: 20)
        let idNumber = try #require(IDNumber(digits: 11_010_119_800_101_001))
        let check = IdentityCheck(
            document: .otherDocument, number: String(repeating: "9", count: 40),
            clerk: String(repeating: "c", count: 32),
            proxy: PowerOfAttorney(
                agentName: long, agentIDNumber: idNumber,
                reference: String(repeating: "r", count: 64),
                validUntil: try Samples.date(2026_12_31)))
        let accesses = (1...400 as ClosedRange<UInt64>).reversed().map { sequence in
            Access(
                sequence: .max / 2 + sequence, time: .max / 2, kind: .transactionList,
                row: AccessRow(
                    person: person, institution: institution, terminal: Samples.terminal,
                    right: .documents(check)))
        }
        let recorded = ResponseEncoder.result(
            code: .approved, reason: .none, businessDate: Samples.today, time: 5)
        let body = ResponseEncoder.query(
            .accesses(accesses, next: nil), nameMasked: long, recorded: recorded)
        #expect(body.count <= Int(Frame.terminalLengthMax) - Frame.countedHeaderBytes)
        #expect(body.count > 60_000)
        let wire = try WireAccessLogResponse(serializedBytes: body)
        #expect(wire.lines.count < accesses.count)
        #expect(wire.next == accesses[wire.lines.count - 1].sequence)
    }
}
