import SettlementDomain
import Testing

@Suite("Regional practice: each flag does what it says, and its default is the text")
struct PracticeTests {
    private func split(
        _ lines: [SortedLine], _ kind: InstitutionKind, _ practice: Practice,
        account: Int64 = 0, family: Int64 = 0
    ) throws -> Split {
        let owner = try #require(PersonID(rawValue: 7))
        return try #require(
            Splitter.split(
                lines, visit: Fixtures.visit(kind), policy: Fixtures.policy(practice: practice),
                used: Accumulators(), account: AccountFunds(balance: Money(fen: account)),
                family: [FamilyFund(owner: owner, available: Money(fen: family))]))
    }

    @Test("accounts pay over-limit parts; where they do not at hospitals, pharmacies still do")
    func overLimit() throws {
        let line = SortedLine(
            line: 0, amount: Money(fen: 1000), reason: .levelA,
            priceCeiling: UnitPrice(tenThousandths: 90_000))
        let cash = Practice(accountPaysOverLimitAtHospitals: false)
        for (kind, practice, paid) in [
            (InstitutionKind.hospital, Practice.standard, Int64(1000)), (.hospital, cash, 900),
            (.clinic, cash, 900), (.pharmacy, cash, 1000),
        ] {
            let split = try split([line], kind, practice, account: 5000)
            #expect(split.overLimit.fen == 100)
            #expect(split.account.fen == paid)
            #expect(split.payable.fen == paid)
            #expect(split.shortfall == .zero)
            #expect(split.brokenIdentity() == nil)
        }
    }

    @Test("accounts pay items of level none; where they do not at hospitals, pharmacies still do")
    func nonCatalog() throws {
        let entry = try Fixtures.entry("X1", .device, .none)
        let policy = try Fixtures.policy(
            practice: Practice(accountPaysNonCatalogAtHospitals: false))
        for kind in [InstitutionKind.hospital, .clinic] {
            #expect(
                try Fixtures.reason(entry, Fixtures.visit(kind), policy) == .accountNotPermitted)
        }
        let restricted = try Fixtures.entry("X1", .device, .a, restrictions: [.sex(.female)])
        #expect(try Fixtures.reason(restricted, Fixtures.visit(), policy) == .restrictedSex)
        let pharmacy = try Fixtures.visit(.pharmacy)
        #expect(try Fixtures.reason(entry, pharmacy, policy) == .notInPaymentScope)
    }

    @Test("disinfectants are the account's, or cash; what the fund pays of them it pays")
    func disinfectants() throws {
        let policy = try Fixtures.policy(practice: Practice(accountPaysDisinfectants: false))
        let none = try Fixtures.entry("X1", .disinfectant, .none)
        let paid = try Fixtures.entry("X1", .disinfectant, .a)
        let purchase = try Fixtures.visit(.pharmacy, .pharmacyPurchase)
        #expect(try Fixtures.reason(none, purchase, policy) == .accountNotPermitted)
        #expect(try Fixtures.reason(paid, purchase, policy) == .accountNotPermitted)
        #expect(try Fixtures.reason(paid, Fixtures.visit(), policy) == .levelA)
        let limited = try Fixtures.entry(
            "X1", .disinfectant, .a,
            restrictions: [.maxQuantity(Quantity(thousandths: 400), perDays: 1)])
        let sorted = Sorting.sort(
            [Fixtures.line(limited.code)], visit: try Fixtures.visit(),
            catalog: Catalog(version: CatalogVersion(rawValue: 1), entries: [limited]),
            policy: policy)
        #expect(sorted.map(\.reason) == [.levelA, .accountNotPermitted])
        #expect(sorted.map(\.itemClass) == [.catalog, .excluded])
        #expect(try Fixtures.reason(none, purchase, Fixtures.policy()) == .notInPaymentScope)
    }

    @Test("health products are excluded, or the account's, at pharmacies and hospitals")
    func healthProducts() throws {
        let policy = try Fixtures.policy(practice: Practice(accountPaysHealthProducts: true))
        let entry = try Fixtures.entry("X1", .healthProduct, .none)
        for kind in [InstitutionKind.pharmacy, .hospital, .clinic] {
            let visit = try Fixtures.visit(kind)
            #expect(try Fixtures.reason(entry, visit, policy) == .notInPaymentScope)
            #expect(try Fixtures.reason(entry, visit, Fixtures.policy()) == .healthProduct)
        }
        let elsewhere = try Fixtures.visit(.vaccinationClinic)
        #expect(try Fixtures.reason(entry, elsewhere, policy) == .notSuppliedHere)
        let forbidden = try Fixtures.entry("X1", .healthProduct, .none, accountAllowed: false)
        #expect(try Fixtures.reason(forbidden, Fixtures.visit(), policy) == .healthProduct)
    }

    @Test("a check-up is the account's, or cash; a vaccine given at it stays a vaccine")
    func checkups() throws {
        let policy = try Fixtures.policy(practice: Practice(accountPaysCheckups: false))
        let visit = try Fixtures.visit(.hospital, .checkup, vaccinates: true)
        let item = try Fixtures.entry("X1", .service, .a)
        #expect(try Fixtures.reason(item, visit, policy) == .accountNotPermitted)
        #expect(try Fixtures.reason(item, visit, Fixtures.policy()) == .visitTypeNotPooled)
        let vaccine = try Fixtures.entry("X1", .vaccineCategory2, .none)
        #expect(try Fixtures.reason(vaccine, visit, policy) == .vaccineCategory2)
    }

    @Test("relatives pay vaccines, or do not: then the rest of a vaccine is cash")
    func familyVaccines() throws {
        let lines = [
            SortedLine(line: 0, amount: Money(fen: 600), reason: .vaccineCategory2),
            SortedLine(line: 1, amount: Money(fen: 400), reason: .notInPaymentScope),
        ]
        let standard = try split(lines, .hospital, .standard, account: 100, family: 9000)
        #expect(standard.family.fen == 900)
        #expect(standard.cash == .zero)
        let cash = try split(
            lines, .hospital, Practice(familyPaysVaccines: false), account: 100, family: 9000)
        #expect(cash.account.fen == 100)
        #expect(cash.family.fen == 360)
        #expect(cash.parts.map(\.family.fen) == [0, 360])
        #expect(cash.cash.fen == 540)
        #expect(cash.shortfall.fen == 540)
        #expect(cash.brokenIdentity() == nil)
    }
}
