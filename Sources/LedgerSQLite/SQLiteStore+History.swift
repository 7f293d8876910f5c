import Ledger
import SettlementDomain

extension SQLiteStore {
    /// Movements of an account, newest first.
    func movements(
        of person: PersonID, before: UInt64?, limit: Int, on handle: OpaquePointer
    ) throws -> [Movement] {
        guard limit > 0 else { return [] }
        let marks = try projections.history(
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

    /// Entries that moved money of a person's account or changed a settlement of theirs, newest first.
    func history(
        of person: PersonID, from: CivilDate, through: CivilDate, before: UInt64?, limit: Int,
        on handle: OpaquePointer
    ) throws -> [JournalEntry] {
        guard limit > 0, from <= through else { return [] }
        let marks = try projections.history(
            of: person, before: before, limit: limit,
            column: "(amount IS NOT NULL OR own = 1) AND \(Self.booked(from, through))",
            on: handle
        ) { mark in
            (mark.move != nil || mark.isOwnSettlement)
                && (from...through).contains(mark.bookedDate)
        }
        return try marks.compactMap { try projections.journal.entry($0.key.sequence) }
    }

    /// Changes of an account, newest first, without reading the journal.
    func moves(
        of person: PersonID, from: CivilDate, through: CivilDate, before: UInt64?, limit: Int,
        on handle: OpaquePointer
    ) throws -> [AccountMove] {
        guard limit > 0, from <= through else { return [] }
        let marks = try projections.history(
            of: person, before: before, limit: limit,
            column: "amount IS NOT NULL AND \(Self.booked(from, through))", on: handle
        ) { $0.move != nil && (from...through).contains($0.bookedDate) }
        return marks.compactMap { mark in
            mark.move.map { move in
                AccountMove(
                    sequence: mark.key.sequence, bookedDate: mark.bookedDate, kind: mark.kind,
                    isOwnSettlement: mark.isOwnSettlement, amount: move.amount,
                    balance: move.balance)
            }
        }
    }

    private static func booked(_ from: CivilDate, _ through: CivilDate) -> String {
        "booked_date BETWEEN \(from.yyyymmdd) AND \(through.yyyymmdd)"
    }

    /// A person's access log, newest first.
    func accesses(
        to person: PersonID, before: UInt64?, limit: Int, on handle: OpaquePointer
    ) throws -> [Access] {
        guard limit > 0 else { return [] }
        let marks = try projections.history(
            of: person, before: before, limit: limit, column: "access = 1", on: handle
        ) { $0.isAccess }
        return try marks.compactMap { mark in
            try projections.journal.entry(mark.key.sequence)?.accesses
                .first { $0.row.person == person }
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
            let marks = try projections.history(
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

    /// Settlements booked on a date, in the order of the entries that made them.
    ///
    /// The business date never goes back, so that a date's settlements lie together in the order of
    /// making: where they begin and end in the table is found by halving.
    func settlements(
        on date: CivilDate, at institution: InstitutionID?, after: UInt64, limit: Int,
        _ handle: OpaquePointer
    ) throws -> [(sequence: UInt64, row: SettlementRow)] {
        guard limit > 0 else { return [] }
        let first = max(
            after < .max ? after + 1 : after, try firstSettlement(from: date, on: handle))
        let statement = try Statement(
            "SELECT \(SettlementMark.allColumns) FROM settlement "
                + "WHERE created >= ? AND created < ? AND (?3 IS NULL OR institution = ?3) "
                + "ORDER BY created LIMIT ?4", on: handle)
        let end = try firstSettlement(from: date.adding(days: 1), on: handle)
        statement.bind { binder in
            binder.integer(min(first, UInt64(Int64.max)))
            binder.integer(end)
            binder.optionalText(institution?.text)
            binder.integer(Int64(limit))
        }
        var marks: [UInt64: (row: SettlementMark, sequence: UInt64)] = [:]
        for stored in try statement.all({ (try SettlementMark(from: &$0), $0.unsigned()) }) {
            marks[stored.0.created] = stored
        }
        // Memory may have newer states of them, and those that are not in the table yet.
        for waiting in projections.settlements.dirtyRows
        where waiting.row.bookedDate == date && waiting.row.created > after
            && waiting.row.institution == institution ?? waiting.row.institution
        {
            marks[waiting.row.created] = waiting
        }
        return try marks.sorted { $0.key < $1.key }.prefix(limit).map { created, mark in
            (created, try projections.settlementRow(mark.row.id, in: mark.sequence))
        }
    }

    /// The number of the first entry in the table that made a settlement on this date or later; of
    /// the entry after the last where there is none.
    private func firstSettlement(from date: CivilDate, on handle: OpaquePointer) throws -> UInt64 {
        var low: UInt64 = 1
        var high =
            try Statement("SELECT max(created) FROM settlement", on: handle)
            .first { $0.isNull() ? 1 : $0.unsigned() + 1 } ?? 1
        let probe = try Statement(
            "SELECT booked_date FROM settlement WHERE created >= ? ORDER BY created LIMIT 1",
            on: handle)
        while low < high {
            let middle = low + (high - low) / 2
            probe.bind { $0.integer(middle) }
            let found = try probe.first { try $0.date("booked_date") }
            if found.map({ $0 >= date }) ?? true { high = middle } else { low = middle + 1 }
        }
        return low
    }

    /// The settlement that an entry made.
    private func madeBy(_ sequence: UInt64) throws -> SettlementID {
        guard let key = try projections.journal.entry(sequence)?.answer?.key else {
            throw StoreFault.corrupt("journal entry \(sequence) made no settlement")
        }
        return SettlementID(key)
    }
}
