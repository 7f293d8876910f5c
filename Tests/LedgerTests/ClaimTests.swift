import Ledger
import SettlementDomain
import Testing

@Suite("Claims: from the submission to the payment")
struct ClaimTests {
    private static func town() -> Town {
        var town = Town()
        town.addAgency()
        return town
    }

    @Test("a claim goes from submission through review and approval to its payment, once")
    func wholeLife() throws {
        var town = Self.town()
        let submitted = try #require(town.submit([Town.claimed("A-1", [.init(fen: 60_000)])]).claim)
        #expect(submitted.state == .submitted && submitted.due == Town.today.adding(days: 30))
        let id = submitted.id
        #expect(town.approve(id).reason == .claimStateDiffers)
        #expect(town.review(id, .takeUp).claim?.state == .inReview)
        #expect(town.review(id, .takeUp).reason == .claimStateDiffers)
        let approved = try #require(town.approve(id).claim)
        // 600.00: deductible 100.00, then 70 %.
        #expect(approved.state == .approved && approved.approved.fen == 35_000)
        #expect(approved.awards.first?.split.deductible.fen == 10_000)
        #expect(town.owedToPerson == 35_000)
        #expect(town.approve(id).reason == .claimStateDiffers)
        #expect(town.pay(id).claim?.state == .paid)
        #expect(town.owedToPerson == 0 && town.books.sums["bank"] == 35_000)
        #expect(town.pay(id).reason == .claimStateDiffers)
        #expect(town.books.sums["bank"] == 35_000)
        let steps = town.rows.claims[id]?.events.map(\.step)
        #expect(steps == [.submit, .takeUp, .approve, .pay])
        #expect(town.rows.claims[id]?.events.map(\.clerk) == ["C001", "C002", "C002", "C003"])
        #expect(town.balance == 10_000)
    }

    @Test("the clerk who took a claim in does not decide it")
    func independent() {
        var town = Self.town()
        let id = town.claimInReview([Town.claimed("A-1", [.init(fen: 60_000)])])
        let own = town.approve(id, clerk: "C001")
        #expect(own.code == .notPermittedToTerminal && own.reason == .clerkNotIndependent)
        #expect(town.refuse(id, clerk: "C001").reason == .clerkNotIndependent)
        #expect(town.approve(id).code == .approved)
    }

    @Test("bills use up the year's deductible and cap in the order of their service dates")
    func inOrder() throws {
        var town = Self.town()
        let id = town.claimInReview([
            Town.claimed("late", [.init(fen: 100_000)], on: Town.date(20_261_120)),
            Town.claimed("early", [.init(fen: 100_000)], on: Town.date(20_261_101)),
        ])
        let awards = try #require(town.approve(id).claim?.awards)
        #expect(awards.map(\.split.deductible.fen) == [0, 10_000])
        // 630.00, then up to the cap of 1,000.00; the rest of the base pays 50 %.
        #expect(awards[1].split.pooled.fen == 63_000 && awards[0].split.pooled.fen == 37_000)
        #expect(awards[0].split.large.fen == 23_571)
        // A settlement after it finds the limits used.
        let paid = try #require(
            town.decide(
                .settle(Town.bill([.init(fen: 10_000)])), at: Town.hospital
            ).settled)
        #expect(paid.split.deductible == .zero && paid.split.pooled == .zero)
        #expect(paid.split.large.fen == 5_000)
    }

    @Test("what the reviewer does not accept is no part of what the rules see")
    func disallowed() throws {
        var town = Self.town()
        let id = town.claimInReview([
            Town.claimed("A-1", [.init(fen: 30_000), .init(fen: 20_000), .init(fen: 9_000)])
        ])
        let claim = try #require(
            town.approve(
                id,
                [
                    Disallowance(bill: 0, line: 0, amount: Money(fen: 10_000), text: "one unit"),
                    Disallowance(bill: 0, line: 2, amount: nil, text: "no prescription"),
                ]
            ).claim)
        let split = try #require(claim.awards.first?.split)
        #expect(split.inScope.fen == 40_000 && split.pooled.fen == 21_000)
        #expect(split.excluded.fen == 19_000 && split.total.fen == 59_000)
        let reasons = split.parts.map(\.reason)
        #expect(reasons == [.levelA, .notAccepted, .levelA, .notAccepted])
        #expect(split.parts.map(\.amount.fen) == [20_000, 10_000, 20_000, 9_000])
        #expect(split.brokenIdentity() == nil)
    }

    @Test("a reduced share lowers the ratios of both funds and nothing else")
    func share() throws {
        var town = Self.town()
        let id = town.claimInReview([Town.claimed("A-1", [.init(fen: 60_000)])])
        let award = try #require(town.approve(id, share: Town.ratio(8000)).claim?.awards.first)
        // 56 % of 500.00.
        #expect(award.split.pooled.fen == 28_000 && award.split.deductible.fen == 10_000)
        #expect(award.share == Town.ratio(8000))
    }

    @Test("what is disallowed must be a line, once, within its amount")
    func disallowedRefused() {
        var town = Self.town()
        let id = town.claimInReview([Town.claimed("A-1", [.init(fen: 30_000)])])
        func item(_ bill: Int, _ line: Int, _ fen: Int64?) -> Disallowance {
            Disallowance(bill: bill, line: line, amount: fen.map { Money(fen: $0) }, text: "x")
        }
        for wrong in [
            [item(1, 0, nil)], [item(0, 1, nil)], [item(0, 0, 30_001)], [item(0, 0, -1)],
            [item(0, 0, 1), item(0, 0, nil)],
        ] {
            let outcome = town.approve(id, wrong)
            #expect(outcome.code == .invalidAmount && outcome.reason == .fieldOutOfRange)
        }
        #expect(town.rows.claims[id]?.state == .inReview)
    }

    @Test("wanted documents bring a claim back to review; too late, it has lapsed")
    func documents() {
        var town = Self.town()
        let bills = [Town.claimed("A-1", [.init(fen: 60_000)])]
        let id = town.claimInReview(bills)
        let prescription = ClaimDocument(kind: .prescription, sheets: 1)
        let wanted = town.review(id, .wantDocuments([prescription], text: "of 3 November"))
        #expect(wanted.claim?.state == .documentsWanted)
        #expect(wanted.claim?.due == Town.today.adding(days: 15))
        #expect(town.approve(id).reason == .claimStateDiffers)
        let brought = town.review(id, .supplement([prescription], text: ""))
        #expect(brought.claim?.state == .inReview && brought.claim?.documents.count == 2)
        town.review(id, .wantDocuments([prescription], text: "the back too"))
        town.rows.reference.businessDate = Town.today.adding(days: 16)
        let late = town.review(id, .supplement([prescription], text: ""))
        #expect(late.code == .invalidTransaction && late.detail.contains("lapsed"))
        #expect(town.rows.claims[id]?.state == .lapsed)
        #expect(town.rows.claims[id]?.events.last?.step == .lapse)
        // Its bill is free again.
        #expect(town.submit(bills).claim?.state == .submitted)
    }

    @Test("an operator's run ends only claims whose documents are late")
    func lapseRun() {
        var town = Self.town()
        let id = town.claimInReview([Town.claimed("A-1", [.init(fen: 60_000)])])
        #expect(town.results(of: [.lapse(id)]) == [.unchanged])
        town.review(id, .wantDocuments([Town.invoice], text: ""))
        town.rows.reference.businessDate = Town.today.adding(days: 15)
        #expect(town.results(of: [.lapse(id)]) == [.unchanged])
        town.rows.reference.businessDate = Town.today.adding(days: 16)
        #expect(town.results(of: [.lapse(id)]) == [.changed])
        #expect(town.results(of: [.lapse(id)]) == [.unchanged])
        #expect(town.rows.claims[id]?.state == .lapsed)
        #expect(town.results(of: [.lapse(ClaimID(Town.key(9)))]).first?.isRefused == true)
    }

    @Test("a withdrawn or refused claim pays nothing and lets its bills go")
    func withdrawn() {
        var town = Self.town()
        let bills = [Town.claimed("A-1", [.init(fen: 60_000)])]
        let first = town.claimInReview(bills)
        #expect(town.submit(bills).reason == .billClaimed)
        #expect(town.review(first, .withdraw(text: "paid by an insurer")).code == .approved)
        let second = town.claimInReview(bills)
        #expect(town.refuse(second).claim?.state == .refused)
        #expect(town.pay(second).reason == .claimStateDiffers)
        #expect(town.submit(bills).code == .approved)
        #expect(town.owedToPerson == 0 && town.books.sums["bank"] == nil)
    }

    @Test("a claim of which the funds pay nothing is approved, and there is nothing to pay")
    func nothing() {
        var town = Self.town()
        let id = town.claimInReview([Town.claimed("A-1", [.init(fen: 6_000)])])
        #expect(town.approve(id).claim?.approved == .zero)
        #expect(town.pay(id).reason == .nothingToPay)
    }

    @Test("a frozen person's claim is not approved")
    func frozen() {
        var town = Self.town()
        let id = town.claimInReview([Town.claimed("A-1", [.init(fen: 60_000)])])
        town.rows.persons[Town.person]?.frozen = true
        #expect(town.approve(id).reason == .benefitFrozen)
    }

    @Test("only the agency that took a claim in goes on with it, and only at a counter")
    func otherAgency() {
        var town = Self.town()
        let id = town.claimInReview([Town.claimed("A-1", [.init(fen: 60_000)])])
        let other = Town.terminal("A0000002")
        town.register([
            .institution(Town.institution("A99010000002", "Other Agency", .agency, .unrated)),
            .terminal(Town.terminalRow(other, "A99010000002", .counter)),
        ])
        let refused = town.decide(
            .claim(.decide(id, clerk: "C002", .refuse(text: "x"))), at: other)
        #expect(refused.reason == .otherInstitution)
        let elsewhere = town.decide(
            .claim(.review(id, clerk: "C002", .withdraw(text: ""))), at: Town.hospital)
        #expect(elsewhere.reason == .roleNotPermitted)
        let unknown = town.review(ClaimID(Town.key(9)), .takeUp)
        #expect(unknown.code == .originalNotFound && unknown.reason == .claimUnknown)
    }

    @Test("each step is in the person's access log, with the clerk")
    func accessLog() {
        var town = Self.town()
        let id = town.claimInReview([Town.claimed("A-1", [.init(fen: 60_000)])])
        town.approve(id)
        let rights = town.rows.entries.flatMap(\.accesses)
            .filter { $0.row.person == Town.person }.map(\.row.right)
        #expect(rights.suffix(2) == [.clerk("C002"), .clerk("C002")])
    }
}
