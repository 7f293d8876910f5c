import Ledger
import SettlementDomain

extension SQLiteStore {
    /// All reference data as of the last commit.
    func reference(on handle: OpaquePointer) throws -> Reference {
        let dates = try everyRow(of: projections.businessDate, on: handle)
        guard let date = dates.first?.row.date else {
            throw StoreFault.corrupt("table business_date is empty")
        }
        var reference = Reference(businessDate: date)
        for (row, _) in try everyRow(of: projections.institutions, on: handle) {
            reference.apply(.institution(row))
        }
        for (row, _) in try everyRow(of: projections.terminals, on: handle) {
            reference.apply(.terminal(row))
        }
        for (mark, sequence) in try everyRow(of: projections.catalogs, on: handle) {
            try apply(sequence, to: &reference) { change in
                if case .catalog(let row) = change { CatalogMark(row) == mark } else { false }
            }
        }
        for (mark, sequence) in try everyRow(of: projections.policies, on: handle) {
            try apply(sequence, to: &reference) { change in
                if case .policy(let row) = change { PolicyMark(row) == mark } else { false }
            }
        }
        return reference
    }

    /// Takes a catalog or policy from the journal entry that added it.
    private func apply(
        _ sequence: UInt64, to reference: inout Reference, _ fits: (RowChange) -> Bool
    ) throws {
        guard let change = try projections.journal.entry(sequence)?.changes.first(where: fits)
        else {
            throw StoreFault.corrupt(
                "journal entry \(sequence) does not add the version that points to it")
        }
        reference.apply(change)
    }

    private func everyRow<Row: Projected>(
        of table: RowTable<Row>, on handle: OpaquePointer
    ) throws -> [(row: Row, sequence: UInt64)] {
        let sql = "SELECT \(Row.allColumns) FROM \(Row.table)"
        var rows: [Row.Key: (row: Row, sequence: UInt64)] = [:]
        let stored = try Statement(sql, on: handle).all { (try Row(from: &$0), $0.unsigned()) }
        for (row, sequence) in stored { rows[row.key] = (row, sequence) }
        for (row, sequence) in table.dirtyRows { rows[row.key] = (row, sequence) }
        return rows.values.sorted { $0.row.position < $1.row.position }
    }
}
