import Ledger
import SettlementDomain
import Testing

@Suite("Card services: PIN, loss, reissue")
struct CardServiceTests {
    @Test("a changed PIN pays, the old one does not")
    func change() {
        var town = Town()
        let new = PINVerification(keyID: 1, high: 8, low: 8)
        let outcome = town.serve(
            .changePIN(.value(new)), by: .pin(.value(Town.pin)))
        #expect(outcome.code == .approved)
        #expect(town.decide(.settle(Town.bill(fen: 100)), at: Town.pharmacy).code == .wrongPIN)
        var bill = Town.bill(fen: 100)
        bill.proof = .value(new)
        #expect(town.decide(.settle(bill), at: Town.pharmacy).code == .approved)
    }

    @Test("a wrong old PIN is counted and the PIN stays; the third locks")
    func wrongOldPIN() {
        var town = Town()
        let wrong = Authority.pin(.value(PINVerification(keyID: 1, high: 0, low: 0)))
        let new = PINProof.value(PINVerification(keyID: 1, high: 8, low: 8))
        let codes = (1...4).map { _ in town.serve(.changePIN(new), by: wrong).code }
        #expect(codes == [.wrongPIN, .wrongPIN, .pinTriesExceeded, .pinTriesExceeded])
        #expect(town.rows.cards[Town.card]?.verification == Town.pin)
    }

    @Test("at a counter the papers unlock a PIN; a PIN that is not locked is not unlocked")
    func unlock() {
        var town = Town()
        #expect(town.serve(.unlockPIN, by: Town.papers).reason == .pinNotLocked)
        var bill = Town.bill(fen: 100)
        bill.proof = .value(PINVerification(keyID: 1, high: 0, low: 0))
        for _ in 1...3 { town.decide(.settle(bill), at: Town.pharmacy) }
        #expect(
            town.decide(.settle(Town.bill(fen: 100)), at: Town.pharmacy).reason == .pinLocked)
        #expect(town.serve(.unlockPIN, by: Town.papers).code == .approved)
        #expect(town.decide(.settle(Town.bill(fen: 100)), at: Town.pharmacy).code == .approved)
    }

    @Test("a lost card pays nothing until the report is withdrawn at a counter")
    func loss() {
        var town = Town()
        #expect(town.serve(.withdrawLoss, by: Town.papers).reason == .cardNotLost)
        #expect(
            town.serve(.reportLoss, by: .pin(.value(Town.pin)), at: Town.pharmacy)
                .code == .approved)
        #expect(town.decide(.settle(Town.bill(fen: 100)), at: Town.pharmacy).code == .cardLost)
        #expect(town.serve(.reportLoss, by: Town.papers).code == .cardLost)
        #expect(town.serve(.withdrawLoss, by: Town.papers).code == .approved)
        #expect(town.decide(.settle(Town.bill(fen: 100)), at: Town.pharmacy).code == .approved)
    }

    @Test("the account follows the person to a new card; every old card is cancelled")
    func reissue() throws {
        var town = Town()
        let number = Town.card("622848000000009")
        let pin = PINVerification(keyID: 1, high: 5, low: 5)
        let step = CardServiceCommand.Step.reissue(
            CardServiceCommand.NewCard(
                number: number, expires: Town.date(20_351_231), pin: .value(pin)))
        let idNumber = try #require(town.rows.persons[Town.person]?.idNumber)
        town.rows.cardsOf[Town.person] = [Town.card]
        town.rows.holders[idNumber] = [Town.person]
        let outcome = town.serve(step, by: Town.papers, of: .idNumber(idNumber))
        guard case .cardService(let answer) = outcome.payload else {
            Issue.record("no answer: \(outcome)")
            return
        }
        #expect(answer.card.number == number && answer.cancelled.count == 1)
        #expect(
            town.decide(.settle(Town.bill(fen: 100)), at: Town.pharmacy).reason == .cardCancelled)
        var bill = Town.bill(fen: 100)
        bill.card = number
        bill.proof = .value(pin)
        #expect(town.decide(.settle(bill), at: Town.pharmacy).code == .approved)
        #expect(town.balance == 9_900)
        #expect(town.serve(step, by: Town.papers).reason == .cardNumberInUse)
    }

    @Test("a new card must expire after today and within twenty years")
    func expiry() {
        var town = Town()
        for day in [Town.today, Town.date(20_461_124), Town.date(20_470_101)] {
            let step = CardServiceCommand.Step.reissue(
                CardServiceCommand.NewCard(
                    number: Town.card("622848000000009"), expires: day, pin: .absent))
            #expect(town.serve(step, by: Town.papers).reason == .cardExpiryInvalid)
        }
        let last = CardServiceCommand.Step.reissue(
            CardServiceCommand.NewCard(
                number: Town.card("622848000000009"), expires: Town.date(20_461_123), pin: .absent))
        #expect(town.serve(last, by: Town.papers).code == .approved)
    }

    @Test("a new PIN that cannot be used is refused, unrecorded, whatever is wrong with its card")
    func unusableNewPIN() {
        var town = Town()
        town.addAgency()
        for (number, day) in [
            (nil, Town.date(20_351_231)), (Town.card, Town.date(20_351_231)),
            (Town.card("622848000000009"), Town.today),
        ] {
            let step = CardServiceCommand.Step.reissue(
                CardServiceCommand.NewCard(number: number, expires: day, pin: .unusable))
            let entries = town.rows.entries.count
            #expect(town.serve(step, by: Town.papers).reason == .pinBlockUnusable)
            #expect(town.rows.entries.count == entries)
        }
    }

    @Test("papers are for counters, gateway sessions for gateways, and nobody else")
    func rights() {
        var town = Town()
        town.addAgency()
        for terminal in [Town.pharmacy, Town.gateway] {
            let outcome = town.serve(.reportLoss, by: Town.papers, at: terminal)
            #expect(outcome.code == .notPermittedToTerminal)
            #expect(outcome.reason == .roleNotPermitted)
        }
        for terminal in [Town.pharmacy, Town.counter] {
            let outcome = town.serve(.reportLoss, by: .gatewaySession("S-1"), at: terminal)
            #expect(outcome.reason == .roleNotPermitted)
        }
        #expect(
            town.serve(.reportLoss, by: .gatewaySession("S-1"), at: Town.gateway).code == .approved)
    }

    @Test("a resident's ID must be the person's own, or with a power of attorney the agent's")
    func papers() throws {
        var town = Town()
        let agent = Town.idNumber("99010019900101001")
        let own = try #require(town.rows.persons[Town.person]?.idNumber)
        func check(_ number: IDNumber, until: Int32?) -> Outcome {
            let proxy = until.map {
                PowerOfAttorney(
                    agentName: "代理人", agentIDNumber: agent, reference: "PoA-1",
                    validUntil: Town.date($0))
            }
            return town.serve(
                .reportLoss,
                by: .documents(
                    IdentityCheck(
                        document: .residentID, number: number.clearText, clerk: "C1",
                        proxy: proxy)))
        }
        #expect(check(agent, until: nil).reason == .documentDiffers)
        #expect(check(own, until: 20_261_231).reason == .documentDiffers)
        #expect(check(agent, until: 20_261_122).reason == .proxyExpired)
        #expect(check(agent, until: 20_261_123).code == .approved)
    }

    @Test("every service that was let in is in the person's access log; a refused one is not")
    func accessLog() {
        var town = Town()
        _ = town.serve(.unlockPIN, by: .gatewaySession("S"))
        #expect(town.rows.entries.flatMap(\.accesses).isEmpty)
        _ = town.serve(.reportLoss, by: Town.papers)
        let access = town.rows.entries.flatMap(\.accesses).last
        #expect(access?.row.person == Town.person && access?.kind == .lossReport)
        guard case .documents(let check) = access?.row.right else {
            Issue.record("not by documents")
            return
        }
        #expect(check.clerk == "C1")
    }
}

extension Town {
    static let counter = terminal("A0000001")
    static let gateway = terminal("G0000001")

    /// Another's passport that a clerk has seen.
    static let papers = Authority.documents(
        IdentityCheck(document: .passport, number: "E1234567", clerk: "C1", proxy: nil))

    mutating func addAgency() {
        guard rows.reference.terminals[Town.counter] == nil else { return }
        register([
            .institution(Town.institution("A99010000001", "Agency", .agency, .unrated)),
            .terminal(Town.terminalRow(Town.counter, "A99010000001", .counter)),
            .terminal(Town.terminalRow(Town.gateway, "A99010000001", .gateway)),
        ])
    }

    /// Decides a card service at the agency's counter.
    mutating func serve(
        _ step: CardServiceCommand.Step, by authority: Authority, of subject: Subject? = nil,
        at terminal: TerminalID = Town.counter
    ) -> Outcome {
        addAgency()
        let asking = Asking(subject: subject ?? .card(Town.card), authority: authority)
        return decide(.card(CardServiceCommand(asking: asking, step: step)), at: terminal)
    }
}
