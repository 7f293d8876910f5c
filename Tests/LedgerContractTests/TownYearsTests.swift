import Foundation
import Ledger
import SettlementDomain
import TestSupport
import Testing

/// Random years of a small town: contributions, declarations, visits, what undoes them, family,
/// credits of the retired, interest, arrears, claims and day closes.
@Suite("Every store: money over the years")
struct TownYearsTests {
    /// A seed that is always tried, and one that is drawn anew; set `SETTLED_SEED` to repeat one.
    static let seeds: [UInt64] = {
        if let text = ProcessInfo.processInfo.environment["SETTLED_SEED"],
            let seed = UInt64(text)
        {
            return [seed]
        }
        return [1, .random(in: 0...999_999)]
    }()

    @Test(
        "no fen appears or is lost over random years, whatever is run twice or interrupted",
        arguments: Engine.allCases, seeds)
    func years(_ engine: Engine, seed: UInt64) throws {
        print("town years on \(engine): SETTLED_SEED=\(seed)")
        let test = try StoreUnderTest(engine)
        var years = TownYears(seed: seed, test: test)
        try years.begin()
        for month in 0..<26 {
            try years.live()
            if month % 9 == 4 { try test.restart() }
            if month % 9 == 8 { try test.crash() }
        }
        let journal = try years.journal()
        #expect(journal.allSatisfy { $0.postings.map(\.amount.fen).reduce(0, +) == 0 })
        var walk = Verification(sha256: SyntheticLedger.digest, answerKeys: .remembered)
        for entry in journal { walk.take(entry) }
        #expect(walk.finish().findings == [])
        let report = try test.verify()
        #expect(report.isSound, "\(report.lines)")
        guard case .balances(let sums) = try test.store.read(.balances) else { return }
        #expect(sums.map(\.balance.fen).reduce(0, +) == 0)
        let paid = journal.flatMap(\.changes).reduce(Int64(0)) { sum, change in
            guard case .contribution(let row) = change else { return sum }
            return sum + row.paid.fen
        }
        let collected = sums.first { $0.account == "contributions:B99010000001" }
        #expect(paid > 0 && collected?.balance.fen == -paid)
        for person in Village.persons {
            let postings = journal.flatMap(\.postings)
                .filter { $0.account == .individual(person) }
            guard case .accounts(let rows) = try test.store.read(.account(person)) else { return }
            let balance = try #require(rows.first?.balance)
            #expect(balance.fen == postings.map(\.amount.fen).reduce(0, +))
            #expect(balance >= .zero)
            for year in [2026, 2027] { checkInterest(of: person, in: year, journal) }
        }
        try checkStatements(journal, test.store)
        let kinds = Set(journal.map(\.kind))
        #expect(
            kinds.isSuperset(of: [
                .settle, .refund, .contributionPayment, .contributionDeclaration, .retireeCredit,
                .annualInterest, .dayClose, .claimDecide, .claimPay,
            ]))
    }

    /// Each year's statements against the journal and against each other.
    private func checkStatements(
        _ journal: [JournalEntry], _ store: any LedgerStore
    ) throws {
        let years = Set(journal.map(\.bookedDate.year)).sorted()
        var closing: [PersonID: Money] = [:]
        for year in years {
            var pooled: Int64 = 0
            var drawn: Int64 = 0
            for person in Village.persons {
                let statement = try store.annualStatement(of: person, year: year)
                #expect(statement.opening == closing[person] ?? .zero, "\(year)")
                closing[person] = statement.closing
                let account = statement.visits.reduce(Money.zero) { $0 + $1.split.account }
                #expect(statement.sum(\.spent) == account, "\(year)")
                pooled += statement.visits.reduce(0) { $0 + $1.split.pooled.fen }
                drawn += statement.visits.reduce(0) { $0 + $1.split.family.fen }
                drawn -= statement.sum(\.familyUse).fen
                guard year == years.last,
                    case .accumulators(let rows) = try store.read(
                        .accumulators(person, year: UInt16(year)))
                else { continue }
                for row in rows {
                    let use = statement.use.first { $0.category == row.key.category }
                    #expect(use?.pooled ?? .zero == row.used.pooledUsed)
                    #expect(use?.deductible ?? .zero == row.used.deductibleUsed)
                    #expect(use?.large ?? .zero == row.used.largeUsed)
                }
            }
            #expect(drawn == 0, "what relatives drew is what owners gave, \(year)")
            let posted = journal.filter { $0.bookedDate.year == year && $0.settlementRow != nil }
                .flatMap(\.postings)
                .filter { if case .pool = $0.account { true } else { false } }
                .reduce(Int64(0)) { $0 + $1.amount.fen }
            #expect(pooled == -posted, "\(year)")
        }
    }

    /// A year's interest against a sum over its days, each looked up by itself.
    private func checkInterest(of person: PersonID, in year: Int, _ journal: [JournalEntry]) {
        let moves = journal.compactMap { $0.move(of: person) }
        var sum: Int64 = 0
        var count: Int64 = 0
        var day = CivilDate(year: year, month: 1, day: 1) ?? .last
        while day.year == year {
            sum += moves.last { $0.bookedDate <= day }?.balance.fen ?? 0
            count += 1
            day = day.adding(days: 1)
        }
        let credits = journal.flatMap(\.changes).compactMap { change -> Money? in
            guard case .credit(let row) = change, row.key.person == person,
                row.key.reference == "interest:\(year)"
            else { return nil }
            return row.amount
        }
        // 1.5 %: x 150 / 10000 / days, half up.
        let expected = (sum * 150 * 2 + count * 10_000) / (count * 10_000 * 2)
        #expect(credits.map(\.fen) == (expected > 0 ? [expected] : []), "\(year)")
    }
}

/// One month of the town after the other.
private struct TownYears {
    let test: StoreUnderTest
    var random: SplitMix
    var life: VillageLife
    var claims: ClaimLife
    var today = Village.date
    var month = 0
    var stan: UInt32 = 0
    var numbers: [IDNumber] = []

    init(seed: UInt64, test: StoreUnderTest) {
        self.test = test
        random = SplitMix(seed: seed &+ 5)
        life = VillageLife(seed: seed)
        claims = ClaimLife(seed: seed)
    }

    mutating func below(_ limit: Int) -> Int { Int(random.next() % UInt64(limit)) }

    mutating func begin() throws {
        var retired: [Registration] = []
        for case .person(var row) in Village.site where row.person.id == Village.persons[3] {
            row.person.category = .retired
            retired.append(.person(row))
        }
        for batch in [Village.site, Village.collecting, ClaimLife.site, retired] {
            #expect(try decide([byOperator(.register(batch, dryRun: false))]) == [.approved])
        }
        numbers = try (0..<4).map { try #require(try Village.idNumber(of: $0, in: test)) }
    }

    /// A month: visits, contributions, runs, and the close that begins the next.
    mutating func live() throws {
        month += 1
        let lines = (0..<4).map { Village.line(numbers[$0], person: $0, month: below(month + 2)) }
        let page = DeclarationPage(
            declaration: "m\(month)", firstLine: 1, lines: lines.shuffled(using: &random))
        for _ in 0..<2 { try decide([collector(.declare(page))]) }
        for _ in 0..<8 {
            var batch = (0...below(4)).map { _ in life.next() }
            let person = below(4)
            let line = Village.line(numbers[person], person: person, month: below(month + 2))
            batch.insert(collector(.pay(line)), at: below(batch.count))
            let known = try stored()
            for _ in 0..<3 { batch.insert(claims.next(known), at: below(batch.count)) }
            try decide(batch)
        }
        if let this = ContributionPeriod(monthOf: today) {
            for _ in 0..<2 { try run(.retireeCredit(this)) }
        }
        try run(.arrears)
        let next = today.startOfNextMonth.adding(days: below(28))
        #expect(try decide([byOperator(.closeDay(today, next: next))]) == [.approved])
        let ended = today.year < next.year ? UInt16(today.year) : nil
        today = next
        life.date = next
        claims.date = next
        guard let ended else { return }
        // Interrupted after some persons, then run again for all.
        try run(.interest(year: ended), Array(Village.persons.prefix(1 + below(3))))
        try run(.interest(year: ended))
        try run(.interest(year: ended))
    }

    private func stored() throws -> [ClaimRow] {
        try Village.persons.flatMap { person -> [ClaimRow] in
            guard case .claims(let rows) = try test.store.read(.claimsOf(person)) else { return [] }
            return rows
        }
    }

    func journal() throws -> [JournalEntry] {
        guard case .entries(let all) = try test.store.read(.entries(after: 0, limit: 100_000))
        else { return [] }
        return all
    }

    private mutating func run(
        _ run: PeriodicRun, _ persons: [PersonID] = Village.persons
    ) throws {
        let rows = persons.map { Registration.periodic(PeriodicRow(person: $0, run: run)) }
        #expect(try decide([byOperator(.register(rows, dryRun: false))]) == [.approved])
    }

    private mutating func collector(_ command: ContributionCommand) -> LedgerRequest {
        stan += 1
        return LedgerRequest(
            key: RequestKey(terminal: SyntheticLedger.terminal(9), date: today, stan: stan),
            terminalTime: 0, content: Digest(words: (UInt64(stan), 0, 0, 0)), voucher: [],
            command: .contribute(command))
    }

    private func byOperator(_ command: Command) -> LedgerRequest {
        .byOperator(command, on: today)
    }

    @discardableResult
    private func decide(_ batch: [LedgerRequest]) throws -> [ResponseCode] {
        try UndoLoadTests.decide(batch, at: 1_795_392_000_000, on: test.store).map(\.code)
    }
}
