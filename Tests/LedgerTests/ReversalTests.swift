import Ledger
import SettlementDomain
import Testing

@Suite("Reversal: a request without an answer is undone, whether it arrived or not")
struct ReversalTests {
    @Test("a reversal gives back all; ten more answer 00 and post nothing")
    func repeated() {
        var town = Town()
        let before = town.books
        let id = town.settle([Town.Item(fen: 30_000, trace: ["P1"])], key: Town.key(900))
        #expect(town.reverse(id.key, fen: 30_000).undone?.state == .reversed)
        #expect(town.books == before)
        let entries = town.rows.entries.filter { !$0.postings.isEmpty }.count
        for _ in 0..<10 {
            let again = town.reverse(id.key, fen: 30_000)
            #expect(again.code == .approved && again.reason == .originalReversed)
        }
        #expect(town.rows.entries.filter { !$0.postings.isEmpty }.count == entries)
    }

    @Test("a reversal before its original is remembered: the original gets 21, its retry again")
    func beforeOriginal() {
        var town = Town()
        let before = town.books
        let key = Town.key(900)
        #expect(town.reverse(key, fen: 1000).reason == .originalNotSeen)
        #expect(town.reverse(key, fen: 1000).reason == .originalNotSeen)
        let late = town.decide(.settle(Town.bill([Town.Item(fen: 1000)])), key: key)
        #expect(late.code == .noActionTaken && late.reason == .reversedBeforeArrival)
        let retry = town.decide(.settle(Town.bill([Town.Item(fen: 1000)])), key: key)
        #expect(retry.code == .noActionTaken && retry.replayed)
        #expect(town.reverse(key, fen: 1000).reason == .originalRefused)
        #expect(town.books == before)
        #expect(town.rows.tombstones.count == 1)
    }

    @Test("a reversal of a refused sale is 00 and posts nothing")
    func ofRefused() {
        var town = Town()
        let key = Town.key(900)
        let bill = Town.bill([Town.Item(fen: 99_000)], visit: .inpatient, partial: false)
        #expect(town.decide(.settle(bill), key: key).code == .insufficientFunds)
        let before = town.books
        let outcome = town.reverse(key, fen: 99_000)
        #expect(outcome.code == .approved && outcome.reason == .originalRefused)
        #expect(town.books == before)
    }

    @Test(
        "another card is 77, another amount 64; a quote cannot be reversed, nor a reversal itself")
    func otherData() {
        var town = Town()
        let id = town.settle([Town.Item(fen: 1000)], key: Town.key(900))
        let before = town.books
        let card = Town.card("622848000000099")
        #expect(town.reverse(id.key, fen: 999, card: card).code == .originalDataDiffers)
        #expect(town.reverse(id.key, fen: 999, card: nil).code == .originalDataDiffers)
        #expect(town.reverse(id.key, fen: 999).code == .originalAmountDiffers)
        _ = town.decide(.quote(Town.bill([Town.Item(fen: 1000)])), key: Town.key(901))
        let quote = town.reverse(Town.key(901), fen: 1000)
        #expect(quote.code == .invalidTransaction && quote.reason == .originalNotReversible)
        let own = Town.key(town.stan + 1)
        #expect(town.reverse(own, fen: 1000).reason == .originalNotReversible)
        #expect(town.books == before)
    }

    @Test("a reversal after a refund of a line is 21, after a void 79; the books stay")
    func furtherActivity() {
        var town = Town()
        let refunded = town.settle([Town.Item(units: 2, fen: 100)], key: Town.key(900))
        #expect(town.refund(refunded, [(0, 1)]).code == .approved)
        let voided = town.settle([Town.Item(fen: 100)], key: Town.key(901))
        #expect(town.void(voided, fen: 100).code == .approved)
        let before = town.books
        let first = town.reverse(refunded.key, fen: 200)
        #expect(first.code == .noActionTaken && first.reason == .furtherActivity)
        let second = town.reverse(voided.key, fen: 100)
        #expect(second.code == .alreadyUndone && second.reason == .originalVoided)
        #expect(town.books == before)
    }

    @Test("a void that is reversed lets the sale stand again, to the fen; it can be voided again")
    func ofVoid() throws {
        var town = Town()
        town.link()
        let items = [
            Town.Item(fen: 30_000, trace: ["P1"]), Town.Item(code: Town.limited, fen: 900),
        ]
        let id = town.settle(items, key: Town.key(900))
        let sold = town.books
        #expect(town.void(id, fen: 30_900).code == .approved)
        let voidKey = Town.key(town.stan)
        let answer = try #require(town.reverse(voidKey, fen: 30_900).undone)
        #expect(answer.state == .settled && answer.givenBack.total.fen == -30_900)
        #expect(answer.remaining == town.split(of: id))
        #expect(town.books == sold)
        #expect(town.reverse(voidKey, fen: 30_900).reason == .originalReversed)
        #expect(town.void(id, fen: 30_900).code == .approved)
        #expect(town.reverse(voidKey, fen: 30_900).reason == .originalReversed)
    }

    @Test("a refund that is reversed is taken back; an earlier one is not, once another followed")
    func ofRefund() {
        var town = Town()
        let id = town.settle([Town.Item(units: 3, fen: 1000)], key: Town.key(900))
        #expect(town.refund(id, [(0, 1)]).code == .approved)
        let first = Town.key(town.stan)
        let after = town.books
        #expect(town.refund(id, [(0, 2)]).undone?.state == .refunded)
        let second = Town.key(town.stan)
        #expect(town.reverse(first, fen: 0).reason == .furtherActivity)
        #expect(town.reverse(second, fen: 999).code == .originalAmountDiffers)
        #expect(town.reverse(second, fen: 2000).undone?.state == .partlyRefunded)
        #expect(town.books == after)
        #expect(town.refund(id, [(0, 3)]).reason == .aboveRemaining)
        #expect(town.refund(id, [(0, 2)]).undone?.state == .refunded)
    }

    @Test(
        """
        a void is not taken back where its money was spent, its package sold, its family limit \
        or cap used since
        """
    )
    func obstacles() {
        var spent = Town()
        let sale = spent.settle(
            [Town.Item(fen: 9000)], visit: .pharmacyPurchase,
            key: Town.key(900, at: Town.pharmacy))
        #expect(spent.void(sale, fen: 9000, at: Town.pharmacy).code == .approved)
        let voidKey = Town.key(spent.stan, at: Town.pharmacy)
        spent.settle(
            [Town.Item(fen: 5000)], visit: .pharmacyPurchase,
            key: Town.key(901, at: Town.pharmacy))
        #expect(spent.reverse(voidKey, fen: 9000).code == .insufficientFunds)
        #expect(spent.balance == 5000)

        var sold = Town()
        let package = sold.settle([Town.Item(fen: 100, trace: ["P1"])], key: Town.key(900))
        #expect(sold.void(package, fen: 100).code == .approved)
        let soldVoid = Town.key(sold.stan)
        sold.settle([Town.Item(fen: 100, trace: ["P1"])], key: Town.key(901))
        let refused = sold.reverse(soldVoid, fen: 100)
        #expect(refused.code == .noActionTaken && refused.reason == .traceCodeUsed)

        var family = Town()
        family.link(limit: 5000)
        let shared = family.settle(
            [Town.Item(fen: 14_000)], visit: .pharmacyPurchase,
            key: Town.key(900, at: Town.pharmacy))
        #expect(family.split(of: shared).family.fen == 4000)
        #expect(family.void(shared, fen: 14_000, at: Town.pharmacy).code == .approved)
        let familyVoid = Town.key(family.stan, at: Town.pharmacy)
        family.settle(
            [Town.Item(fen: 12_000)], visit: .pharmacyPurchase,
            key: Town.key(901, at: Town.pharmacy))
        family.register([.credit(Town.credit(Town.person, 50_000, "more"))])
        let limited = family.reverse(familyVoid, fen: 14_000)
        #expect(limited.code == .amountLimit && limited.reason == .familyLimit)

        var capped = Town()
        capped.register([.credit(Town.credit(Town.person, 500_000, "more"))])
        let visit = capped.settle([Town.Item(fen: 120_000)], key: Town.key(900))
        #expect(capped.void(visit, fen: 120_000).code == .approved)
        let cappedVoid = Town.key(capped.stan)
        capped.settle([Town.Item(fen: 120_000)], key: Town.key(901))
        let over = capped.reverse(cappedVoid, fen: 120_000)
        #expect(over.code == .amountLimit && over.reason == .annualCap)
    }

    @Test("neither void nor refund is taken back where a plan's cap of the year was used since")
    func plansCap() {
        let plan = Town.make("CORP-A") { PlanID("CORP-A") }
        for isVoid in [true, false] {
            var town = Town()
            var person = Town.insured(Town.person, "99010019800101001")
            person.person.plans = [plan]
            // All is below the deductible, and the plan pays half of that.
            let policy = Policy(
                region: Town.region, version: PolicyVersion(rawValue: 2),
                effectiveFrom: Town.date(20_260_101), visitBenefits: [.outpatient: .outpatient],
                benefits: [
                    BenefitRule(deductible: Money(fen: 1_000_000), ratio: Town.ratio(7000))
                ], caps: [CapRule(pooledCap: Money(fen: 100_000))],
                plans: [
                    SupplementaryPlan(
                        id: plan, ratio: Town.ratio(5000), annualCap: Money(fen: 6_000))
                ])
            town.register([
                .person(person), .policy(PolicyRow(policy: policy)),
                .credit(Town.credit(Town.person, 500_000, "more")),
            ])
            let visit = town.settle([Town.Item(units: 2, fen: 4_000)], key: Town.key(900))
            #expect(town.split(of: visit).supplement.fen == 4_000)
            let undone =
                isVoid ? town.void(visit, fen: 8_000) : town.refund(visit, [(0, 1)])
            #expect(undone.code == .approved)
            let undoing = Town.key(town.stan)
            let later = town.settle([Town.Item(fen: 8_000)], key: Town.key(901))
            #expect(town.split(of: later).supplement.fen == 4_000)
            let before = town.books
            let over = town.reverse(undoing, fen: isVoid ? 8_000 : 4_000)
            #expect(over.code == .amountLimit && over.reason == .annualCap)
            #expect(town.books == before)
            // Once there is room again it is.
            #expect(town.void(later, fen: 8_000).code == .approved)
            #expect(town.reverse(undoing, fen: isVoid ? 8_000 : 4_000).code == .approved)
            #expect(town.split(of: visit).supplement.fen == 4_000)
        }
    }
}
