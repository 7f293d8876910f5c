import Ledger
import SettlementDomain

extension Fetch {
    /// Cards whose holders are not known yet, and the years for which they are asked about.
    ///
    /// What nearly every payment needs of a person is read with the card, in the same round trip.
    struct StrangeCards {
        var numbers: Set<CardNumber> = []
        var years: Set<UInt16> = []
    }

    /// Notes the cards of a batch of which nobody knows yet whose they are.
    func noteStrangers(_ keys: LoadKeys) {
        strangers = StrangeCards()
        for key in keys.cards where cards.get(key.number) == nil {
            strangers.numbers.insert(key.number)
            if let year = key.year { strangers.years.insert(year) }
        }
    }

    /// Adds reads of the holders of cards that are not known; the cards themselves are read before.
    func addHolders(to reads: inout [Read]) throws(StoreFault) {
        guard !strangers.numbers.isEmpty else { return }
        let asked = strangers
        strangers = StrangeCards()
        var cardKeys = ColumnWriter(
            CardRow.table.keys.map(\.type), rows: asked.numbers.count, seal: seal)
        for number in asked.numbers { CardRow.write(number, to: &cardKeys) }
        let tokens = cardKeys.parameters
        let found = { [unowned self] in
            asked.numbers.compactMap { cards.found[$0]?.row?.person }
        }
        add(\.accounts, of: tokens, found, to: &reads)
        add(\.persons, of: tokens, found, to: &reads)
        add(\.families, of: tokens, found, to: &reads)
        guard !asked.years.isEmpty else { return }
        var years = ColumnArray(.int4, capacity: asked.years.count)
        for year in asked.years { years.integer(Int64(year)) }
        let command = Command(
            Self.ofHolders(AccumulatorRow.table) + " AND t.year = ANY($2::integer[])",
            tokens + [years.parameter()])
        reads.append(
            Read(command: command) { [unowned self] (rows: ResultRows) throws(StoreFault) in
                let keys = found().flatMap { person in
                    asked.years.flatMap { year in
                        BenefitCategory.allCases.map { category in
                            AccumulatorKey(person: person, year: year, category: category)
                        }
                    }
                }
                see(try accumulators.take(rows, amongst: keys))
            })
    }

    private func add<Row: PersonKeyed>(
        _ shelf: ReferenceWritableKeyPath<Fetch, Shelf<Row>>, of tokens: [Command.Parameter],
        _ found: @escaping () -> [PersonID], to reads: inout [Read]
    ) {
        reads.append(
            Read(command: Command(Self.ofHolders(Row.table), tokens)) {
                [unowned self] (rows: ResultRows) throws(StoreFault) in
                see(try self[keyPath: shelf].take(rows, amongst: found()))
            })
    }

    private static func ofHolders(_ table: Table) -> String {
        "SELECT \(table.columnList) FROM \(table.name) AS t "
            + "WHERE t.person IN (SELECT person FROM card WHERE token = ANY($1::bytea[]))"
    }
}
