import Ledger
import SettlementDomain
import TestSupport
import Testing

@Suite("Every store: load and commit")
struct LoadTests {
    @Test("what was never written does not exist", arguments: Engine.allCases)
    func absent(_ engine: Engine) throws {
        let test = try StoreUnderTest(engine)
        let reference = try test.store.loadReference()
        var keys = LoadKeys()
        let key = RequestKey(
            terminal: SyntheticLedger.terminal(1), date: SyntheticLedger.firstDate, stan: 1)
        keys.answers = [key]
        keys.cards = [LoadKeys.Card(number: SyntheticLedger.card(1), year: 2026, family: true)]
        keys.persons = [SyntheticLedger.person(1)]
        keys.settlements = [SettlementID(key)]
        keys.credits = [CreditKey(person: SyntheticLedger.person(1), reference: "1")]
        keys.traceCodes = [SyntheticLedger.checked(TraceCode("1"))]
        let rows = try test.store.load(keys, reference: reference)
        #expect(rows.hasRows(of: WorkingSet(reference: reference)))
        #expect(reference.businessDate == SyntheticLedger.firstDate)
        try test.store.commit([])
        guard case .entries(let entries) = try test.store.read(.entries(after: 0, limit: 5)) else {
            Issue.record("entries were asked for")
            return
        }
        #expect(entries.isEmpty)
    }

    @Test(
        "a card leads to its person, account, year, and the owners with theirs",
        arguments: Engine.allCases)
    func closure(_ engine: Engine) throws {
        let test = try StoreUnderTest(engine)
        var ledger = SyntheticLedger(seed: 1)
        for _ in 0..<3 { try test.store.commit([ledger.newPerson()]) }
        try test.store.commit([ledger.credit(2, fen: 5000), ledger.settle(1)])
        let links = [2, 3].map { number in
            FamilyLink(
                owner: SyntheticLedger.person(number), relationship: .spouse, yearlyLimit: nil,
                usedYear: 0, used: .zero)
        }
        let family = FamilyRow(member: SyntheticLedger.person(1), links: links)
        try test.store.commit([
            JournalEntry(
                sequence: 0, time: 0, bookedDate: SyntheticLedger.firstDate, kind: .operatorApply,
                voucher: [], answer: nil, postings: [], changes: [.family(family)])
        ])
        try test.restart()
        let reference = try test.store.loadReference()
        var keys = LoadKeys()
        keys.cards = [LoadKeys.Card(number: SyntheticLedger.card(1), year: 2026, family: true)]
        var rows = try test.store.load(keys, reference: reference)
        #expect(rows.cards.count == 1)
        #expect(Set(rows.persons.keys) == Set((1...3).map(SyntheticLedger.person)))
        #expect(rows.accounts[SyntheticLedger.person(2)]?.balance == Money(fen: 5000))
        #expect(rows.families == [SyntheticLedger.person(1): family])
        #expect(rows.accumulators.keys.map(\.category) == [.outpatient])
        keys.cards = [LoadKeys.Card(number: SyntheticLedger.card(1), year: nil, family: false)]
        rows = try test.store.load(keys, reference: reference)
        #expect(rows.persons.count == 1)
        #expect(rows.families.isEmpty && rows.accumulators.isEmpty)
    }

    @Test(
        "a commit is seen by the next load, its entries numbered in order",
        arguments: Engine.allCases)
    func visible(_ engine: Engine) throws {
        let test = try StoreUnderTest(engine)
        var ledger = SyntheticLedger(seed: 2)
        try test.store.commit([ledger.newPerson(), ledger.credit(1, fen: 700)])
        let reference = try test.store.loadReference()
        var keys = LoadKeys()
        keys.persons = [SyntheticLedger.person(1)]
        var rows = try test.store.load(keys, reference: reference)
        #expect(rows.accounts[SyntheticLedger.person(1)]?.balance == Money(fen: 700))
        try test.store.commit([ledger.credit(1, fen: 1), ledger.credit(1, fen: 2)])
        rows = try test.store.load(keys, reference: reference)
        #expect(rows.accounts[SyntheticLedger.person(1)]?.balance == Money(fen: 703))
        #expect(rows.accounts[SyntheticLedger.person(1)]?.entries == 3)
        guard case .entries(let entries) = try test.store.read(.entries(after: 1, limit: 10)) else {
            Issue.record("entries were asked for")
            return
        }
        #expect(entries.map(\.sequence) == [2, 3, 4])
    }

    @Test("an answer is found by its own key only, from any date", arguments: Engine.allCases)
    func answers(_ engine: Engine) throws {
        let test = try StoreUnderTest(engine)
        let terminal = SyntheticLedger.terminal(5)
        func key(_ days: Int, _ stan: UInt32) -> RequestKey {
            RequestKey(
                terminal: terminal, date: SyntheticLedger.firstDate.adding(days: days), stan: stan)
        }
        func entry(_ key: RequestKey) -> JournalEntry {
            JournalEntry(
                sequence: 0, time: 1, bookedDate: SyntheticLedger.firstDate, kind: .cardInquiry,
                voucher: [1, 2],
                answer: AnswerRow(
                    key: key, kind: .cardInquiry, content: .zero, code: .wrongPIN,
                    reason: .pinWrong, response: [UInt8(truncatingIfNeeded: key.stan)]),
                postings: [], changes: [])
        }
        // Dates come and go, in order and not, and STANs with holes.
        let present = [
            key(0, 3), key(0, 9), key(1, 1), key(0, 5), key(7, 999_999), key(2, 4), key(-3, 8),
            key(1, 7), key(2, 2), key(-3, 2),
        ]
        let absent = [
            key(0, 4), key(0, 10), key(1, 6), key(7, 1), key(2, 5), key(-3, 1), key(3, 1),
        ]
        for round in 0..<2 {
            for key in present {
                if round == 0 { try test.store.commit([entry(key)]) }
                var keys = LoadKeys()
                keys.answers = absent + present
                let rows = try test.store.load(keys, reference: try test.store.loadReference())
                let written = (present.firstIndex(of: key) ?? 0) + 1
                let expected = round == 0 ? Array(present.prefix(written)) : present
                #expect(Set(rows.answers.keys) == Set(expected))
                #expect(rows.answers[key]?.response == [UInt8(truncatingIfNeeded: key.stan)])
            }
            try test.crash()
        }
    }

    @Test("reference data is read again whole", arguments: Engine.allCases)
    func reference(_ engine: Engine) throws {
        let test = try StoreUnderTest(engine)
        var ledger = SyntheticLedger(seed: 3)
        try test.store.commit(ledger.site())
        while ledger.rows.reference.catalogs.count < 4
            || ledger.rows.reference.businessDate == SyntheticLedger.firstDate
        {
            if ledger.personCount < 3 { try test.store.commit([ledger.newPerson()]) }
            try test.store.commit([ledger.change()])
        }
        for _ in 0..<2 {
            #expect(try test.store.loadReference().rows == ledger.rows.reference.rows)
            try test.restart()
        }
        try test.crash()
        #expect(try test.store.loadReference().rows == ledger.rows.reference.rows)
    }
}
