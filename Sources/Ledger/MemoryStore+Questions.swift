import SettlementDomain

extension MemoryStore {
    /// Answers one page of a question.
    public func read(_ question: StoreQuestion) throws(StoreFault) -> StorePage {
        switch question {
        case .person(let id): .persons(one(rows.persons[id]))
        case .personByIDNumber(let number):
            .persons(try persons(with: number))
        case .card(let number): .cards(one(rows.cards[number]))
        case .cardsOf(let id):
            .cards(try cards(of: id))
        case .account(let id): .accounts(one(rows.accounts[id]))
        case .family(let id): .families(one(rows.families[id]))
        case .owner(let id): .owners(one(rows.owners[id]))
        case .contributionsOf(let id, let before, let limit):
            .contributions(
                first(
                    limit,
                    of: rows.contributions.values.filter { $0.key.person == id }
                        .sorted { $0.key.period > $1.key.period }
                ) { row in before.map { row.key.period < $0 } ?? true })
        case .claimsOf(let id):
            .claims(
                rows.claims.values.filter { $0.person == id }.sorted(by: ClaimRow.isOlder))
        case .claim(let id): .claims(one(rows.claims[id]))
        case .claimsDue(let date, let after, let limit):
            .claims(
                first(limit, of: rows.claims.values.sorted { $0.id < $1.id }) { row in
                    row.isDue(before: date) && after.map { row.id > $0 } ?? true
                })
        case .accumulators(let id, let year):
            .accumulators(
                BenefitCategory.allCases.compactMap {
                    rows.accumulators[AccumulatorKey(person: id, year: year, category: $0)]
                })
        case .settlement(let id): .settlements(one(rows.settlements[id]).map(numbered))
        case .answer(let key): .answers(one(rows.answers[key]))
        case .entry(let sequence):
            .entries(sequence >= 1 ? page(entries, after: sequence - 1, limit: 1) : [])
        case .entries(let after, let limit): .entries(page(entries, after: after, limit: limit))
        case .balances:
            .balances(
                sums.map { (account: $0.key, balance: $0.value) }
                    .sorted { $0.account < $1.account })
        case .counts: .counts(counts)
        case .reference: .reference(rows.reference.rows)
        case .clearings(let date):
            .clearings(
                rows.clearings.values.filter { $0.key.date == date }
                    .sorted { $0.key.institution < $1.key.institution })
        case .historyOf(let id, let from, let through, let before, let limit):
            .entries(
                first(limit, of: entries.reversed()) { entry in
                    entry.sequence < before ?? .max && from <= entry.bookedDate
                        && entry.bookedDate <= through
                        && (entry.move(of: id) != nil || entry.settlementRow?.person == id)
                })
        case .movesOf(let id, let from, let through, let before, let limit):
            .moves(
                first(limit, of: entries.reversed().lazy.compactMap { $0.move(of: id) }) { move in
                    move.sequence < before ?? .max && from <= move.bookedDate
                        && move.bookedDate <= through
                })
        case .persons, .cards, .movements, .accesses, .settlementsOf, .settlementsOn, .day:
            list(question)
        }
    }

    private func list(_ question: StoreQuestion) -> StorePage {
        switch question {
        case .persons(let after, let limit):
            let sorted = rows.persons.values.sorted { $0.person.id < $1.person.id }
            return .persons(
                first(limit, of: sorted) { row in after.map { row.person.id > $0 } ?? true })
        case .cards(let after, let limit):
            let sorted = rows.cards.values.sorted { $0.number < $1.number }
            return .cards(first(limit, of: sorted) { row in after.map { row.number > $0 } ?? true })
        case .movements(let id, let before, let limit):
            let newestFirst = (movements[id] ?? []).reversed()
            return .movements(first(limit, of: newestFirst) { $0.sequence < before ?? .max })
        case .accesses(let id, let before, let limit):
            let newestFirst = (accesses[id] ?? []).reversed()
            return .accesses(first(limit, of: newestFirst) { $0.sequence < before ?? .max })
        case .settlementsOf(let id, let before, let limit):
            let newestFirst = rows.settlements.values.filter { $0.person == id }.map(numbered)
                .sorted { $0.sequence > $1.sequence }
            return .settlements(first(limit, of: newestFirst) { $0.sequence < before ?? .max })
        case .settlementsOn(let date, let institution, let after, let limit):
            let found = rows.settlements.values.filter {
                $0.bookedDate == date && $0.institution == institution ?? $0.institution
            }
            let inOrder = found.map { (sequence: madeBy[$0.id] ?? 0, row: $0) }
                .sorted { $0.sequence < $1.sequence }
            return .settlements(first(limit, of: inOrder) { $0.sequence > after ?? 0 })
        case .day(let date, let institution, let terminal, let after, let through, let limit):
            let day = days[DayAtInstitution(date: date, institution: institution)] ?? []
            let start = after.map { after in day.firstPlace { $0.key > after } } ?? 0
            let end = through.map { through in day.firstPlace { $0.key > through } } ?? day.count
            guard start < end else { return .day([]) }
            return .day(
                first(limit, of: day[start..<end]) { row in
                    row.key.terminal == terminal ?? row.key.terminal
                })
        default: return .entries([])
        }
    }

    private func one<Row>(_ row: Row?) -> [Row] {
        row.map { [$0] } ?? []
    }

    private func numbered(_ row: SettlementRow) -> (sequence: UInt64, row: SettlementRow) {
        (changedBy[row.id] ?? 0, row)
    }

    private func page(_ all: [JournalEntry], after: UInt64, limit: Int) -> [JournalEntry] {
        guard after < UInt64(all.count), limit > 0 else { return [] }
        return Array(all[Int(after)...].prefix(limit))
    }

    private func first<Row>(
        _ limit: Int, of rows: some Sequence<Row>, where fits: (Row) -> Bool
    ) -> [Row] {
        Array(rows.lazy.filter(fits).prefix(max(0, limit)))
    }

    private var counts: [(name: String, count: UInt64)] {
        StoreCount.allCases.map { count in
            let number: Int =
                switch count {
                case .entries: entries.count
                case .persons: rows.persons.count
                case .cards: rows.cards.count
                case .accounts: rows.accounts.count
                case .accumulators: rows.accumulators.count
                case .settlements: rows.settlements.count
                case .answers: rows.answers.count
                case .movements: Int(movementCount)
                case .traceCodes: rows.traceCodes.count
                case .usages: rows.usages.count
                case .families: rows.families.count
                case .credits: rows.credits.count
                case .institutions: rows.reference.institutions.count
                case .terminals: rows.reference.terminals.count
                case .catalogs: rows.reference.catalogs.count
                case .policies: rows.reference.policies.values.reduce(0) { $0 + $1.count }
                }
            return (count.rawValue, UInt64(number))
        }
    }
}

/// What `StoreQuestion.counts` counts, in the order of its answer; the names are the raw values.
public enum StoreCount: String, Sendable, CaseIterable {
    case entries, persons, cards, accounts, accumulators, settlements, answers, movements
    case traceCodes, usages, families, credits, institutions, terminals, catalogs, policies
}
