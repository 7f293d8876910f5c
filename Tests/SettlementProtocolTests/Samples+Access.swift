import Ledger
import SettlementDomain
import Testing

extension Samples {
    /// One access by each right.
    static func accesses(of person: PersonID, at institution: InstitutionID) throws -> [Access] {
        let idNumber = try #require(IDNumber(digits: 11_010_119_800_101_001))
        let proxy = PowerOfAttorney(
            agentName: "代理人", agentIDNumber: idNumber, reference: "PoA-1",
            validUntil: try date(2026_12_31))
        let rights: [AccessRight] = [
            .pin, .gatewaySession("S-1"), .role(.collector),
            .documents(
                IdentityCheck(document: .passport, number: "E1", clerk: "C1", proxy: nil)),
            .documents(
                IdentityCheck(
                    document: .residentID, number: idNumber.clearText, clerk: "C2", proxy: proxy)),
        ]
        return rights.enumerated().map { index, right in
            Access(
                sequence: UInt64(index + 1), time: 7, kind: .transactionList,
                row: AccessRow(
                    person: person, institution: institution, terminal: terminal, right: right))
        }
    }
}
