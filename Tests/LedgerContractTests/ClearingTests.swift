import Ledger
import SettlementDomain
import TestSupport
import Testing

@Suite("Every store: what is owed for a business date, and its payment")
struct ClearingTests {
    private static func byOperator(_ command: Command) -> LedgerRequest {
        .byOperator(command, on: Village.date)
    }

    private static func paying(_ date: CivilDate, _ amount: Money) -> LedgerRequest {
        let key = ClearingKey(institution: Village.hospital, date: date)
        return byOperator(
            .register([.clearing(ClearingRow(key: key, amount: amount))], dryRun: false))
    }

    private static func closing(_ date: CivilDate) -> LedgerRequest {
        byOperator(.closeDay(date, next: date.adding(days: 1)))
    }

    @discardableResult
    private static func decide(
        _ batch: [LedgerRequest], on test: StoreUnderTest
    ) throws -> [ResponseCode] {
        try UndoLoadTests.decide(batch, at: 1_795_392_000_000, on: test.store).map(\.code)
    }

    private static func journal(_ test: StoreUnderTest) throws -> [JournalEntry] {
        guard case .entries(let all) = try test.store.read(.entries(after: 0, limit: 100_000))
        else { return [] }
        return all
    }

    private static func books(_ test: StoreUnderTest, _ date: CivilDate) throws -> ClearingBooks {
        var books = ClearingBooks()
        var after: RequestKey?
        while true {
            let question = StoreQuestion.day(
                date, Village.hospital, nil, after: after, through: nil, limit: 7)
            guard case .day(let rows) = try test.store.read(question) else { return books }
            for row in rows { books.take(row) }
            guard rows.count == 7 else { return books }
            after = rows.last?.key
        }
    }

    private static func findings(_ test: StoreUnderTest) throws -> [VerificationFinding] {
        var walk = Verification(sha256: SyntheticLedger.digest, answerKeys: .remembered)
        for entry in try journal(test) { walk.take(entry) }
        return walk.finish().findings
    }

    @Test(
        "over random days of everything, what is owed for each is what its postings sum to",
        arguments: Engine.allCases, [1, 2] as [UInt64])
    func randomDays(_ engine: Engine, seed: UInt64) throws {
        let test = try StoreUnderTest(engine)
        var life = VillageLife(seed: seed)
        var random = SplitMix(seed: seed &+ 41)
        try Self.decide([Self.byOperator(.register(Village.site, dryRun: false))], on: test)
        let dates = (0..<6).map { Village.date.adding(days: $0) }
        for (number, date) in dates.enumerated() {
            for _ in 0..<25 {
                let batch = (0..<Int(random.next() % 6 + 1)).map { _ in life.next() }
                try Self.decide(batch, on: test)
            }
            // The close stands amid a batch: what is before it is of this date.
            let batch = [life.next(), life.next(), Self.closing(date), life.next()]
            #expect(try Self.decide(batch, on: test)[2] == .approved)
            if number % 3 == 1 { try test.restart() }
            if number % 3 == 2 { try test.crash() }
        }
        var kinds: Set<RequestKind> = []
        for date in dates {
            let entries = try Self.journal(test).filter { $0.bookedDate == date }
            let posted = entries.filter { $0.answer != nil }.flatMap(\.postings)
                .filter { $0.account == .institution(Village.hospital) }
                .reduce(Money.zero) { $0 + $1.amount }
            let books = try Self.books(test, date)
            #expect(books.owed == posted, "seed \(seed), \(date)")
            #expect(books.kinds.reduce(0) { $0 + $1.sums.count } == books.net.count)
            for (kind, sums) in books.kinds where sums.count > 0 { kinds.insert(kind) }
            #expect(
                books.net.insured
                    == books.net.pooled + books.net.large + books.net.supplement
                    + books.net.account + books.net.family)
            let wrong = Self.paying(date, books.owed + Money(fen: 1))
            #expect(try Self.decide([wrong], on: test) == [.invalidTransaction])
            let before = try Self.journal(test).count
            #expect(try Self.decide([Self.paying(date, books.owed)], on: test) == [.approved])
            // Paid again it is the same payment, in the same batch and in one of its own.
            let again = [Self.paying(date, books.owed), Self.paying(date, books.owed)]
            #expect(try Self.decide(again, on: test) == [.approved, .approved])
            #expect(try Self.journal(test).count == before + 1)
        }
        #expect(kinds == Set(DayTotals.kinds))
        #expect(try Self.findings(test) == [])
    }

    @Test(
        "a payment in one batch with the close of its date pays what the books say in the end",
        arguments: Engine.allCases)
    func sameBatch(_ engine: Engine) throws {
        let test = try StoreUnderTest(engine)
        var life = VillageLife(seed: 6)
        try Self.decide([Self.byOperator(.register(Village.site, dryRun: false))], on: test)
        try Self.decide((0..<20).map { _ in life.next() }, on: test)
        let soFar = try Self.books(test, Village.date).owed
        #expect(soFar > .zero)
        // More is settled in the batch, then the date ends; the caller knows only what was before.
        let more = (0..<20).map { _ in life.next() }
        let codes = try Self.decide(
            more + [Self.closing(Village.date), Self.paying(Village.date, soFar)], on: test)
        let owed = try Self.books(test, Village.date).owed
        #expect(owed != soFar)
        #expect(codes.suffix(2) == [.approved, .invalidTransaction])
        #expect(try Self.findings(test) == [])
        #expect(try Self.decide([Self.paying(Village.date, owed)], on: test) == [.approved])
        #expect(try Self.findings(test) == [])
    }

    @Test("an entry booked under a date that has ended, or has not begun, is named")
    func wrongDate() throws {
        let test = try StoreUnderTest(.memory)
        var life = VillageLife(seed: 2)
        try Self.decide([Self.byOperator(.register(Village.site, dryRun: false))], on: test)
        try Self.decide((0..<20).map { _ in life.next() }, on: test)
        try Self.decide([Self.closing(Village.date)], on: test)
        try Self.decide((0..<20).map { _ in life.next() }, on: test)
        let journal = try Self.journal(test)
        for shift in [-1, 1] {
            var forged = journal
            forged[journal.count - 1].bookedDate = forged[journal.count - 1].bookedDate
                .adding(days: shift)
            var walk = Verification(sha256: SyntheticLedger.digest, answerKeys: .remembered)
            for entry in forged { walk.take(entry) }
            let problems = walk.finish().findings.filter {
                $0.place == "journal entry \(journal.count)" && $0.problem.contains("booked")
            }
            #expect(problems.count == 1, "\(shift)")
        }
    }
}
