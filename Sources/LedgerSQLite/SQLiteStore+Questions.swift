import Ledger
import SettlementDomain

/// Reads lists from a table and from what waits in memory for it, as one.
struct MergedReader<Row: Projected> {
    let table: RowTable<Row>
    let handle: OpaquePointer

    /// The first rows that fit, in the order of their keys.
    ///
    /// `condition` is what follows the table's name in SQL, the order included; it chooses as
    /// `fits` does.
    func rows(
        _ condition: String, limit: Int, fits: (Row) -> Bool,
        _ bind: (inout ColumnBinder) -> Void
    ) throws -> [Row] {
        guard limit > 0 else { return [] }
        let sql = "SELECT \(Row.allColumns) FROM \(Row.table) \(condition) LIMIT \(limit)"
        let statement = try Statement(sql, on: handle)
        statement.bind(bind)
        var waiting: [Row.Key: Row] = [:]
        for (row, _) in table.dirtyRows { waiting[row.key] = row }
        var result = try statement.all { try Row(from: &$0) }
        result.removeAll { waiting[$0.key] != nil }
        result.append(contentsOf: waiting.values.filter(fits))
        result.sort { $0.position < $1.position }
        return Array(result.prefix(limit))
    }
}

extension SQLiteStore {
    /// Answers one page of a question as of the last commit.
    func answer(_ question: StoreQuestion, on handle: OpaquePointer) throws -> StorePage {
        switch question {
        case .person(let id): return .persons(one(try projections.person(id)))
        case .card(let number): return .cards(one(try projections.card(number)))
        case .account(let id): return .accounts(one(try projections.account(id)))
        case .family(let id): return .families(one(try projections.family(id)))
        case .owner(let id): return .owners(one(try projections.owner(id)))
        case .contributionsOf(let id, let before, let limit):
            let newestFirst = try projections.contributions(of: id).reversed().lazy
                .filter { row in before.map { row.key.period < $0 } ?? true }
            return .contributions(Array(newestFirst.prefix(max(0, limit))))
        case .claimsOf(let id): return .claims(try projections.claims(of: id))
        case .claim(let id): return .claims(one(try projections.claim(id)))
        case .claimsDue(let date, let after, let limit):
            let marks = try MergedReader(table: projections.claims, handle: handle).rows(
                "WHERE due < ? ORDER BY terminal, date, stan", limit: .max,
                fits: { $0.due.map { $0 < date } ?? false }, { $0.date(date) })
            let page = marks.map(\.id).sorted().filter { id in after.map { id > $0 } ?? true }
            return .claims(try page.prefix(max(0, limit)).map { try projections.claimRow($0) })
        case .accumulators(let id, let year):
            return .accumulators(
                try BenefitCategory.allCases.compactMap {
                    try projections.accumulator(
                        AccumulatorKey(person: id, year: year, category: $0))
                })
        case .settlement(let id):
            guard let mark = try projections.settlementMark(id) else { return .settlements([]) }
            return .settlements(
                [(mark.sequence, try projections.settlementRow(id, in: mark.sequence))])
        case .answer(let key): return .answers(one(try projections.answer(key)))
        case .entry(let sequence):
            return .entries(one(try projections.journal.entry(sequence)))
        case .entries(let after, let limit):
            return .entries(try projections.journal.entries(after: after, limit: limit))
        case .balances:
            return .balances(
                projections.sums.allTotals
                    .map { (account: $0.key, balance: Money(fen: $0.value)) }
                    .sorted { $0.account < $1.account })
        case .counts:
            return .counts(try StoreCount.allCases.map { ($0.rawValue, try projections.count($0)) })
        case .reference: return .reference(try reference(on: handle).rows)
        case .clearings(let date):
            return .clearings(
                try MergedReader(table: projections.clearings, handle: handle).rows(
                    "WHERE date = ? ORDER BY institution", limit: .max,
                    fits: { $0.key.date == date }, { $0.date(date) }
                ).sorted { $0.key.institution < $1.key.institution })
        case .historyOf(let person, let from, let through, let before, let limit):
            return .entries(
                try history(
                    of: person, from: from, through: through, before: before, limit: limit,
                    on: handle))
        case .movesOf(let person, let from, let through, let before, let limit):
            return .moves(
                try moves(
                    of: person, from: from, through: through, before: before, limit: limit,
                    on: handle))
        case .accesses(let person, let before, let limit):
            return .accesses(
                try accesses(to: person, before: before, limit: limit, on: handle))
        case .personByIDNumber, .cardsOf, .persons, .cards, .movements, .settlementsOf,
            .settlementsOn, .day:
            return try list(question, on: handle)
        }
    }

    private func list(_ question: StoreQuestion, on handle: OpaquePointer) throws -> StorePage {
        let persons = MergedReader(table: projections.persons, handle: handle)
        let cards = MergedReader(table: projections.cards, handle: handle)
        switch question {
        case .personByIDNumber(let number):
            return .persons(try projections.persons(with: number))
        case .persons(let after, let limit):
            return .persons(
                try persons.rows(
                    "WHERE id > ? ORDER BY id", limit: limit,
                    fits: { row in after.map { row.key > $0 } ?? true },
                    { $0.integer(after?.rawValue ?? 0) }))
        case .cardsOf(let person):
            return .cards(try projections.cards(of: person))
        case .cards(let after, let limit):
            let token = after.map { projections.seal.token(of: $0) }
            return .cards(
                try cards.rows(
                    "WHERE token > ? ORDER BY token", limit: limit,
                    fits: { mark in token.map { mark.token > $0 } ?? true }
                ) { binder in
                    if let token {
                        CardMark.bind(token, to: &binder)
                    } else {
                        binder.blob([])
                    }
                }.map(projections.numbered))
        case .movements(let person, let before, let limit):
            return .movements(try movements(of: person, before: before, limit: limit, on: handle))
        case .settlementsOf(let person, let before, let limit):
            return .settlements(
                try settlements(of: person, before: before, limit: limit, on: handle))
        case .settlementsOn(let date, let institution, let after, let limit):
            return .settlements(
                try settlements(
                    on: date, at: institution, after: after ?? 0, limit: limit, handle))
        case .day(let date, let institution, let terminal, let after, let through, let limit):
            let range = DayRange(
                date: date, institution: institution, terminal: terminal, after: after,
                through: through)
            return .day(try projections.days.rows(in: range, limit: limit))
        default: return .entries([])
        }
    }

    private func one<Row>(_ row: Row?) -> [Row] {
        row.map { [$0] } ?? []
    }
}

extension Projections {
    /// How many there are as of the last commit.
    func count(_ what: StoreCount) throws -> UInt64 {
        let count: Int64 =
            switch what {
            case .entries, .settlements, .answers, .movements: sums.total(of: what)
            case .persons: try persons.count()
            case .cards: try cards.count()
            case .accounts: try accounts.count()
            case .accumulators: try accumulators.count()
            case .traceCodes: try traceCodes.count()
            case .usages: try usages.count()
            case .families: try families.count()
            case .credits: try credits.count()
            case .institutions: try institutions.count()
            case .terminals: try terminals.count()
            case .catalogs: try catalogs.count()
            case .policies: try policies.count()
            }
        return UInt64(max(0, count))
    }
}
