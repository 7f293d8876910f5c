import Ledger
import SettlementDomain

extension SQLiteStore {
    /// Movements of an account, newest first.
    func movements(
        of person: PersonID, before: UInt64?, limit: Int, on handle: OpaquePointer
    ) throws -> [Movement] {
        guard limit > 0 else { return [] }
        let marks = try history(
            of: person, before: before, limit: limit, column: "amount IS NOT NULL", on: handle
        ) { $0.move != nil }
        return try marks.compactMap { mark in
            guard let move = mark.move else { return nil }
            return Movement(
                sequence: mark.key.sequence, person: person, amount: move.amount,
                balance: move.balance, time: mark.time, bookedDate: mark.bookedDate,
                kind: mark.kind, settlement: try mark.settlement.map { try madeBy($0) })
        }
    }

    /// Settlements of a person, newest first by the entry that last changed them.
    func settlements(
        of person: PersonID, before: UInt64?, limit: Int, on handle: OpaquePointer
    ) throws -> [(sequence: UInt64, row: SettlementRow)] {
        guard limit > 0 else { return [] }
        var result: [(sequence: UInt64, row: SettlementRow)] = []
        var before = before
        while true {
            let marks = try history(
                of: person, before: before, limit: limit, column: "own = 1", on: handle
            ) { $0.isOwnSettlement }
            for mark in marks {
                let sequence = mark.key.sequence
                for case .settlement(let row) in try projections.journal.entry(sequence)?.changes
                    ?? [] where row.person == person
                {
                    // A later entry changed it again: it is listed there.
                    guard try projections.settlementMark(row.id)?.sequence == sequence else {
                        continue
                    }
                    result.append((sequence, row))
                    if result.count == limit { return result }
                }
                before = sequence
            }
            if marks.count < limit { return result }
        }
    }

    /// Settlements booked on a date, in the order of the entries that last changed them.
    func settlements(
        on date: CivilDate, at institution: InstitutionID?, after: UInt64, limit: Int,
        _ handle: OpaquePointer
    ) throws -> [(sequence: UInt64, row: SettlementRow)] {
        guard limit > 0 else { return [] }
        var marks: [(row: SettlementMark, sequence: UInt64)] = []
        let statement = try Statement(
            "SELECT \(SettlementMark.allColumns) FROM settlement WHERE booked_date = ? "
                + "AND seq > ? AND (?3 IS NULL OR institution = ?3) ORDER BY seq",
            on: handle)
        statement.bind { binder in
            binder.date(date)
            binder.integer(min(after, UInt64(Int64.max)))
            binder.optionalText(institution?.text)
        }
        defer { statement.reset() }
        while marks.count < limit, try statement.step() {
            var reader = statement.columns
            let row = try SettlementMark(from: &reader)
            let sequence = reader.unsigned()
            // Memory has a newer state of it: it is taken from there.
            if let known = projections.settlements.remembered(row.key) ?? nil,
                known.sequence != sequence
            {
                continue
            }
            marks.append((row, sequence))
        }
        let stored = Set(marks.map(\.sequence))
        for waiting in projections.settlements.dirtyRows
        where waiting.row.bookedDate == date && waiting.sequence > after
            && waiting.row.institution == institution ?? waiting.row.institution
            && !stored.contains(waiting.sequence)
        {
            marks.append(waiting)
        }
        marks.sort { $0.sequence < $1.sequence }
        return try marks.prefix(limit).map { mark in
            (mark.sequence, try projections.settlementRow(mark.row.id, in: mark.sequence))
        }
    }

    /// What entries did to a person, newest first, from memory and from the table.
    private func history(
        of person: PersonID, before: UInt64?, limit: Int, column condition: String,
        on handle: OpaquePointer, where fits: (HistoryMark) -> Bool
    ) throws -> [HistoryMark] {
        let before = min(before ?? .max, UInt64(Int64.max))
        var marks = projections.history.inMemory(of: person)
            .filter { $0.key.sequence < before && fits($0) }
        let inMemory = Set(marks.map(\.key.sequence))
        let statement = try Statement(
            "SELECT \(HistoryMark.allColumns) FROM history WHERE person = ? AND seq < ? "
                + "AND \(condition) ORDER BY seq DESC LIMIT ?", on: handle)
        statement.bind { binder in
            binder.person(person)
            binder.integer(before)
            binder.integer(Int64(limit))
        }
        let stored = try statement.all { try HistoryMark(from: &$0) }
        marks.append(contentsOf: stored.filter { !inMemory.contains($0.key.sequence) })
        marks.sort { $0.key.sequence > $1.key.sequence }
        return Array(marks.prefix(limit))
    }

    /// The settlement that an entry made.
    private func madeBy(_ sequence: UInt64) throws -> SettlementID {
        guard let key = try projections.journal.entry(sequence)?.answer?.key else {
            throw StoreFault.corrupt("journal entry \(sequence) made no settlement")
        }
        return SettlementID(key)
    }
}
