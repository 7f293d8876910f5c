import Ledger
import SettlementDomain
import Testing

@Suite("Runs over all persons: arrears, retirees, interest")
struct PeriodicRunTests {
    private func run(_ run: PeriodicRun, on town: inout Town) -> RegistrationResult? {
        town.results(of: [.periodic(PeriodicRow(person: Town.person, run: run))]).first
    }

    @Test("arrears suspend the pooled benefit once; the balance pays on, a payment restores it")
    func arrears() throws {
        var town = Town.withContributions()
        town.pay(Town.line())
        #expect(run(.arrears, on: &town) == .unchanged)
        // October is paid: November and December unpaid are arrears from January on.
        town.rows.reference.businessDate = Town.date(20_261_231)
        #expect(run(.arrears, on: &town) == .unchanged)
        town.rows.reference.businessDate = Town.date(20_270_101)
        #expect(run(.arrears, on: &town) == .changed)
        #expect(run(.arrears, on: &town) == .unchanged)
        #expect(town.coverage == .suspended)
        let bill = town.decide(
            .settle(Town.bill(fen: 1_000)), at: Town.pharmacy, on: Town.date(20_270_101))
        #expect(bill.code == .approved)
        #expect(town.balance == 25_000)
        #expect(
            town.decide(
                .contribute(.pay(Town.line(period: "2026-12"))), at: Town.collector,
                on: Town.date(20_270_101)
            ).code == .approved)
        #expect(town.coverage == .active)
        #expect(run(.arrears, on: &town) == .unchanged)
    }

    @Test("coverage goes by the service date: before, in and after a suspension")
    func byServiceDate() throws {
        var town = Town.withContributions(.nextMonth)
        town.rows.reference.businessDate = Town.date(20_261_110)
        town.register([.person(town.personRow { $0.person.coverage = .suspended })])
        town.rows.reference.businessDate = Town.today
        town.pay(Town.line())
        #expect(town.rows.persons[Town.person]?.standing.coveredFrom == Town.date(20_261_201))
        town.rows.reference.businessDate = Town.date(20_261_202)
        #expect(run(.arrears, on: &town) == .unchanged)
        func pooled(_ day: Int32) -> Bool {
            var bill = Town.bill([.init(fen: 30_000)])
            bill.serviceDate = Town.date(day)
            let split = town.decide(
                .settle(bill), at: Town.hospital, on: Town.date(20_261_202)
            ).settled?.split
            return split?.parts.first?.itemClass == .catalog
        }
        #expect(pooled(20_261_109) && pooled(20_261_201) && pooled(20_261_202))
        #expect(!pooled(20_261_110) && !pooled(20_261_130))
    }

    @Test("services of a suspension stay uncovered after a payment restored coverage at once")
    func byServiceDateRestoredAtOnce() throws {
        var town = Town.withContributions(.immediately)
        town.rows.reference.businessDate = Town.date(20_261_110)
        town.register([.person(town.personRow { $0.person.coverage = .suspended })])
        town.rows.reference.businessDate = Town.today
        town.pay(Town.line())
        #expect(town.coverage == .active)
        #expect(run(.arrears, on: &town) == .unchanged)
        func pooled(_ day: Int32) -> Bool {
            var bill = Town.bill([.init(fen: 30_000)])
            bill.serviceDate = Town.date(day)
            let split = town.decide(
                .settle(bill), at: Town.hospital, on: Town.today
            ).settled?.split
            return split?.parts.first?.itemClass == .catalog
        }
        #expect(pooled(20_261_109) && pooled(20_261_123))
        #expect(!pooled(20_261_110) && !pooled(20_261_122))
    }

    @Test("a suspension is forgotten when no service of it can be settled any more")
    func forgotten() {
        var town = Town.withContributions(.nextMonth)
        town.register([.person(town.personRow { $0.person.coverage = .suspended })])
        town.pay(Town.line())
        town.rows.reference.businessDate = Town.date(20_271_203)
        town.rows.persons[Town.person]?.standing.paidThrough = ContributionPeriod("2027-12")
        #expect(run(.arrears, on: &town) == .changed)
        let row = town.rows.persons[Town.person]
        #expect(row?.person.coverage == .active && row?.standing.coveredFrom == nil)
        #expect(row?.standing.suspendedFrom == nil)
    }

    @Test("a retired person's month is credited once from the pool, and never before it begins")
    func retirees() throws {
        var town = Town.withContributions()
        let month = try #require(ContributionPeriod("2026-11"))
        let next = try #require(ContributionPeriod("2026-12"))
        #expect(run(.retireeCredit(month), on: &town) == .unchanged)
        town.become(.employee, .retired)
        #expect(run(.retireeCredit(next), on: &town)?.isRefused == true)
        #expect(run(.retireeCredit(month), on: &town) == .added)
        #expect(run(.retireeCredit(month), on: &town) == .unchanged)
        #expect(town.balance == 20_000)
        let entry = try #require(town.rows.entries.last)
        #expect(entry.kind == .retireeCredit)
        #expect(
            entry.postings.first
                == Posting(account: .pool(Town.region, .employee), amount: Money(fen: -10_000)))
        #expect(entry.movements.map(\.balance.fen) == [20_000])
    }

    @Test("interest of a year that goes on is refused; what a run credits nobody else may credit")
    func reserved() {
        var town = Town.withContributions()
        #expect(run(.interest(year: 2026), on: &town)?.isRefused == true)
        for reference in ["interest:2026", "retiree:2026-11"] {
            let result = town.results(
                of: [.credit(Town.credit(Town.person, 100, reference))])
            #expect(result.first?.isRefused == true)
        }
        #expect(town.balance == 10_000)
    }
}
