import Ledger
import SettlementDomain
import Testing

@Suite("Registrations: all or none, and none of them twice")
struct RegisterTests {
    @Test("one bad registration among good ones changes nothing and is named")
    func allOrNone() {
        var town = Town()
        let before = town.rows.entries.count
        let results = town.results(of: [
            .credit(Town.credit(Town.owner, 500, "a")),
            .credit(Town.credit(Town.person(999), 500, "b")),
        ])
        #expect(results.first == .added)
        #expect(results.last == .refused("person 999 is not registered"))
        #expect(town.rows.entries.count == before)
        #expect(town.rows.accounts[Town.owner]?.balance == .zero)
    }

    @Test("a dry run says what would happen and changes nothing")
    func dryRun() {
        var town = Town()
        let before = town.rows.entries.count
        #expect(
            town.results(of: [.credit(Town.credit(Town.owner, 500, "a"))], dryRun: true) == [.added]
        )
        #expect(town.rows.entries.count == before)
    }

    @Test("a credit with a known reference is not made twice, and another amount is refused")
    func creditOnce() {
        var town = Town()
        let credit = Town.credit(Town.owner, 500, "2026-11")
        #expect(town.results(of: [.credit(credit)]) == [.added])
        #expect(town.results(of: [.credit(credit)]) == [.unchanged])
        #expect(town.results(of: [.credit(Town.credit(Town.owner, 501, "2026-11"))])[0].isRefused)
        #expect(town.rows.accounts[Town.owner]?.balance == Money(fen: 500))
    }

    @Test("registering the same again is unchanged and leaves no entry")
    func unchanged() {
        var town = Town()
        let before = town.rows.entries.count
        #expect(
            town.results(of: [
                .person(Town.insured(Town.person, "99010019800101001")),
                .terminal(Town.terminalRow(Town.pharmacy, "P99010000001", .pharmacy)),
                .policy(PolicyRow(policy: Town.policy)),
                .catalog(
                    CatalogRow(effectiveFrom: Town.date(20_260_101), catalog: Town.catalog)),
            ]) == [.unchanged, .unchanged, .unchanged, .unchanged])
        #expect(town.rows.entries.count == before)
    }

    @Test("a card keeps its PIN and its count of tries when it is imported again without a PIN")
    func cardKeepsPIN() throws {
        var town = Town()
        town.rows.cards[Town.card]?.triesFailed = 2
        var card = try #require(town.rows.cards[Town.card])
        card.verification = nil
        card.expires = Town.date(20_351_231)
        #expect(town.results(of: [.card(card)]) == [.changed])
        #expect(town.rows.cards[Town.card]?.verification == Town.pin)
        #expect(town.rows.cards[Town.card]?.triesFailed == 2)
    }

    @Test("a terminal's role must fit the kind of its institution")
    func roles() {
        var town = Town()
        let results = town.results(of: [
            .terminal(Town.terminalRow(Town.terminal("T0000009"), "P99010000001", .hospital))
        ])
        #expect(
            results == [.refused("a terminal of role hospital cannot stand at a pharmacy")])
    }

    @Test("an older or equal catalog version with other content is refused")
    func catalogOrder() {
        var town = Town()
        let other = Catalog(version: CatalogVersion(rawValue: 1), entries: [])
        #expect(
            town.results(of: [
                .catalog(CatalogRow(effectiveFrom: Town.date(20_260_101), catalog: other))
            ])[0].isRefused)
        let earlier = Catalog(version: CatalogVersion(rawValue: 2), entries: [])
        #expect(
            town.results(of: [
                .catalog(CatalogRow(effectiveFrom: Town.date(20_251_231), catalog: earlier))
            ])[0].isRefused)
    }
}
