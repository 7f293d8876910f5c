import Ledger
import SettlementDomain

extension PostgreSQLStore {
    /// Reads all reference data, in the transaction under way.
    func readReference() throws(StoreFault) -> Reference {
        let results = try query([
            all(BusinessDateMark.table), all(InstitutionRow.table), all(TerminalRow.table),
            all(PolicyRow.table), all(CatalogMark.table),
        ])
        guard let date = try results[0].rows(BusinessDateMark.self).first?.date else {
            throw .corrupt("table business_date is empty")
        }
        var reference = Reference(businessDate: date)
        for row in try results[1].rows(InstitutionRow.self) { reference.apply(.institution(row)) }
        for row in try results[2].rows(TerminalRow.self) { reference.apply(.terminal(row)) }
        for row in try results[3].rows(PolicyRow.self) { reference.apply(.policy(row)) }
        for index in 0..<results[4].count {
            var reader = results[4].reader(index, of: CatalogMark.table.name)
            let mark = try CatalogMark(from: &reader)
            let place = EntryPlace(account: mark.account, sequence: reader.unsigned())
            reference.apply(.catalog(try catalog(mark.version, at: place)))
        }
        return reference
    }

    private func all(_ table: Table) -> Command {
        Command("SELECT \(table.columnList) FROM \(table.name) AS t")
    }

    private func catalog(
        _ version: CatalogVersion, at place: EntryPlace
    ) throws(StoreFault) -> CatalogRow {
        for entry in try entries(at: [place]) {
            for case .catalog(let row) in entry.changes where row.catalog.version == version {
                return row
            }
        }
        throw .corrupt(
            "journal entry \(place.sequence) does not add the catalog that points to it")
    }

    /// The entries at these places, in their order.
    func entries(at places: [EntryPlace]) throws(StoreFault) -> [JournalEntry] {
        guard !places.isEmpty else { return [] }
        let rows = try query([Fetch.entriesCommand(places)])[0]
        var found: [EntryPlace: JournalEntry] = [:]
        for index in 0..<rows.count {
            var reader = rows.reader(index, of: "journal")
            let account = reader.integer()
            let entry = try reader.journalEntry()
            found[EntryPlace(account: account, sequence: entry.sequence)] = entry
        }
        var result: [JournalEntry] = []
        for place in places {
            guard let entry = found[place] else {
                throw .corrupt("journal entry \(place.sequence) is missing")
            }
            result.append(entry)
        }
        return result
    }
}
