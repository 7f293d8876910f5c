import Ledger
import SettlementDomain

extension Fetch {
    /// Journal entries by their places.
    static let entrySQL =
        "SELECT j.account, j.seq, j.checksum, j.entry FROM unnest($1::bigint[], $2::bigint[]) "
        + "AS k(a, s) JOIN journal AS j ON j.account = k.a AND j.seq = k.s "
        + "WHERE j.entry IS NOT NULL"

    static func entriesCommand(_ places: some Collection<EntryPlace>) -> Command {
        Command(entrySQL, EntryPlace.parameters(places))
    }

    func addEntries(to reads: inout [Read]) {
        guard !entries.wanted.isEmpty else { return }
        let wanted = entries.wanted
        reads.append(
            Read(command: Self.entriesCommand(wanted)) {
                [unowned self] (rows: ResultRows) throws(StoreFault) in
                for index in 0..<rows.count {
                    var reader = rows.reader(index, of: "journal")
                    let account = reader.integer()
                    let entry = try reader.journalEntry()
                    entries.put(
                        entry, for: EntryPlace(account: account, sequence: entry.sequence))
                }
                if let missing = entries.wanted.first {
                    throw .corrupt("journal entry \(missing.sequence) is missing")
                }
            })
    }

    func addLists(to reads: inout [Read]) {
        for number in holders.wanted {
            let command = Command(
                "SELECT \(PersonRow.table.columnList) FROM person AS t WHERE t.id_number = $1 "
                    + "ORDER BY t.person", [.integer(Int64(number.digits))])
            reads.append(
                Read(command: command) {
                    [unowned self] (rows: ResultRows) throws(StoreFault) in
                    holders.put(try rows.rows(), for: number)
                })
        }
        for person in cardsOf.wanted {
            let command = Command(
                "SELECT \(CardRow.table.columnList) FROM card AS t WHERE t.person = $1",
                [.number(person.rawValue)])
            reads.append(
                Read(command: command) {
                    [unowned self] (rows: ResultRows) throws(StoreFault) in
                    let cards: [CardRow] = try rows.rows()
                    cardsOf.put(cards.sorted { $0.number < $1.number }, for: person)
                })
        }
        for key in years.wanted { reads.append(year(key)) }
        for key in owed.wanted { reads.append(owed(key)) }
        for key in likenesses.wanted {
            let command = Command(
                "SELECT \(SettlementMark.table.columnList) FROM settlement AS t "
                    + "WHERE t.person = $1 AND t.institution = $2 AND t.service_date = $3 "
                    + "AND t.total = $4",
                [
                    .number(key.person.rawValue), .text(key.institution.text),
                    .integer(Int64(key.serviceDate.yyyymmdd)), .integer(key.total.fen),
                ])
            reads.append(
                Read(command: command) {
                    [unowned self] (rows: ResultRows) throws(StoreFault) in
                    likenesses.put(try takeMarks(rows), for: key)
                })
        }
    }

    private func takeMarks(_ rows: ResultRows) throws(StoreFault) -> [SettlementMark] {
        var marks: [SettlementMark] = []
        for index in 0..<rows.count {
            var reader = rows.reader(index, of: "settlement")
            let mark = try SettlementMark(from: &reader)
            marks.append(mark)
            settlements.put(mark, version: reader.unsigned())
        }
        return marks
    }

    private func year(_ key: YearOfPerson) -> Read {
        let first = CivilDate(year: key.year, month: 1, day: 1) ?? .first
        let next = CivilDate(year: key.year + 1, month: 1, day: 1) ?? .last
        // The last change before the year comes first, then the year's.
        let command = Command(
            """
            (SELECT booked_date, balance FROM journal WHERE account = $1 AND amount IS NOT NULL \
            AND booked_date < $2 ORDER BY seq DESC LIMIT 1) UNION ALL \
            (SELECT booked_date, balance FROM journal WHERE account = $1 AND amount IS NOT NULL \
            AND booked_date >= $2 AND booked_date < $3 ORDER BY seq)
            """,
            [
                .number(key.person.rawValue), .integer(Int64(first.yyyymmdd)),
                .integer(Int64(next.yyyymmdd)),
            ])
        return Read(command: command) { [unowned self] (rows: ResultRows) throws(StoreFault) in
            var days = DailyBalances(year: key.year, opening: .zero)
            for index in 0..<rows.count {
                var reader = rows.reader(index, of: "journal")
                let date = try reader.date("booked_date")
                let balance = try reader.money("balance")
                if date < first {
                    days = DailyBalances(year: key.year, opening: balance)
                } else {
                    days.change(to: balance, on: date)
                }
            }
            years.put(days, for: key)
        }
    }

    private func owed(_ key: ClearingKey) -> Read {
        let command = Command(
            // What was settled less what was given back.
            """
            SELECT coalesce(sum(CASE WHEN kind = \(RequestKind.settle.rawValue)
                THEN total - cash ELSE cash - total END), 0)::bigint
            FROM day WHERE institution = $1 AND booked_date = $2
            """,
            [.text(key.institution.text), .integer(Int64(key.date.yyyymmdd))])
        return Read(command: command) { [unowned self] (rows: ResultRows) throws(StoreFault) in
            var reader = rows.reader(0, of: "day")
            owed.put(try reader.money("total - cash"), for: key)
        }
    }
}

extension ResultRows {
    /// The rows of a table, from its `columnList`.
    func rows<Row: Stored>(_ type: Row.Type = Row.self) throws(StoreFault) -> [Row] {
        try map(of: Row.table.name) { (reader: inout ColumnReader) throws(StoreFault) in
            try Row(from: &reader)
        }
    }
}
