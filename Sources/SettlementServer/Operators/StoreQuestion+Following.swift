import Ledger

extension StoreQuestion {
    /// The question for the page after this one; nil where this was the last.
    func following(_ page: StorePage) -> StoreQuestion? {
        switch (self, page) {
        case (.persons(_, let limit), .persons(let rows)) where rows.count >= limit:
            return rows.last.map { .persons(after: $0.person.id, limit: limit) }
        case (.cards(_, let limit), .cards(let rows)) where rows.count >= limit:
            return rows.last.map { .cards(after: $0.number, limit: limit) }
        case (.movements(let person, _, let limit), .movements(let rows))
        where rows.count >= limit:
            return rows.last.map { .movements(person, before: $0.sequence, limit: limit) }
        case (.settlementsOf(let person, _, let limit), .settlements(let rows))
        where rows.count >= limit:
            return rows.last.map { .settlementsOf(person, before: $0.sequence, limit: limit) }
        case (.settlementsOn(let date, let institution, _, let limit), .settlements(let rows))
        where rows.count >= limit:
            return rows.last.map {
                .settlementsOn(date, institution, after: $0.sequence, limit: limit)
            }
        case (
            .day(let date, let institution, let terminal, _, let through, let limit),
            .day(let rows)
        ) where rows.count >= limit:
            return rows.last.map {
                .day(
                    date, institution, terminal, after: $0.key, through: through, limit: limit)
            }
        case (.entries(_, let limit), .entries(let rows)) where rows.count >= limit:
            return rows.last.map { .entries(after: $0.sequence, limit: limit) }
        default: return nil
        }
    }
}
