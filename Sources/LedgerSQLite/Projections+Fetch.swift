import Ledger
import SettlementDomain

extension Projections {
    /// The cards of a batch that are to be looked for in their table.
    func cardsNotInMemory(of keys: LoadKeys) -> [PageFetcher.Wanted] {
        keys.cards.compactMap { key in
            let token = seal.token(of: key.number)
            return cards.mustAskTable(of: token) ? .card(token) : nil
        }
    }

    /// What is to be looked for in its table of the persons whose cards a batch names, as far as every
    /// settlement asks it.
    func rowsNotInMemory(of keys: LoadKeys) throws -> [PageFetcher.Wanted] {
        var wanted: [PageFetcher.Wanted] = []
        for key in keys.cards {
            guard let person = try holder(of: key.number) else { continue }
            if persons.mustAskTable(of: person) { wanted.append(.person(person)) }
            if accounts.mustAskTable(of: person) { wanted.append(.account(person)) }
            if families.mustAskTable(of: person) { wanted.append(.family(person)) }
            guard let year = key.year else { continue }
            // A year's categories lie side by side: any of them has the others on its page.
            let use = AccumulatorKey(person: person, year: year, category: .outpatient)
            if accumulators.mustAskTable(of: use) { wanted.append(.accumulator(use)) }
        }
        for key in keys.usages {
            guard let person = try holder(of: key.card) else { continue }
            let usage = UsageKey(person: person, code: key.code)
            if usages.mustAskTable(of: usage) { wanted.append(.usage(usage)) }
        }
        return wanted
    }

    private func holder(of card: CardNumber) throws -> PersonID? {
        try cards.find(seal.token(of: card))?.row.person
    }
}
