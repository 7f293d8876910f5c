import Ledger
import SettlementDomain
import Testing

@Suite("Cards of another region")
struct RegionTests {
    private static let away = Town.make("region") { RegionCode(rawValue: 990_200) }
    private static let visitor = Town.person(104)
    private static let visitorCard = Town.card("622848000000066")

    private func town() -> Town {
        var town = Town()
        var row = Town.insured(Self.visitor, "99020019850302001")
        row.person.region = Self.away
        town.register([
            .policy(
                PolicyRow(
                    policy: Policy(
                        region: Self.away, version: PolicyVersion(rawValue: 7),
                        effectiveFrom: Town.date(20_260_101),
                        visitBenefits: [.outpatient: .outpatient],
                        benefits: [
                            BenefitRule(deductible: Money(fen: 2_000), ratio: Town.ratio(5000))
                        ], caps: [CapRule(pooledCap: Money(fen: 50_000))]))),
            .person(row),
            town.cardRow(Self.visitorCard, .active, of: Self.visitor),
        ])
        return town
    }

    @Test("a visitor's bill goes by the home region's policy, and the home region's pool pays")
    func homePolicy() throws {
        var town = town()
        let paid = town.visit(12_000, on: Town.today, card: Self.visitorCard)
        let answer = try #require(paid.settled)
        #expect(answer.policyRegion == Self.away && answer.policyVersion.rawValue == 7)
        #expect(answer.split.deductible.fen == 2_000 && answer.split.pooled.fen == 5_000)
        let entry = try #require(town.rows.entries.last)
        #expect(
            entry.postings.contains(
                Posting(account: .pool(Self.away, .employee), amount: Money(fen: -5_000))))
        let row = try #require(entry.dayRow)
        #expect(row.homeRegion == Self.away && row.institutionRegion == Town.region)
        #expect(row.insuranceType == .employee && row.insured.fen == 5_000)
    }

    @Test("an institution that moves to another region changes nothing of what was booked")
    func moved() throws {
        var town = town()
        let id = try #require(
            town.visit(12_000, on: Town.today, card: Self.visitorCard).settled?.id)
        var hospital = Town.institution("H99010000001", "North Hospital", .hospital, .level3)
        hospital.institution.region = Self.away
        town.register([.institution(hospital)])
        let void = town.void(id, fen: 12_000, card: Self.visitorCard)
        #expect(void.code == .approved)
        let row = try #require(town.rows.entries.last?.dayRow)
        #expect(row.institutionRegion == Town.region && row.homeRegion == Self.away)
    }

    @Test("a region without a policy is refused with its reason")
    func noPolicy() {
        var town = Town()
        var row = Town.insured(Self.visitor, "99020019850302001")
        row.person.region = Self.away
        town.register([.person(row), town.cardRow(Self.visitorCard, .active, of: Self.visitor)])
        let refused = town.visit(12_000, on: Town.today, card: Self.visitorCard)
        #expect(refused.code == .invalidTransaction && refused.reason == .noPolicyForRegion)
        #expect(refused.detail.contains("990200"))
    }
}
