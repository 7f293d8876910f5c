import Ledger
import SettlementDomain

extension Projections {
    /// What entries did to a person, newest first, from memory and from the table.
    ///
    /// Of entries before `before`, at most `limit`, 1 or more. `condition` chooses rows in SQL, as
    /// `fits` does.
    func history(
        of person: PersonID, before: UInt64?, limit: Int, column condition: String,
        on handle: OpaquePointer, where fits: (HistoryMark) -> Bool
    ) throws -> [HistoryMark] {
        let before = min(before ?? .max, UInt64(Int64.max))
        var marks = history.newestFirst(of: person)
            .filter { $0.key.sequence < before && fits($0) }
        let inMemory = Set(marks.map(\.key.sequence))
        var stored = 0
        let statement = try Statement(HistoryMark.select(where: condition), on: handle)
        try eachMark(of: person, before: before, statement) { mark in
            stored += 1
            if !inMemory.contains(mark.key.sequence) { marks.append(mark) }
            return stored < limit
        }
        marks.sort { $0.key.sequence > $1.key.sequence }
        return Array(marks.prefix(limit))
    }

    /// Rows of a person's history in the table, newest first, until `take` says that it has enough.
    ///
    /// The statement is one of `HistoryMark.select`.
    func eachMark(
        of person: PersonID, before: UInt64, _ statement: Statement,
        take: (HistoryMark) throws -> Bool
    ) throws {
        guard before > 0 else { return }
        for era in (0...eras.era(of: min(before - 1, last))).reversed() {
            statement.bind { binder in
                binder.integer(era)
                binder.person(person)
                binder.integer(before)
            }
            defer { statement.reset() }
            while try statement.step() {
                let mark = try statement.row { try HistoryMark(from: &$0) }
                guard try take(mark) else { return }
            }
        }
    }

    /// The entries in the table that made settlements of a person which are like one that is claimed;
    /// also those of settlements that are not in their table yet.
    func makersOfLike(
        of person: PersonID, at institution: InstitutionID, on serviceDate: CivilDate,
        total: Money
    ) throws -> Set<UInt64> {
        guard let likeSettlements else { return [] }
        var made: Set<UInt64> = []
        for era in 0...eras.era(of: last) {
            likeSettlements.bind { binder in
                binder.integer(era)
                binder.person(person)
                binder.institution(institution)
                binder.date(serviceDate)
                binder.money(total)
            }
            made.formUnion(try likeSettlements.all { $0.unsigned() })
        }
        return made
    }

    /// The marks that an entry leaves in the history of persons.
    func marks(
        of entry: JournalEntry, settlement: UInt64?, owner: PersonID?
    ) -> [HistoryMark] {
        HistoryMark.marks(
            of: entry, in: eras.era(of: entry.sequence), settlement: settlement, owner: owner)
    }
}
