import Ledger
import SettlementDomain
import TestSupport
import Testing

@Suite("Every store: a business date's books")
struct DayTests {
    @Test(
        "any part of any day is read page by page as it was booked, in the order of keys",
        arguments: Engine.allCases, [1, 2] as [UInt64])
    func pages(_ engine: Engine, seed: UInt64) throws {
        let test = try StoreUnderTest(engine)
        var ledger = SyntheticLedger(seed: seed)
        var random = SplitMix(seed: seed &+ 5)
        var books: [DayRow] = []
        var sequence: UInt64 = 0
        func commit(_ entries: [JournalEntry]) throws {
            try test.store.commit(entries)
            for var entry in entries {
                sequence += 1
                entry.sequence = sequence
                if let row = entry.dayRow { books.append(row) }
            }
        }
        try commit(ledger.site())
        for round in 0..<30 {
            try commit((0..<Int(random.next() % 16 + 1)).map { _ in ledger.any() })
            for _ in 0..<3 { try check(test.store, books, &random, "seed \(seed), round \(round)") }
            if round % 10 == 4 { try test.restart() }
            if round % 10 == 8 { try test.crash() }
        }
        #expect(Set(books.map(\.kind)) == [.settle, .void])
        #expect(Set(books.map(\.bookedDate)).count > 1)
    }

    private func check(
        _ store: any LedgerStore, _ books: [DayRow], _ random: inout SplitMix, _ comment: String
    ) throws {
        guard let model = books.randomElement(using: &random),
            let one = books.randomElement(using: &random)?.key,
            let other = books.randomElement(using: &random)?.key
        else { return }
        let terminal = random.next() % 3 == 0 ? model.key.terminal : nil
        let first = random.next() % 2 == 0 ? one : nil
        let last = random.next() % 2 == 0 ? other : nil
        let expected = books.filter { row in
            row.bookedDate == model.bookedDate && row.institution == model.institution
                && row.key.terminal == terminal ?? row.key.terminal
                && (first.map { row.key > $0 } ?? true) && row.key <= last ?? row.key
        }.sorted { $0.key < $1.key }
        let limit = Int(random.next() % 7 + 1)
        var found: [DayRow] = []
        var after = first
        while true {
            let question = StoreQuestion.day(
                model.bookedDate, model.institution, terminal, after: after, through: last,
                limit: limit)
            guard case .day(let page) = try store.read(question) else { break }
            #expect(page.count <= limit)
            found.append(contentsOf: page)
            guard page.count == limit else { break }
            after = page.last?.key
        }
        #expect(found == expected, "\(comment)")
    }

    @Test("keys that come in no order are listed in order", arguments: Engine.allCases)
    func disorder(_ engine: Engine) throws {
        let test = try StoreUnderTest(engine)
        var ledger = SyntheticLedger(seed: 9)
        try test.store.commit(ledger.site() + [ledger.newPerson()])
        var keys: [RequestKey] = []
        var random = SplitMix(seed: 4)
        let stans = Array(1...90 as ClosedRange<UInt32>).shuffled(using: &random)
        for (number, stan) in stans.enumerated() {
            // Two terminals of one institution, two dates in the keys.
            let key = RequestKey(
                terminal: SyntheticLedger.terminal(number % 2),
                date: SyntheticLedger.firstDate.adding(days: -(number / 2 % 2)), stan: stan)
            var entry = ledger.settle(1)
            entry.answer?.key = key
            for (index, change) in entry.changes.enumerated() {
                guard case .settlement(var row) = change else { continue }
                row.id = SettlementID(key)
                row.institution = SyntheticLedger.institution(0)
                entry.changes[index] = .settlement(row)
            }
            keys.append(key)
            try test.store.commit([entry])
            if number % 13 == 0 { try check(test.store, keys.sorted()) }
            if number == 50 { try test.restart() }
            if number == 70 { try test.crash() }
        }
        try check(test.store, keys.sorted())
    }

    private func check(_ store: any LedgerStore, _ keys: [RequestKey]) throws {
        let question = StoreQuestion.day(
            SyntheticLedger.firstDate, SyntheticLedger.institution(0), nil, after: nil,
            through: nil, limit: 1000)
        guard case .day(let rows) = try store.read(question) else { return }
        #expect(rows.map(\.key) == keys)
    }

    @Test(
        "a date's settlements are listed once each while they are undone and others are made",
        arguments: Engine.allCases)
    func settlements(_ engine: Engine) throws {
        let test = try StoreUnderTest(engine)
        var ledger = SyntheticLedger(seed: 3)
        try test.store.commit(ledger.site() + [ledger.newPerson()])
        for _ in 0..<60 { try test.store.commit([ledger.settle(1)]) }
        let made = ledger.settlements
        let date = SyntheticLedger.firstDate
        var listed: [SettlementID] = []
        var after: UInt64?
        while true {
            guard
                case .settlements(let rows) = try test.store.read(
                    .settlementsOn(date, nil, after: after, limit: 7)), let last = rows.last
            else { break }
            listed.append(contentsOf: rows.map(\.row.id))
            after = last.sequence
            let voided = ledger.void(made[listed.count / 2])
            try test.store.commit([try #require(voided)])
            let state = try test.store.read(.settlement(made[listed.count / 2]))
            guard case .settlements(let now) = state else { break }
            #expect(now.first?.row.state == .voided)
        }
        #expect(listed == made)
        guard
            case .settlements(let rows) = try test.store.read(
                .settlementsOn(date, nil, after: nil, limit: 100))
        else { return }
        #expect(rows.filter { $0.row.state == .voided }.count == 9)
    }
}
