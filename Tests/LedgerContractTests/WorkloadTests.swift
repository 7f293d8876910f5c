import Ledger
import SettlementDomain
import TestSupport
import Testing

@Suite("Every store: the same answers")
struct WorkloadTests {
    @Test(
        "a random workload is answered as the memory store answers it, through restarts",
        arguments: Engine.durable, [1, 2] as [UInt64])
    func random(_ engine: Engine, seed: UInt64) throws {
        let model = try StoreUnderTest(.memory)
        let test = try StoreUnderTest(engine)
        var ledger = SyntheticLedger(seed: seed)
        var random = SplitMix(seed: seed &+ 77)
        let site = ledger.site()
        try model.store.commit(site)
        try test.store.commit(site)
        for round in 0..<60 {
            let batch = (0..<Int(random.next() % 24 + 1)).map { _ in ledger.any() }
            let keys = keys(for: batch, ledger, &random)
            try compareLoad(keys, model, test, "seed \(seed), round \(round), before")
            try model.store.commit(batch)
            try test.store.commit(batch)
            try compareLoad(keys, model, test, "seed \(seed), round \(round), after")
            for question in questions(ledger, &random) {
                let expected = try model.store.read(question).bytes
                let found = try test.store.read(question).bytes
                #expect(found == expected, "seed \(seed), round \(round): \(question)")
            }
            if round % 20 == 13 { try test.restart() }
            if round % 20 == 17 { try test.crash() }
        }
    }

    @Test("pages hold still while new entries arrive", arguments: Engine.allCases)
    func pages(_ engine: Engine) throws {
        let test = try StoreUnderTest(engine)
        var ledger = SyntheticLedger(seed: 5)
        for _ in 0..<30 { try test.store.commit([ledger.newPerson()]) }
        for _ in 0..<40 { try test.store.commit([ledger.credit(7, fen: 10), ledger.settle(7)]) }
        var sums: [UInt64] = []
        var before: UInt64?
        while true {
            let question = StoreQuestion.movements(
                SyntheticLedger.person(7), before: before, limit: 9)
            guard case .movements(let rows) = try test.store.read(question), let last = rows.last
            else { break }
            sums.append(contentsOf: rows.map(\.sequence))
            before = last.sequence
            try test.store.commit([ledger.credit(7, fen: 1), ledger.newPerson()])
        }
        // Newest first, each once, the first page's newest is the newest of its time.
        #expect(sums == sums.sorted(by: >))
        #expect(Set(sums).count == sums.count)
        #expect(sums.count >= 40)
        var persons: [PersonID] = []
        var after: PersonID?
        while true {
            guard case .persons(let rows) = try test.store.read(.persons(after: after, limit: 7)),
                let last = rows.last
            else { break }
            persons.append(contentsOf: rows.map(\.person.id))
            after = last.person.id
            if persons.count < 40 { try test.store.commit([ledger.newPerson()]) }
        }
        #expect(persons == (1...ledger.personCount).map(SyntheticLedger.person))
    }

    @Test(
        "cards are listed each once, in one order, whatever the pages", arguments: Engine.allCases)
    func cardPages(_ engine: Engine) throws {
        let test = try StoreUnderTest(engine)
        var ledger = SyntheticLedger(seed: 6)
        for _ in 0..<60 { try test.store.commit([ledger.newPerson()]) }
        func list(by limit: Int) throws -> [CardRow] {
            var cards: [CardRow] = []
            while case .cards(let rows) = try test.store.read(
                .cards(after: cards.last?.number, limit: limit)), !rows.isEmpty
            {
                #expect(rows.count <= limit)
                cards += rows
            }
            return cards
        }
        let whole = try list(by: 1_000)
        #expect(
            whole.sorted { $0.number < $1.number }
                == ledger.rows.cards.values.sorted { $0.number < $1.number })
        try test.restart()
        for limit in [1, 7, 60] { #expect(try list(by: limit) == whole) }
    }

    private func compareLoad(
        _ keys: LoadKeys, _ model: StoreUnderTest, _ test: StoreUnderTest, _ comment: String
    ) throws {
        let reference = try model.store.loadReference()
        let expected = try model.store.load(keys, reference: reference)
        let found = try test.store.load(keys, reference: reference)
        #expect(found.hasRows(of: expected), "\(comment)")
    }

    private func keys(
        for batch: [JournalEntry], _ ledger: SyntheticLedger, _ random: inout SplitMix
    ) -> LoadKeys {
        var keys = LoadKeys()
        for entry in batch {
            if let key = entry.answer?.key {
                keys.answers.append(key)
                keys.settlements.append(SettlementID(key))
            }
            for change in entry.changes {
                switch change {
                case .card(let row): keys.cards.append(cardKey(row.number))
                case .credit(let row): keys.credits.append(row.key)
                case .traceCode(let row): keys.traceCodes.append(row.code)
                case .settlement(let row):
                    keys.settlements.append(row.id)
                    keys.cards.append(cardKey(row.card))
                    keys.usages.append(
                        LoadKeys.Usage(card: row.card, code: row.lines[0].code))
                default: break
                }
            }
        }
        for _ in 0..<4 {
            let number = Int(random.next() % UInt64(ledger.personCount + 2)) + 1
            keys.cards.append(cardKey(SyntheticLedger.card(number)))
            keys.persons.append(SyntheticLedger.person(number))
        }
        if let id = ledger.settlements.randomElement(using: &random) {
            keys.answers.append(id.key)
            keys.settlements.append(id)
        }
        return keys
    }

    private func cardKey(_ number: CardNumber) -> LoadKeys.Card {
        LoadKeys.Card(number: number, year: 2026, family: true)
    }

    private func questions(
        _ ledger: SyntheticLedger, _ random: inout SplitMix
    ) -> [StoreQuestion] {
        let number = Int(random.next() % UInt64(ledger.personCount + 1)) + 1
        let id = SyntheticLedger.person(number)
        let last = UInt64(random.next() % 900)
        let limit = Int(random.next() % 30)
        let date = SyntheticLedger.firstDate.adding(days: Int(random.next() % 4))
        let institution = SyntheticLedger.institution(Int(random.next() % 8))
        var questions: [StoreQuestion] = [
            .person(id), .card(SyntheticLedger.card(number)), .cardsOf(id), .account(id),
            .family(id), .accumulators(id, year: 2026), .entry(last),
            .persons(after: random.next() % 3 == 0 ? nil : id, limit: limit),
            .movements(id, before: nil, limit: limit), .movements(id, before: last, limit: limit),
            .historyOf(id, from: .first, through: .last, before: nil, limit: limit),
            .historyOf(id, from: .first, through: .last, before: last, limit: limit),
            .movesOf(id, from: .first, through: .last, before: last, limit: limit),
            .movesOf(id, from: .last, through: .last, before: nil, limit: limit),
            .owner(id), .contributionsOf(id, before: nil, limit: limit),
            .accesses(id, before: nil, limit: limit), .accesses(id, before: last, limit: limit),
            .settlementsOf(id, before: nil, limit: limit),
            .settlementsOf(id, before: last, limit: limit),
            .settlementsOn(date, nil, after: nil, limit: limit),
            .settlementsOn(date, institution, after: last, limit: limit),
            .entries(after: last, limit: limit), .balances, .counts, .reference,
            .day(date, institution, nil, after: nil, through: nil, limit: limit),
        ]
        if let idNumber = ledger.rows.persons[id]?.idNumber {
            questions.append(.personByIDNumber(idNumber))
        }
        if let settlement = ledger.settlements.randomElement(using: &random) {
            questions.append(.settlement(settlement))
            questions.append(.answer(settlement.key))
        }
        return questions
    }
}
