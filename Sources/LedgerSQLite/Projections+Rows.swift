import Ledger
import SettlementDomain

extension Projections: RowSource {
    func answer(_ key: RequestKey) throws(StoreFault) -> AnswerRow? {
        try mappingFaults {
            guard let entry = try entryNaming(key) else { return nil }
            return entry.answer?.key == key ? entry.answer : nil
        }
    }

    func tombstone(_ key: RequestKey) throws(StoreFault) -> TombstoneRow? {
        try mappingFaults { try entryNaming(key)?.tombstone(of: key) }
    }

    /// The entry that answers a request, or remembers that it shall not be executed.
    private func entryNaming(_ key: RequestKey) throws -> JournalEntry? {
        guard let sequence = try answers.find(key) else { return nil }
        guard let entry = try journal.entry(sequence),
            entry.answer?.key == key || entry.tombstone(of: key) != nil
        else { throw StoreFault.corrupt("journal entry \(sequence) does not answer \(key)") }
        return entry
    }

    func card(_ number: CardNumber) throws(StoreFault) -> CardRow? {
        try mappingFaults { try cards.find(seal.token(of: number))?.row.row(number) }
    }

    func person(_ id: PersonID) throws(StoreFault) -> PersonRow? {
        try mappingFaults { try persons.find(id)?.row }
    }

    func persons(with number: IDNumber) throws(StoreFault) -> [PersonRow] {
        try mappingFaults {
            try merged(
                persons, personsOfIDNumber, fits: { $0.idNumber == number }
            ) { $0.integer(number.digits) }
        }
    }

    func cards(of person: PersonID) throws(StoreFault) -> [CardRow] {
        try mappingFaults {
            try merged(
                cards, cardsOfPerson, fits: { $0.person == person }
            ) { $0.person(person) }
            .map(numbered).sorted { $0.number < $1.number }
        }
    }

    /// A card with its number.
    func numbered(_ mark: CardMark) throws -> CardRow {
        guard let number = seal.number(of: mark.token) else {
            throw StoreFault.corrupt("table card, row \(mark.token): it stands for no card number")
        }
        return mark.row(number)
    }

    /// The rows of a table that fit, in the order of their keys, as memory knows them.
    func merged<Row: Projected>(
        _ table: RowTable<Row>, _ select: Statement?, fits: (Row) -> Bool,
        _ bind: (inout ColumnBinder) -> Void
    ) throws -> [Row] {
        guard let select else { return [] }
        select.bind(bind)
        var rows: [Row.Key: Row] = [:]
        for stored in try select.all({ try Row(from: &$0) }) {
            // Memory may know a newer state.
            let row = table.remembered(stored.key).map { $0?.row } ?? stored
            if let row, fits(row) { rows[row.key] = row }
        }
        for row in table.dirtyRows(where: fits) { rows[row.key] = row }
        return rows.values.sorted { $0.position < $1.position }
    }

    func account(_ id: PersonID) throws(StoreFault) -> AccountRow? {
        try mappingFaults { try accounts.find(id)?.row }
    }

    func accumulator(_ key: AccumulatorKey) throws(StoreFault) -> AccumulatorRow? {
        try mappingFaults { try accumulators.find(key)?.row }
    }

    func traceCode(_ code: TraceCode) throws(StoreFault) -> TraceCodeRow? {
        try mappingFaults { try traceCodes.find(code)?.row }
    }

    func usage(_ key: UsageKey) throws(StoreFault) -> UsageRow? {
        try mappingFaults { try usages.find(key)?.row }
    }

    func family(_ member: PersonID) throws(StoreFault) -> FamilyRow? {
        try mappingFaults { try families.find(member)?.row }
    }

    func owner(_ id: PersonID) throws(StoreFault) -> OwnerRow? {
        try mappingFaults { try owners.find(id)?.row }
    }

    /// Every contribution of a person, the oldest period first.
    func contributions(of person: PersonID) throws -> [ContributionRow] {
        try merged(
            contributions, contributionsOfPerson, fits: { $0.key.person == person }
        ) { $0.person(person) }
    }

    func credit(_ key: CreditKey) throws(StoreFault) -> CreditRow? {
        try mappingFaults { try credits.find(key)?.row }
    }

    func clearing(_ key: ClearingKey) throws(StoreFault) -> ClearingRow? {
        try mappingFaults { try clearings.find(key)?.row }
    }

    func declarationLine(
        _ key: DeclarationLineKey
    ) throws(StoreFault) -> DeclarationLineRow? {
        try mappingFaults { try declarationLines.find(key)?.row }
    }

    func contribution(_ key: ContributionKey) throws(StoreFault) -> ContributionRow? {
        try mappingFaults { try contributions.find(key)?.row }
    }

    func owed(_ key: ClearingKey) throws(StoreFault) -> Money {
        try mappingFaults {
            var books = ClearingBooks()
            var last: RequestKey?
            while true {
                let range = DayRange(
                    date: key.date, institution: key.institution, terminal: nil, after: last,
                    through: nil)
                let rows = try days.rows(in: range, limit: 4096)
                for row in rows { books.take(row) }
                guard rows.count == 4096, let row = rows.last else { return books.owed }
                last = row.key
            }
        }
    }

    func admission(_ id: AdmissionID) throws(StoreFault) -> AdmissionRow? {
        try mappingFaults { try admissions.find(id)?.row }
    }

    func feeUpload(_ key: FeeUploadKey) throws(StoreFault) -> FeeUploadRow? {
        try mappingFaults {
            guard let mark = try feeUploads.find(key) else { return nil }
            for case .feeUpload(let row) in try journal.entry(mark.sequence)?.changes ?? []
            where row.key == key {
                return row
            }
            throw StoreFault.corrupt(
                "journal entry \(mark.sequence) does not change an upload of \(key.admission)")
        }
    }

    func openStays(_ person: PersonID) throws(StoreFault) -> OpenStaysRow? {
        try mappingFaults { try openStays.find(person)?.row }
    }

    func settlement(_ id: SettlementID) throws(StoreFault) -> SettlementRow? {
        try mappingFaults {
            guard let mark = try settlementMark(id) else { return nil }
            return try settlementRow(id, in: mark.sequence)
        }
    }

    /// The settlement as the entry that last changed it left it.
    func settlementRow(_ id: SettlementID, in sequence: UInt64) throws -> SettlementRow {
        for case .settlement(let row) in try journal.entry(sequence)?.changes ?? []
        where row.id == id {
            return row
        }
        throw StoreFault.corrupt("journal entry \(sequence) does not change settlement \(id)")
    }
}

extension JournalEntry {
    /// What the entry remembers of a request that was reversed before it arrived.
    fileprivate func tombstone(of key: RequestKey) -> TombstoneRow? {
        for case .tombstone(let row) in changes where row.original == key { return row }
        return nil
    }
}
