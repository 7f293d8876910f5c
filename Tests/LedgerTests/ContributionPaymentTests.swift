import Ledger
import SettlementDomain
import Testing

@Suite("Contribution payments: one person and period")
struct ContributionPaymentTests {
    @Test("a payment credits the account, pays the pool and is in the access log: one entry")
    func pays() throws {
        var town = Town.withContributions()
        let outcome = town.pay(Town.line())
        #expect(outcome.code == .approved)
        guard case .contribution(let answer) = outcome.payload else {
            Issue.record("no answer: \(outcome)")
            return
        }
        #expect(answer.row.credited.fen == 16_000 && answer.balance?.fen == 26_000)
        #expect(answer.standing.paidThrough?.description == "2026-10")
        #expect(answer.standing.employer == Town.employer)
        let entry = try #require(town.rows.entries.last)
        #expect(
            entry.postings == [
                Posting(account: .contributions("B99010000001"), amount: Money(fen: -94_400)),
                Posting(account: .individual(Town.person), amount: Money(fen: 16_000)),
                Posting(account: .pool(Town.region, .employee), amount: Money(fen: 78_400)),
            ])
        #expect(entry.accesses.map(\.row.right) == [.role(.collector)])
        #expect(entry.movements.map(\.amount.fen) == [16_000])
    }

    @Test("the same key is answered again; another key for the same period is refused")
    func once() throws {
        var town = Town.withContributions()
        let key = RequestKey(terminal: Town.collector, date: Town.today, stan: 900_001)
        #expect(town.decide(.contribute(.pay(Town.line())), key: key).code == .approved)
        let again = town.decide(.contribute(.pay(Town.line())), key: key)
        #expect(again.replayed && again.code == .approved)
        #expect(town.balance == 26_000)
        let second = town.pay(Town.line())
        #expect(second.code == .invalidTransaction && second.reason == .periodPaid)
        #expect(town.pay(Town.line(period: "2026-11")).code == .approved)
        #expect(town.balance == 42_000)
    }

    @Test("each refusal comes in its place, names the field, and changes nothing")
    func refusals() throws {
        typealias Change = (inout ContributionLine) -> Void
        // From the last guard to the first: each line keeps the faults of those before it.
        let ladder: [(Reason, Change)] = [
            (.contributionAmountDiffers, { $0.individualPart = Money(fen: 15_999) }),
            (.contributionAmountDiffers, { $0.employerPart = Money(fen: -78_400) }),
            (.baseOutOfRange, { $0.base = Money(fen: .max) }),
            (.baseOutOfRange, { $0.base = Money(fen: -1) }),
            (.periodInvalid, { $0.period = ContributionPeriod("2026") }),
            (.periodTooEarly, { $0.period = ContributionPeriod("2027-01") }),
            (.contributionsNotTaken, { $0.period = ContributionPeriod("2025-12") }),
            (.employerUnknown, { $0.employer = .unreadable }),
            (.employerUnknown, { $0.employer = .named(Town.bank) }),
            (.employerUnknown, { $0.employer = .registered }),
            (.nameDiffers, { $0.name = "别人" }),
            (.personUnknown, { $0.idNumber = Town.idNumber("99010019900101005") }),
            (.periodInvalid, { $0.period = nil }),
            (.idNumberInvalid, { $0.idNumber = nil }),
            (.nameInvalid, { $0.name = nil }),
        ]
        var line = Town.line()
        for (reason, change) in ladder {
            change(&line)
            var town = Town.withContributions()
            let outcome = town.pay(line)
            #expect(outcome.reason == reason)
            #expect(!outcome.code.isApproval)
            #expect(reason == .personUnknown || !outcome.detail.isEmpty)
            let entry = try #require(town.rows.entries.last)
            #expect(entry.postings.isEmpty && entry.changes.isEmpty)
        }
    }

    @Test("a retired person pays nothing; a flexible one has no employer; a resident pays a year")
    func categories() {
        var town = Town.withContributions()
        town.become(.employee, .retired)
        #expect(town.pay(Town.line(employer: .registered)).reason == .categoryPaysNothing)
        town.become(.employee, .flexibleEmployment)
        #expect(town.pay(Town.line()).reason == .employerUnknown)
        var line = Town.line(employer: .registered)
        line.employerPart = .zero
        line.individualPart = Money(fen: 94_400)
        #expect(town.pay(line).code == .approved)
        town.become(.resident, .adultResident)
        line = Town.line(period: "2026", employer: .registered)
        line.base = .zero
        line.employerPart = .zero
        line.individualPart = Money(fen: 40_000)
        #expect(town.pay(line).code == .approved)
        #expect(
            town.rows.entries.last?.postings.last
                == Posting(account: .pool(Town.region, .resident), amount: Money(fen: 40_000)))
    }

    @Test(
        "a resident pays as an adult or a minor by age on the period's first day, whatever was registered",
        arguments: [PersonCategory.adultResident, .minor])
    func residentsByAge(_ registered: PersonCategory) {
        // Born on 23 November 2008: of age in 2027, and not on the first day of 2026.
        for (year, fen) in [("2026", 38_000), ("2027", 40_000)] as [(String, Int64)] {
            for other in [40_000, 38_000] as [Int64] {
                var town = Town.withContributions()
                town.rows.reference.businessDate = Town.date(20_261_201)
                var row = Town.insured(Town.minor, "99010020081123001")
                row.person.insuranceType = .resident
                row.person.category = registered
                town.register([.person(row)])
                town.rows.holders[row.idNumber] = [Town.minor]
                var line = Town.line(period: year, employer: .registered)
                line.idNumber = row.idNumber
                line.base = .zero
                line.employerPart = .zero
                line.individualPart = Money(fen: other)
                let outcome = town.pay(line)
                #expect(
                    outcome.code.isApproval == (other == fen),
                    "\(year) \(other): \(outcome.reason) \(outcome.detail)")
            }
        }
    }

    @Test("a payment that ends arrears restores coverage at once, or from the next month on")
    func restores() throws {
        for restored in CoverageRestoration.allCases {
            var town = Town.withContributions(restored)
            town.register([.person(town.personRow { $0.person.coverage = .suspended })])
            #expect(town.coverage == .suspended)
            // One month of two is paid: two ended months are still unpaid.
            #expect(town.pay(Town.line(period: "2026-08")).code == .approved)
            #expect(town.coverage == .suspended)
            #expect(town.pay(Town.line(period: "2026-10")).code == .approved)
            #expect(town.coverage == (restored == .immediately ? .active : .suspended))
            town.rows.reference.businessDate = Town.date(20_261_130)
            #expect(town.coverage == (restored == .immediately ? .active : .suspended))
            town.rows.reference.businessDate = Town.date(20_261_201)
            #expect(town.coverage == .active)
        }
    }

    @Test("registering a person again keeps what was paid, and the employer where none is named")
    func registeredAgain() {
        var town = Town.withContributions()
        town.pay(Town.line())
        town.register([.person(Town.insured(Town.person, "99010019800101001"))])
        let standing = town.rows.persons[Town.person]?.standing
        #expect(standing?.paidThrough?.description == "2026-10")
        #expect(standing?.employer == Town.employer)
    }
}

extension Town {
    static let collector = terminal("C0000001")
    static let bank = make("bank") { InstitutionID("B99010000001") }
    static let employer = make("employer") { InstitutionID("E99010000001") }

    /// The town with a policy that takes contributions, a bank and an employer.
    static func withContributions(
        _ restored: CoverageRestoration = .immediately
    ) -> Town {
        var town = Town()
        town.register([
            .institution(institution("B99010000001", "Bank", .bank, .unrated)),
            .institution(institution("E99010000001", "Works", .employer, .unrated)),
            .terminal(terminalRow(collector, "B99010000001", .collector)),
            .policy(
                PolicyRow(
                    policy: Policy(
                        region: region, version: PolicyVersion(rawValue: 2),
                        effectiveFrom: date(20_260_101), visitBenefits: policy.visitBenefits,
                        benefits: policy.benefits, caps: policy.caps,
                        contributions: contributions(restored)))),
        ])
        if let number = town.rows.persons[person]?.idNumber {
            town.rows.holders[number] = [person]
        }
        return town
    }

    static func contributions(_ restored: CoverageRestoration) -> ContributionTerms {
        func ratio(_ value: Int64) -> Ratio {
            make("ratio") { Ratio(tenThousandths: value) }
        }
        return ContributionTerms(
            rates: [
                ContributionRate(category: .active, employer: ratio(980), individual: ratio(200)),
                ContributionRate(
                    category: .flexibleEmployment, employer: .zero, individual: ratio(1180)),
            ],
            payableAheadMonths: 1, baseFloor: Money(fen: 600_000),
            baseCeiling: Money(fen: 3_300_000),
            credits: [CreditBand(category: .active, ageFrom: 0, ofBase: ratio(200))],
            retirees: [RetireeBand(ageFrom: 0, monthly: Money(fen: 10_000))],
            residents: [
                ResidentAmount(category: .adultResident, yearly: Money(fen: 40_000)),
                ResidentAmount(category: .minor, yearly: Money(fen: 38_000)),
            ],
            interest: ratio(150),
            arrears: ArrearsRule(
                suspendedAfterMonths: 2, countedFrom: date(20_260_601), restored: restored))
    }

    /// October's contribution of an active employee with a base of 8,000.00.
    static func line(
        period: String = "2026-10", employer: ContributionLine.Employer = .named(Town.employer)
    ) -> ContributionLine {
        ContributionLine(
            name: "测试人", idNumber: idNumber("99010019800101001"),
            period: ContributionPeriod(period), base: Money(fen: 800_000),
            employerPart: Money(fen: 78_400), individualPart: Money(fen: 16_000),
            employer: employer)
    }

    @discardableResult
    mutating func pay(_ line: ContributionLine) -> Outcome {
        decide(.contribute(.pay(line)), at: Town.collector)
    }

    /// The person's row, changed.
    func personRow(_ change: (inout PersonRow) -> Void) -> PersonRow {
        var row = Town.insured(Town.person, "99010019800101001")
        change(&row)
        return row
    }

    mutating func become(_ type: InsuranceType, _ category: PersonCategory) {
        register([
            .person(
                personRow {
                    $0.person.insuranceType = type
                    $0.person.category = category
                })
        ])
    }

    /// The coverage of the business date.
    var coverage: CoverageStatus? {
        rows.persons[Town.person]?.covered(on: rows.reference.businessDate).person.coverage
    }
}
