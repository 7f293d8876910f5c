import Ledger
import SettlementDomain

extension Projections {
    /// Has the rows of a batch on their way from memory to the processor's cache.
    ///
    /// Persons come at random, so that each look is a wait for memory. Looking one after the other
    /// waits for each in turn; a loop over the batch, a table at a time, waits for many at once.
    func touch(_ keys: LoadKeys) {
        guard keys.cards.count > 1 else { return }
        let tokens = keys.cards.map { seal.token(of: $0.number) }
        cards.touch(tokens)
        let holders = tokens.compactMap { cards.remembered($0)??.row.person }
        persons.touch(holders)
        accounts.touch(holders)
        families.touch(holders)
        accumulators.touch(
            zip(keys.cards, holders).lazy.map { key, person in
                AccumulatorKey(person: person, year: key.year ?? 0, category: .outpatient)
            })
    }
}
