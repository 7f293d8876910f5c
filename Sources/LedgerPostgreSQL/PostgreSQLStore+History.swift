import Ledger
import SettlementDomain

extension PostgreSQLStore {
    /// Answers questions about what happened to a person, or on a date.
    func history(_ question: StoreQuestion) throws(StoreFault) -> StorePage {
        switch question {
        case .movements(let person, let before, let limit):
            return .movements(try movements(of: person, before: before, limit: limit))
        case .movesOf(let person, let from, let through, let before, let limit):
            return .moves(
                try moves(of: person, from: from, through: through, before: before, limit: limit))
        case .historyOf(let person, let from, let through, let before, let limit):
            let places = try places(
                of: person, before: before, limit: limit, booked: [from, through],
                "(amount IS NOT NULL OR own) AND \(Self.isBookedBetween)")
            return .entries(try entries(at: places))
        case .accesses(let person, let before, let limit):
            let places = try places(of: person, before: before, limit: limit, "access")
            return .accesses(
                try entries(at: places).compactMap { entry in
                    entry.accesses.first { $0.row.person == person }
                })
        case .settlementsOf(let person, let before, let limit):
            return .settlements(try settlements(of: person, before: before, limit: limit))
        case .settlementsOn(let date, let institution, let after, let limit):
            return .settlements(
                try settlements(on: date, at: institution, after: after, limit: limit))
        default: return .entries([])
        }
    }

    /// The parameters of a choice of a person's rows: newest first, before a number; the dates are
    /// those that `isBookedBetween` asks for.
    private func page(
        of person: PersonID, before: UInt64?, limit: Int, booked dates: [CivilDate] = []
    ) -> [Command.Parameter] {
        [.number(person.rawValue), .number(storable(before ?? .max)), bound(limit)]
            + dates.map { Command.Parameter.integer(Int64($0.yyyymmdd)) }
    }

    /// A choice by date; the journal's parts are by number, so that dates in the text spare none.
    private static let isBookedBetween = "booked_date BETWEEN $4 AND $5"

    private static func newestFirst(_ columns: String, _ condition: String) -> String {
        "SELECT \(columns) FROM journal WHERE account = $1 AND seq < $2 AND \(condition) "
            + "ORDER BY seq DESC LIMIT $3"
    }

    private func movements(
        of person: PersonID, before: UInt64?, limit: Int
    ) throws(StoreFault) -> [Movement] {
        let sql = Self.newestFirst(
            "seq, amount, balance, time, booked_date, kind, settlement", "amount IS NOT NULL")
        let rows = try query([Command(sql, page(of: person, before: before, limit: limit))])[0]
        return try rows.map(of: "journal") { (reader: inout ColumnReader) throws(StoreFault) in
            Movement(
                sequence: reader.unsigned(), person: person, amount: try reader.money("amount"),
                balance: try reader.money("balance"), time: reader.integer(),
                bookedDate: try reader.date("booked_date"), kind: try reader.choice("kind"),
                settlement: reader.isNull()
                    ? nil : try reader.checked(SettlementID(reader.text()), "settlement"))
        }
    }

    private func moves(
        of person: PersonID, from: CivilDate, through: CivilDate, before: UInt64?, limit: Int
    ) throws(StoreFault) -> [AccountMove] {
        let sql = Self.newestFirst(
            "seq, booked_date, kind, own, amount, balance",
            "amount IS NOT NULL AND \(Self.isBookedBetween)")
        let parameters = page(of: person, before: before, limit: limit, booked: [from, through])
        let rows = try query([Command(sql, parameters)])[0]
        return try rows.map(of: "journal") { (reader: inout ColumnReader) throws(StoreFault) in
            AccountMove(
                sequence: reader.unsigned(), bookedDate: try reader.date("booked_date"),
                kind: try reader.choice("kind"), isOwnSettlement: reader.flag(),
                amount: try reader.money("amount"), balance: try reader.money("balance"))
        }
    }

    /// Where the entries are that did something to a person.
    private func places(
        of person: PersonID, before: UInt64?, limit: Int, booked dates: [CivilDate] = [],
        _ condition: String
    ) throws(StoreFault) -> [EntryPlace] {
        let sql = Self.newestFirst("coalesce(home, account), seq", condition)
        let parameters = page(of: person, before: before, limit: limit, booked: dates)
        let rows = try query([Command(sql, parameters)])[0]
        return try rows.map(of: "journal") { (reader: inout ColumnReader) throws(StoreFault) in
            EntryPlace(account: reader.integer(), sequence: reader.unsigned())
        }
    }

    private func settlements(
        of person: PersonID, before: UInt64?, limit: Int
    ) throws(StoreFault) -> [(sequence: UInt64, row: SettlementRow)] {
        let sql =
            "SELECT \(SettlementMark.table.columnList) FROM settlement AS t "
            + "WHERE t.person = $1 AND t.seq < $2 ORDER BY t.seq DESC LIMIT $3"
        let rows = try query([Command(sql, page(of: person, before: before, limit: limit))])[0]
        var ids: [SettlementID] = []
        var places: [EntryPlace] = []
        for index in 0..<rows.count {
            var reader = rows.reader(index, of: "settlement")
            let mark = try SettlementMark(from: &reader)
            ids.append(mark.key.id)
            places.append(
                EntryPlace(account: Int64(person.rawValue), sequence: reader.unsigned()))
        }
        return try numbered(ids, places)
    }

    private func numbered(
        _ ids: [SettlementID], _ places: [EntryPlace]
    ) throws(StoreFault) -> [(sequence: UInt64, row: SettlementRow)] {
        let entries = try entries(at: places)
        var result: [(sequence: UInt64, row: SettlementRow)] = []
        for (id, entry) in zip(ids, entries) {
            guard let row = entry.settlementRow, row.id == id else {
                throw .corrupt(
                    "journal entry \(entry.sequence) does not change settlement \(id)")
            }
            result.append((entry.sequence, row))
        }
        return result
    }

    /// Settlements booked on a date, in the order of the entries that made them, each as it is now.
    private func settlements(
        on date: CivilDate, at institution: InstitutionID?, after: UInt64?, limit: Int
    ) throws(StoreFault) -> [(sequence: UInt64, row: SettlementRow)] {
        // A row of the books without a settlement's name made the settlement of its own key.
        let condition =
            "t.booked_date = $1 AND t.settlement IS NULL AND t.seq > $2 "
            + (institution == nil ? "" : "AND t.institution = $4 ") + "ORDER BY t.seq LIMIT $3"
        let sql = "SELECT t.terminal, t.date, t.stan, t.seq FROM day AS t WHERE \(condition)"
        let parameters: [Command.Parameter] =
            [
                .integer(Int64(date.yyyymmdd)), .number(storable(after ?? 0)), bound(limit),
            ] + (institution.map { [.text($0.text)] } ?? [])
        let rows = try query([Command(sql, parameters)])[0]
        let made = try rows.map(of: "day") { (reader: inout ColumnReader) throws(StoreFault) in
            (id: SettlementID(try reader.key()), sequence: reader.unsigned())
        }
        let found = try settled { () throws(StoreFault) in
            var found: [SettlementRow?] = []
            for item in made { found.append(try fetch.settlement(item.id)) }
            return found
        }
        return zip(made, found).compactMap { item, row in row.map { (item.sequence, $0) } }
    }
}
