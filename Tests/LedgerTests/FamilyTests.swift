import Ledger
import SettlementDomain
import Testing

@Suite("Family: who may draw on whose account")
struct FamilyTests {
    /// The person of the town's card is the relative; their parent owns the account.
    private static func town(_ owner: String = "99010019550505003") -> Town {
        var town = Town()
        town.addAgency()
        town.register([
            .person(Town.insured(Town.owner, owner)),
            .card(
                CardRow(
                    number: ownerCard, person: Town.owner, state: .active,
                    expires: Town.date(20_301_231), verification: Town.pin, triesFailed: 0)),
            .credit(Town.credit(Town.owner, 100_000, "owner")),
        ])
        return town
    }

    private static let ownerCard = Town.card("622848000000033")

    @Test("a relative draws on the owner's account from the link on, until it ends")
    func linkAndUnlink() {
        var town = Self.town()
        let bill = Town.bill(fen: 12_000)
        #expect(town.decide(.settle(bill), at: Town.pharmacy).code == .insufficientFunds)
        #expect(town.family(.link(Self.child())).code == .approved)
        #expect(town.decide(.settle(bill), at: Town.pharmacy).code == .approved)
        #expect(town.rows.accounts[Town.owner]?.balance.fen == 98_000)
        #expect(town.rows.owners[Town.owner]?.members == [Town.person])
        #expect(town.family(.unlink).code == .approved)
        #expect(town.rows.owners[Town.owner]?.members == [])
        #expect(town.decide(.settle(bill), at: Town.pharmacy).code == .insufficientFunds)
        #expect(town.family(.unlink).reason == .relativeNotLinked)
    }

    @Test("what a day's limit leaves is drawn, and the next business date begins anew")
    func dailyLimit() {
        var town = Self.town()
        _ = town.family(.link(Self.child(daily: 3_000)))
        let bill = Town.bill(fen: 12_000, partial: true)
        #expect(town.settled(bill)?.family.fen == 2_000)
        #expect(town.settled(bill)?.family.fen == 1_000)
        #expect(town.settled(bill)?.family.fen == 0)
        town.rows.reference.businessDate = Town.today.adding(days: 1)
        #expect(town.settled(bill)?.family.fen == 3_000)
    }

    @Test("the stricter of the year's and the day's limit holds; new terms keep what was drawn")
    func bothLimits() {
        var town = Self.town()
        _ = town.family(.link(Self.child(yearly: 2_500, daily: 3_000)))
        let bill = Town.bill(fen: 20_000, partial: true)
        #expect(town.settled(bill)?.family.fen == 2_500)
        let outcome = town.family(.link(Self.child(yearly: 4_000, daily: 3_000)))
        guard case .family(let named) = outcome.payload else {
            Issue.record("no link: \(outcome)")
            return
        }
        #expect(named.link.used(inYearOf: Town.today).fen == 2_500)
        #expect(named.link.used(on: Town.today).fen == 2_500)
        #expect(town.settled(bill)?.family.fen == 500)
    }

    @Test("what a void gives back may be drawn again on the same day")
    func giveBack() {
        var town = Self.town()
        _ = town.family(.link(Self.child(daily: 3_000)))
        let bill = Town.bill(fen: 13_000, partial: true)
        let first = town.decide(.settle(bill), at: Town.pharmacy)
        guard case .settlement(let answer) = first.payload, let id = answer.id else {
            Issue.record("not settled")
            return
        }
        #expect(answer.split.family.fen == 3_000)
        let void = VoidCommand(settlement: id, card: Town.card, total: Money(fen: 13_000))
        #expect(town.decide(.void(void), at: Town.pharmacy).code == .approved)
        #expect(town.settled(bill)?.family.fen == 3_000)
    }

    @Test("a link that was ended and made anew counts what its year's bills take again")
    func madeAnew() {
        var town = Self.town()
        _ = town.family(.link(Self.child(yearly: 2_000, daily: 2_000)))
        let sale = Town.key(901, at: Town.pharmacy)
        let void = Town.key(902, at: Town.pharmacy)
        let id = town.settle([Town.Item(fen: 12_000)], visit: .pharmacyPurchase, key: sale)
        #expect(town.split(of: id).family.fen == 2_000)
        _ = town.family(.unlink)
        _ = town.family(.link(Self.child(yearly: 2_000, daily: 2_000)))
        let command = VoidCommand(settlement: id, card: Town.card, total: Money(fen: 12_000))
        #expect(town.decide(.void(command), key: void).code == .approved)
        // What an earlier link's bill gives back makes no more room than the new one has.
        #expect(town.rows.families[Town.person]?.links.first?.used == .zero)
        #expect(town.reverse(void, fen: 12_000).code == .approved)
        #expect(town.rows.families[Town.person]?.links.first?.used.fen == 2_000)
        #expect(town.settled(Town.bill(fen: 5_000, partial: true))?.family == .zero)
    }

    @Test("the limit of a day that is over is in no reversal's way")
    func dayThatIsOver() {
        var town = Self.town()
        _ = town.family(.link(Self.child(daily: 2_000)))
        var bill = Town.bill(fen: 2_000)
        bill.accountLimit = .zero
        let sale = Town.key(901, at: Town.pharmacy)
        let void = Town.key(902, at: Town.pharmacy)
        #expect(town.decide(.settle(bill), key: sale).code == .approved)
        let command = VoidCommand(
            settlement: SettlementID(sale), card: Town.card, total: Money(fen: 2_000))
        #expect(town.decide(.void(command), key: void).code == .approved)
        #expect(town.settled(bill)?.family.fen == 2_000)
        #expect(town.reverse(void, fen: 2_000).reason == .familyLimit)
        town.rows.reference.businessDate = Town.today.adding(days: 1)
        #expect(town.reverse(void, fen: 2_000).code == .approved)
    }

    @Test("a limit made smaller than what was drawn is in no way of what draws nothing of it")
    func smallerLimit() {
        var town = Self.town()
        let other = Town.person(103)
        let otherCard = Town.card("622848000000041")
        town.register([
            .person(Town.insured(other, "99010019530303003")),
            .card(
                CardRow(
                    number: otherCard, person: other, state: .active,
                    expires: Town.date(20_301_231), verification: Town.pin, triesFailed: 0)),
            .credit(Town.credit(other, 100_000, "other")),
        ])
        _ = town.family(.link(Self.child()))
        _ = town.family(.link(Self.child()), owner: otherCard)
        #expect(town.settled(Town.bill(fen: 12_000))?.family.fen == 2_000)
        _ = town.family(.link(Self.child(yearly: 1_000)))
        let sale = Town.key(901, at: Town.pharmacy)
        let void = Town.key(902, at: Town.pharmacy)
        let id = town.settle([Town.Item(fen: 3_000)], visit: .pharmacyPurchase, key: sale)
        #expect(town.split(of: id).owners.map(\.owner) == [other])
        let command = VoidCommand(settlement: id, card: Town.card, total: Money(fen: 3_000))
        #expect(town.decide(.void(command), key: void).code == .approved)
        #expect(town.reverse(void, fen: 3_000).code == .approved)
        #expect(town.split(of: id).family.fen == 3_000)
    }

    @Test("owners pay in the order of their places; a place moves an owner")
    func order() {
        var town = Self.town()
        let other = Town.person(103)
        let otherCard = Town.card("622848000000041")
        town.register([
            .person(Town.insured(other, "99010019530303003")),
            .card(
                CardRow(
                    number: otherCard, person: other, state: .active,
                    expires: Town.date(20_301_231), verification: Town.pin, triesFailed: 0)),
            .credit(Town.credit(other, 100_000, "other")),
        ])
        _ = town.family(.link(Self.child()))
        _ = town.family(.link(Self.child()), owner: otherCard)
        #expect(town.rows.families[Town.person]?.links.map(\.owner) == [Town.owner, other])
        _ = town.family(.link(Self.child(position: 1)), owner: otherCard)
        #expect(town.rows.families[Town.person]?.links.map(\.owner) == [other, Town.owner])
        let split = town.settled(Town.bill(fen: 12_000))
        #expect(split?.owners.map(\.owner) == [other])
    }

    @Test("a relationship must be the region's and fit the birth dates, and nobody is their own")
    func relationships() {
        var town = Self.town()
        func link(_ relationship: Relationship) -> Reason {
            town.family(
                .link(
                    FamilyTerms(
                        relationship: relationship, yearlyLimit: nil, dailyLimit: nil,
                        position: nil))
            ).reason
        }
        #expect(link(.parent) == .relationshipImplausible)
        #expect(link(.sibling) == .relationshipNotPermitted)
        #expect(link(.grandchild) == .relationshipNotPermitted)
        #expect(link(.spouse) == .none)
        let own = town.family(.link(Self.child()), relative: .card(Self.ownerCard))
        #expect(own.code == .invalidTransaction && own.reason == .relativeIsOwner)
        let negative = town.family(.link(Self.child(yearly: -1)))
        #expect(negative.code == .invalidAmount && negative.reason == .fieldOutOfRange)
        let stranger = town.family(.link(Self.child()), relative: .card(Town.card("6228480000001")))
        #expect(stranger.code == .noSuchCard)
    }

    @Test("a relative has at most eight owners")
    func tooMany() {
        var town = Self.town()
        for number in 1...9 as ClosedRange<UInt64> {
            let owner = Town.person(200 + number)
            let card = Town.card("6228480000010\(number)")
            town.register([
                .person(Town.insured(owner, "9901001955050501\(number)")),
                .card(
                    CardRow(
                        number: card, person: owner, state: .active,
                        expires: Town.date(20_301_231), verification: Town.pin, triesFailed: 0)),
            ])
            let outcome = town.family(.link(Self.child()), owner: card)
            #expect(outcome.reason == (number == 9 ? .tooManyLinks : .none))
        }
        #expect(town.rows.families[Town.person]?.links.count == 8)
    }

    private static func child(
        yearly: Int64? = nil, daily: Int64? = nil, position: Int? = nil
    ) -> FamilyTerms {
        FamilyTerms(
            relationship: .child, yearlyLimit: yearly.map(Money.init(fen:)),
            dailyLimit: daily.map(Money.init(fen:)), position: position)
    }
}

extension Town {
    /// An owner's request at the agency's counter, by the town's papers.
    mutating func family(
        _ step: FamilyCommand.Step, owner: CardNumber = Town.card("622848000000033"),
        relative: Subject = .card(Town.card)
    ) -> Outcome {
        let asking = Asking(subject: .card(owner), authority: Town.papers)
        return decide(
            .family(FamilyCommand(asking: asking, relative: relative, step: step)),
            at: Town.counter)
    }

    /// The split of a sale that must be approved.
    mutating func settled(_ bill: SettleCommand) -> Split? {
        guard case .settlement(let answer) = decide(.settle(bill), at: Town.pharmacy).payload,
            outcome.code.isApproval
        else { return nil }
        return answer.split
    }
}
