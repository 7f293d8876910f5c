import Ledger
import SettlementDomain

extension PostgreSQLStore {
    /// Answers one page of a question as of the last commit.
    func answer(_ question: StoreQuestion) throws(StoreFault) -> StorePage {
        switch question {
        case .person(let id): .persons(try one { () throws(StoreFault) in try fetch.person(id) })
        case .card(let number):
            .cards(try one { () throws(StoreFault) in try fetch.card(number) })
        case .account(let id):
            .accounts(try one { () throws(StoreFault) in try fetch.account(id) })
        case .family(let id): .families(try one { () throws(StoreFault) in try fetch.family(id) })
        case .owner(let id): .owners(try one { () throws(StoreFault) in try fetch.owner(id) })
        case .claim(let id): .claims(try one { () throws(StoreFault) in try fetch.claim(id) })
        case .answer(let key):
            .answers(try one { () throws(StoreFault) in try fetch.answer(key) })
        case .settlement(let id): .settlements(try settlement(id))
        case .accumulators(let id, let year):
            .accumulators(
                try settled { () throws(StoreFault) in
                    var rows: [AccumulatorRow] = []
                    for category in BenefitCategory.allCases {
                        let key = AccumulatorKey(person: id, year: year, category: category)
                        if let row = try fetch.accumulator(key) { rows.append(row) }
                    }
                    return rows
                })
        case .personByIDNumber(let number):
            .persons(try settled { () throws(StoreFault) in try fetch.persons(with: number) })
        case .cardsOf(let person):
            .cards(try settled { () throws(StoreFault) in try fetch.cards(of: person) })
        case .reference: .reference(try readReference().rows)
        case .entry(let sequence):
            .entries(
                try journal(
                    "WHERE seq = $1 AND entry IS NOT NULL", [.number(storable(sequence))]))
        case .entries(let after, let limit):
            .entries(
                limit < 1
                    ? []
                    : try journal(
                        "WHERE seq > $1 AND entry IS NOT NULL ORDER BY seq LIMIT $2",
                        [.number(storable(after)), .integer(Int64(limit))]))
        case .balances: .balances(try balances())
        case .counts: .counts(try counts())
        case .movements, .historyOf, .movesOf, .accesses, .settlementsOf, .settlementsOn:
            try history(question)
        default: try list(question)
        }
    }

    /// Repeats until nothing is missing any more.
    func settled<Rows>(_ body: () throws(StoreFault) -> Rows) throws(StoreFault) -> Rows {
        while true {
            let rows = try body()
            let reads = try fetch.reads()
            if reads.isEmpty { return rows }
            try read(reads)
        }
    }

    private func one<Row>(
        _ body: () throws(StoreFault) -> Row?
    ) throws(StoreFault) -> [Row] {
        try settled(body).map { [$0] } ?? []
    }

    private func settlement(
        _ id: SettlementID
    ) throws(StoreFault) -> [(sequence: UInt64, row: SettlementRow)] {
        guard let row = try one({ () throws(StoreFault) in try fetch.settlement(id) }).first
        else { return [] }
        let key = SettlementMark.Key(person: row.person, id: id)
        return [(fetch.settlements.version(key) ?? 0, row)]
    }

    private func list(_ question: StoreQuestion) throws(StoreFault) -> StorePage {
        switch question {
        case .persons(let after, let limit):
            .persons(
                try page(
                    "WHERE t.person > $1 ORDER BY t.person LIMIT $2",
                    [.number(after?.rawValue ?? 0), bound(limit)]))
        case .cards(let after, let limit):
            .cards(
                try page(
                    "WHERE t.token > $1 ORDER BY t.token LIMIT $2",
                    [token(of: after), bound(limit)]))
        case .contributionsOf(let person, let before, let limit):
            .contributions(
                try page(
                    "WHERE t.person = $1 AND t.period < $2 ORDER BY t.period DESC LIMIT $3",
                    [
                        .number(person.rawValue),
                        .integer(before.map { Int64($0.yyyymm) } ?? .max), bound(limit),
                    ]))
        case .clearings(let date):
            .clearings(
                try page(
                    "WHERE t.date = $1 ORDER BY t.institution",
                    [.integer(Int64(date.yyyymmdd))]))
        case .claimsOf(let person):
            .claims(
                try claims("WHERE t.person = $1", [.number(person.rawValue)])
                    .sorted(by: ClaimRow.isOlder))
        case .claimsDue(let date, let after, let limit):
            .claims(try claimsDue(before: date, after: after, limit: limit))
        case .day(let date, let institution, let terminal, let after, let through, let limit):
            .day(
                try day(
                    date, institution, terminal, after: after, through: through, limit: limit))
        default: .entries([])
        }
    }

    /// What stands for a card; for none, what comes before every card.
    private func token(of number: CardNumber?) -> Command.Parameter {
        guard let number else { return .run([]) }
        return .run(options.seal.token(of: number).withUnsafeBytes { Array($0) })
    }

    private func page<Row: Stored>(
        _ condition: String, _ parameters: [Command.Parameter]
    ) throws(StoreFault) -> [Row] {
        let sql = "SELECT \(Row.table.columnList) FROM \(Row.table.name) AS t \(condition)"
        return try query([Command(sql, parameters)])[0].rows()
    }

    private func claims(
        _ condition: String, _ parameters: [Command.Parameter]
    ) throws(StoreFault) -> [ClaimRow] {
        let marks: [ClaimMark] = try page(condition, parameters)
        return try claims(marks)
    }

    private func claims(_ marks: [ClaimMark]) throws(StoreFault) -> [ClaimRow] {
        try settled { () throws(StoreFault) in
            var rows: [ClaimRow] = []
            for mark in marks {
                if let row = try fetch.claim(mark.id) { rows.append(row) }
            }
            return rows
        }
    }

    private func claimsDue(
        before date: CivilDate, after: ClaimID?, limit: Int
    ) throws(StoreFault) -> [ClaimRow] {
        let marks: [ClaimMark] = try page(
            "WHERE t.due < $1", [.integer(Int64(date.yyyymmdd))])
        let page = marks.sorted { $0.id < $1.id }
            .filter { mark in after.map { mark.id > $0 } ?? true }
        return try claims(Array(page.prefix(max(0, limit))))
    }

    private func day(
        _ date: CivilDate, _ institution: InstitutionID, _ terminal: TerminalID?,
        after: RequestKey?, through: RequestKey?, limit: Int
    ) throws(StoreFault) -> [DayRow] {
        let lowest = ("", Int64(0), Int64(-1))
        // Terminals' names are of capitals and digits.
        let highest = ("~", Int64(0), Int64(0))
        func bounds(_ key: RequestKey?, _ other: (String, Int64, Int64)) -> [Command.Parameter] {
            let value =
                key.map { ($0.terminal.text, Int64($0.date.yyyymmdd), Int64($0.stan)) } ?? other
            return [.text(value.0), .integer(value.1), .integer(value.2)]
        }
        let sql =
            "SELECT \(DayMark.table.columnList) FROM day AS t "
            + "WHERE t.institution = $1 AND t.booked_date = $2 "
            + "AND (t.terminal, t.date, t.stan) > ($3, $4, $5) "
            + "AND (t.terminal, t.date, t.stan) <= ($6, $7, $8) "
            + "AND ($9::text IS NULL OR t.terminal = $9) "
            + "ORDER BY t.terminal, t.date, t.stan LIMIT $10"
        let rows = try query([
            Command(
                sql,
                [.text(institution.text), .integer(Int64(date.yyyymmdd))]
                    + bounds(after, lowest) + bounds(through, highest)
                    + [.text(terminal?.text), bound(limit)])
        ])[0]
        return try rows.map(of: "day") { (reader: inout ColumnReader) throws(StoreFault) in
            let mark = try DayMark(from: &reader)
            return mark.row(sequence: reader.unsigned())
        }
    }

    private func balances() throws(StoreFault) -> [(account: String, balance: Money)] {
        let rows = try query([
            Command("SELECT account, sum(balance)::bigint FROM total GROUP BY account ORDER BY 1")
        ])[0]
        return try rows.map(of: "total") { (reader: inout ColumnReader) throws(StoreFault) in
            (account: reader.text(), balance: try reader.money("balance"))
        }
    }

    private func counts() throws(StoreFault) -> [(name: String, count: UInt64)] {
        func count(_ what: StoreCount) -> Command {
            let from =
                switch what {
                case .entries: "journal WHERE entry IS NOT NULL"
                case .movements: "journal WHERE amount IS NOT NULL"
                case .accounts: "account WHERE balance IS NOT NULL"
                // A reversal that came first stands where an answer would be.
                case .answers:
                    "answer WHERE NOT (kind = \(RequestKind.reversal.rawValue) "
                        + "AND reason = \(Reason.reversedBeforeArrival.rawValue))"
                case .persons: "person"
                case .cards: "card"
                case .accumulators: "accumulator"
                case .settlements: "settlement"
                case .traceCodes: "trace_code"
                case .usages: "usage"
                case .families: "family"
                case .credits: "credit"
                case .institutions: "institution"
                case .terminals: "terminal"
                case .catalogs: "catalog"
                case .policies: "policy"
                }
            return Command("SELECT count(*) FROM \(from)")
        }
        let results = try query(StoreCount.allCases.map(count))
        return zip(StoreCount.allCases, results).map { what, rows in
            var reader = rows.reader(0, of: what.rawValue)
            return (what.rawValue, reader.unsigned())
        }
    }

    /// Journal entries in the rows that a condition chooses, in its order.
    func journal(
        _ condition: String, _ parameters: [Command.Parameter]
    ) throws(StoreFault) -> [JournalEntry] {
        let sql = "SELECT seq, checksum, entry FROM journal \(condition)"
        return try query([Command(sql, parameters)])[0].map(of: "journal") {
            (reader: inout ColumnReader) throws(StoreFault) in try reader.journalEntry()
        }
    }

    func bound(_ limit: Int) -> Command.Parameter { .integer(Int64(max(0, limit))) }

    /// A number that a column can hold: those above are of no entry.
    func storable(_ sequence: UInt64) -> UInt64 { min(sequence, UInt64(Int64.max)) }
}
