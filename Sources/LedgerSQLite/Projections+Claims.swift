import Ledger
import SettlementDomain

extension Projections {
    func claim(_ id: ClaimID) throws(StoreFault) -> ClaimRow? {
        try mappingFaults {
            guard let mark = try claims.find(id) else { return nil }
            return try claimRow(id, in: mark.sequence)
        }
    }

    func bill(_ key: BillKey) throws(StoreFault) -> BillRow? {
        try mappingFaults { try bills.find(key)?.row }
    }

    func settlements(
        of person: PersonID, at institution: InstitutionID, on serviceDate: CivilDate,
        total: Money
    ) throws(StoreFault) -> [SettlementRow] {
        try mappingFaults {
            var made = try makersOfLike(
                of: person, at: institution, on: serviceDate, total: total)
            for mark in history.newestFirst(of: person) where mark.isOwnSettlement {
                if let settlement = mark.settlement { made.insert(settlement) }
            }
            return try made.sorted().compactMap { made in
                guard let id = try journal.entry(made)?.settlementRow?.id,
                    let mark = try settlementMark(id), mark.row.institution == institution,
                    mark.row.serviceDate == serviceDate, mark.row.total == total
                else { return nil }
                return try settlementRow(id, in: mark.sequence)
            }
        }
    }

    /// A person's claims, the oldest first.
    func claims(of person: PersonID) throws -> [ClaimRow] {
        try merged(claims, claimsOfPerson, fits: { $0.person == person }) { $0.person(person) }
            .map { try claimRow($0.id) }.sorted(by: ClaimRow.isOlder)
    }

    /// The claim as it is now.
    func claimRow(_ id: ClaimID) throws -> ClaimRow {
        guard let row = try claim(id) else { throw StoreFault.corrupt("claim \(id) is missing") }
        return row
    }

    private func claimRow(_ id: ClaimID, in sequence: UInt64) throws -> ClaimRow {
        for case .claim(let row) in try journal.entry(sequence)?.changes ?? []
        where row.id == id {
            return row
        }
        throw StoreFault.corrupt("journal entry \(sequence) does not change claim \(id)")
    }
}
