import Ledger
import SettlementDomain
import TestSupport
import Testing

@Suite("Every store: contributions")
struct ContributionTests {
    private func decide(
        _ command: Command, _ stan: UInt32, on test: StoreUnderTest
    ) throws -> ResponseCode {
        let key = RequestKey(
            terminal: SyntheticLedger.terminal(9), date: Village.date, stan: stan)
        let request = LedgerRequest(
            key: key, terminalTime: 0, content: .zero, voucher: [], command: command)
        let reference = try test.store.loadReference()
        var keys = LoadKeys()
        Village.ledger.keys(of: request, reference: reference, into: &keys)
        var rows = try test.store.load(keys, reference: reference)
        let decision = Village.ledger.decide(request, at: 1_700_000_000_000, on: &rows)
        try test.store.commit(rows.entries)
        return decision.code
    }

    @Test(
        "what was paid is found again after a restart and a crash: the period is not paid twice",
        arguments: Engine.allCases)
    func rows(_ engine: Engine) throws {
        let test = try StoreUnderTest(engine)
        let code = try decide(
            .register(Village.site + Village.collecting, dryRun: false), 1, on: test)
        #expect(code == .approved)
        let number = try #require(try Village.idNumber(of: 1, in: test))
        let paid = (1...5).map { Village.line(number, person: 1, month: $0) }
        for (index, line) in paid.enumerated() {
            let stan = UInt32(index) + 2
            #expect(try decide(.contribute(.pay(line)), stan, on: test) == .approved)
        }
        for round in 0..<3 {
            for (index, line) in paid.enumerated() {
                let stan = UInt32(100 + round * 10 + index)
                #expect(try decide(.contribute(.pay(line)), stan, on: test) != .approved)
            }
            if round == 0 { try test.restart() } else { try test.crash() }
        }
        guard case .persons(let found) = try test.store.read(.person(Village.persons[1])) else {
            Issue.record("no person")
            return
        }
        #expect(found.first?.standing.paidThrough == paid.last?.period)
        #expect(found.first?.standing.employer == Village.employer)
        var keys = LoadKeys()
        keys.subjects = [LoadKeys.Holder(subject: .idNumber(number), cards: false)]
        keys.contributions = paid.compactMap(\.period)
            .map { LoadKeys.Contribution(idNumber: number, period: $0) }
        let rows = try test.store.load(keys, reference: try test.store.loadReference())
        #expect(rows.contributions.count == 5)
        #expect(rows.contributions.values.allSatisfy { $0.credited.fen == 16_000 })
        #expect(rows.accounts[Village.persons[1]]?.balance.fen == 120_000)
    }

    @Test(
        "a year's interest is that of its daily balances, once, through restarts and crashes",
        arguments: Engine.allCases)
    func interest(_ engine: Engine) throws {
        let test = try StoreUnderTest(engine)
        #expect(
            try decide(.register(Village.site + Village.collecting, dryRun: false), 1, on: test)
                == .approved)
        let run = Command.register(
            Village.persons.map {
                .periodic(PeriodicRow(person: $0, run: .interest(year: 2026)))
            }, dryRun: false)
        // The year has not ended.
        #expect(try decide(run, 2, on: test) == .invalidTransaction)
        let later = try #require(CivilDate(year: 2026, month: 12, day: 2))
        #expect(try decide(.closeDay(Village.date, next: later), 3, on: test) == .approved)
        let number = try #require(try Village.idNumber(of: 1, in: test))
        let line = Village.line(number, person: 1, month: 1)
        #expect(try decide(.contribute(.pay(line)), 4, on: test) == .approved)
        let next = try #require(CivilDate(year: 2027, month: 1, day: 1))
        #expect(try decide(.closeDay(later, next: next), 5, on: test) == .approved)
        try test.restart()
        #expect(try decide(run, 6, on: test) == .approved)
        try test.crash()
        #expect(try decide(run, 7, on: test) == .approved)
        // 400.00 from 23 November (39 days), 560.00 from 2 December (30 of them), at 1.5 %.
        let expected = [40_000 + 64, 56_000 + 84] as [Int64]
        for (person, fen) in zip(Village.persons, expected) {
            guard case .accounts(let rows) = try test.store.read(.account(person)) else { continue }
            #expect(rows.first?.balance.fen == fen, "\(person)")
        }
    }

    @Test(
        "a declaration's lines keep their answers through restarts and crashes",
        arguments: Engine.allCases)
    func declaration(_ engine: Engine) throws {
        let test = try StoreUnderTest(engine)
        #expect(
            try decide(.register(Village.site + Village.collecting, dryRun: false), 1, on: test)
                == .approved)
        let number = try #require(try Village.idNumber(of: 1, in: test))
        var wrong = Village.line(number, person: 1, month: 2)
        wrong.name = nil
        let page = DeclarationPage(
            declaration: "d", firstLine: 7,
            lines: [Village.line(number, person: 1, month: 1), wrong])
        let keys = [7, 8].map {
            DeclarationLineKey(
                institution: SyntheticLedger.checked(InstitutionID("B99010000001")),
                declaration: "d", line: $0)
        }
        for round in 0..<4 {
            let stan = UInt32(round) + 2
            #expect(try decide(.contribute(.declare(page)), stan, on: test) == .approved)
            var wanted = LoadKeys()
            wanted.declarationLines = keys
            wanted.persons = [Village.persons[1]]
            let rows = try test.store.load(wanted, reference: try test.store.loadReference())
            #expect(keys.map { rows.declarationLines[$0]?.reason } == [Reason.none, .nameInvalid])
            #expect(rows.accounts[Village.persons[1]]?.balance.fen == 56_000)
            if round % 2 == 0 { try test.restart() } else { try test.crash() }
        }
    }
}

extension Village {
    static let employer = SyntheticLedger.checked(InstitutionID("E99010000001"))

    /// A bank, an employer, and a newer policy that takes contributions.
    static var collecting: [Registration] {
        let kinds: [(String, InstitutionKind)] = [
            ("B99010000001", .bank), ("E99010000001", .employer),
        ]
        var all = kinds.map { code, kind in
            Registration.institution(
                InstitutionRow(
                    institution: Institution(
                        id: SyntheticLedger.checked(InstitutionID(code)), name: code, kind: kind,
                        level: .unrated, region: SyntheticLedger.region)))
        }
        all.append(
            .terminal(
                TerminalRow(
                    id: SyntheticLedger.terminal(9),
                    institution: SyntheticLedger.checked(InstitutionID("B99010000001")),
                    role: .collector, blocked: false)))
        for case .policy(let row) in site {
            let old = row.policy
            all.append(
                .policy(
                    PolicyRow(
                        policy: Policy(
                            region: old.region, version: PolicyVersion(rawValue: 2),
                            effectiveFrom: old.effectiveFrom,
                            visitBenefits: old.visitBenefits, benefits: old.benefits,
                            caps: old.caps, plans: old.plans, contributions: terms))))
        }
        return all
    }

    static var terms: ContributionTerms {
        ContributionTerms(
            rates: [
                ContributionRate(
                    category: .active, employer: ratio(980), individual: ratio(200))
            ],
            payableAheadMonths: 12, baseFloor: Money(fen: 600_000),
            baseCeiling: Money(fen: 3_300_000),
            credits: [CreditBand(category: .active, ageFrom: 0, ofBase: ratio(200))],
            retirees: [RetireeBand(ageFrom: 0, monthly: Money(fen: 10_000))], residents: [],
            interest: ratio(150),
            arrears: ArrearsRule(
                suspendedAfterMonths: 3, countedFrom: date, restored: .immediately))
    }

    private static func ratio(_ value: Int64) -> Ratio {
        SyntheticLedger.checked(Ratio(tenThousandths: value))
    }

    /// What a person pays for a month after that of the first date.
    static func line(_ number: IDNumber, person: Int, month: Int) -> ContributionLine {
        var day = date
        for _ in 0..<month { day = day.startOfNextMonth }
        return ContributionLine(
            name: "Person \(person)", idNumber: number, period: ContributionPeriod(monthOf: day),
            base: Money(fen: 800_000), employerPart: Money(fen: 78_400),
            individualPart: Money(fen: 16_000), employer: .named(employer))
    }

    static func idNumber(of person: Int, in test: StoreUnderTest) throws -> IDNumber? {
        guard case .persons(let found) = try test.store.read(.person(persons[person])) else {
            return nil
        }
        return found.first?.idNumber
    }
}
