import Ledger
import SettlementDomain
import Testing

@Suite("Refusals: their order, and that none of them posts anything")
struct RefusalTests {
    /// Every fault a settle request can have, in the order of Protocol/ResponseCodes.md.
    struct Fault: Sendable, CustomTestStringConvertible {
        var name: String
        var code: ResponseCode
        var reason: Reason
        var apply: @Sendable (inout SettleCommand, inout Town) -> Void
        var testDescription: String { name }
    }

    static let ladder: [Fault] = [
        Fault(name: "terminal blocked", code: .notPermittedToTerminal, reason: .terminalBlocked) {
            $1.register([
                .terminal(
                    Town.terminalRow(Town.pharmacy, "P99010000001", .pharmacy, blocked: true))
            ])
        },
        Fault(
            name: "institution suspended", code: .institutionInvalid,
            reason: .institutionSuspended
        ) {
            $1.register([
                .institution(
                    Town.institution(
                        "P99010000001", "Spring Pharmacy", .pharmacy, .unrated,
                        contract: .suspended))
            ])
        },
        Fault(name: "visit type", code: .invalidTransaction, reason: .visitTypeNotPermitted) {
            command, _ in command.visitType = .inpatient
        },
        Fault(name: "service date", code: .invalidTransaction, reason: .serviceDateInvalid) {
            command, _ in command.serviceDate = Town.date(20_261_124)
        },
        Fault(name: "catalog index", code: .invalidTransaction, reason: .catalogIndexUnknown) {
            command, _ in command.lines[0].item = .index(99)
        },
        Fault(name: "line amount", code: .invalidAmount, reason: .lineAmountInvalid) {
            command, _ in command.lines[0].amount = Money(fen: 777)
        },
        Fault(name: "total", code: .invalidAmount, reason: .totalDiffers) {
            command, _ in command.total = Money(fen: 1)
        },
        Fault(name: "check digit", code: .noSuchCard, reason: .cardNumberInvalid) { command, _ in
            command.card = nil
        },
        Fault(
            name: "too many wrong PINs", code: .notPermittedToTerminal, reason: .tooManyWrongPINs
        ) { command, _ in command.proof = .withheld },
        Fault(name: "PIN block", code: .pinBlockUnusable, reason: .pinBlockUnusable) {
            command, _ in command.proof = .unusable
        },
        Fault(name: "card unknown", code: .noSuchCard, reason: .cardUnknown) { command, _ in
            command.card = Town.card("622848000000009")
        },
        Fault(name: "card lost", code: .cardLost, reason: .cardLost) { _, town in
            town.rows.cards[Town.card]?.state = .lost
        },
        Fault(name: "card expired", code: .cardExpired, reason: .cardExpired) { _, town in
            town.rows.cards[Town.card]?.expires = Town.date(20_261_122)
        },
        Fault(name: "PIN locked", code: .pinTriesExceeded, reason: .pinLocked) { _, town in
            town.rows.cards[Town.card]?.triesFailed = 3
        },
        Fault(name: "wrong PIN", code: .wrongPIN, reason: .pinWrong) { command, _ in
            command.proof = .value(
                PINVerification(keyID: 1, high: 1, low: 1))
        },
        Fault(name: "person frozen", code: .notPermittedToPerson, reason: .benefitFrozen) {
            _, town in town.rows.persons[Town.person]?.frozen = true
        },
        Fault(name: "no policy", code: .invalidTransaction, reason: .noPolicyForRegion) {
            _, town in
            town.rows.persons[Town.person]?.person.region =
                Town.make("region") { RegionCode(rawValue: 990_200) }
        },
        Fault(name: "stale quote", code: .quoteStale, reason: .quoteDiffers) { command, _ in
            command.quoteDigest = 12345
        },
        Fault(name: "funds", code: .insufficientFunds, reason: .insufficientFunds) { _, town in
            town.rows.accounts[Town.person]?.balance = .zero
        },
    ]

    @Test("each refusal is reached and moves no money", arguments: ladder)
    func reached(_ fault: Fault) {
        var town = Town()
        var command = Town.bill(fen: 1500)
        fault.apply(&command, &town)
        let balance = town.balance
        let outcome = town.decide(.settle(command), at: Town.pharmacy)
        #expect(outcome.code == fault.code && outcome.reason == fault.reason)
        #expect(town.balance == balance)
        #expect(town.rows.settlements.isEmpty)
        #expect(
            town.rows.entries.last?.postings.isEmpty == true || fault.code == .pinBlockUnusable
                || fault.reason == .tooManyWrongPINs)
    }

    @Test("of two faults the earlier one of the ladder is answered")
    func order() {
        for (first, fault) in Self.ladder.enumerated() {
            for later in Self.ladder[(first + 1)...] {
                // Two that set the same field cannot hold together.
                if fault.name.hasPrefix("card unknown") && later.name.hasPrefix("card") { continue }
                if fault.name == "check digit" && later.name == "card unknown" { continue }
                if fault.code == .pinBlockUnusable && later.code == .wrongPIN { continue }
                if fault.name == "line amount" && later.name == "total" { continue }
                var town = Town()
                var command = Town.bill(fen: 1500)
                later.apply(&command, &town)
                fault.apply(&command, &town)
                let outcome = town.decide(.settle(command), at: Town.pharmacy)
                #expect(
                    outcome.reason == fault.reason, "\(fault.name) comes before \(later.name)")
            }
        }
    }

    @Test("wrong, wrong, right: approved and the count is zero again")
    func rightInTime() {
        var town = Town()
        var wrong = Town.bill(fen: 100)
        wrong.proof = .value(PINVerification(keyID: 1, high: 0, low: 0))
        #expect(town.decide(.settle(wrong), at: Town.pharmacy).triesLeft == 2)
        #expect(town.decide(.quote(wrong), at: Town.pharmacy).triesLeft == 1)
        #expect(town.decide(.settle(Town.bill(fen: 100)), at: Town.pharmacy).code == .approved)
        #expect(town.rows.cards[Town.card]?.triesFailed == 0)
    }

    @Test("three wrong PINs lock the card; the right PIN is then refused too")
    func locked() {
        var town = Town()
        var wrong = Town.bill(fen: 100)
        wrong.proof = .value(PINVerification(keyID: 1, high: 0, low: 0))
        town.decide(.settle(wrong), at: Town.pharmacy)
        town.decide(.inquire(CardInquiry(card: Town.card, proof: wrong.proof)), at: Town.pharmacy)
        #expect(town.decide(.settle(wrong), at: Town.pharmacy).code == .pinTriesExceeded)
        #expect(
            town.decide(.settle(Town.bill(fen: 100)), at: Town.pharmacy).code
                == .pinTriesExceeded)
        #expect(town.balance == 10_000)
    }

    @Test("a network retry of a wrong PIN costs no second try")
    func retryOfWrongPIN() {
        var town = Town()
        var wrong = Town.bill(fen: 100)
        wrong.proof = .value(PINVerification(keyID: 1, high: 0, low: 0))
        let key = RequestKey(terminal: Town.pharmacy, date: Town.today, stan: 500)
        for _ in 0..<5 { _ = town.decide(.settle(wrong), key: key) }
        #expect(town.rows.cards[Town.card]?.triesFailed == 1)
    }

    @Test("a PIN that is not looked at costs no try, is not recorded, and hides no recorded answer")
    func withheld() {
        var town = Town()
        var sale = Town.bill(fen: 100)
        let (first, second) = (
            RequestKey(terminal: Town.pharmacy, date: Town.today, stan: 500),
            RequestKey(terminal: Town.pharmacy, date: Town.today, stan: 501)
        )
        #expect(town.decide(.settle(sale), key: first).code == .approved)
        let entries = town.rows.entries.count
        sale.proof = .withheld
        #expect(town.decide(.settle(sale), key: second).reason == .tooManyWrongPINs)
        #expect(town.decide(.settle(sale), key: first).replayed)
        #expect(town.rows.entries.count == entries)
        #expect(town.rows.cards[Town.card]?.triesFailed == 0)
        sale.proof = Town.bill(fen: 100).proof
        #expect(town.decide(.settle(sale), key: second).code == .approved)
    }

    @Test("an entry counts a wrong PIN where the card's count went up, and nowhere else")
    func countsWrongPIN() {
        var town = Town()
        var wrong = Town.bill(fen: 100)
        wrong.proof = .value(PINVerification(keyID: 1, high: 0, low: 0))
        let sales = [wrong, Town.bill(fen: 100), wrong, wrong, wrong, wrong, Town.bill(fen: 100)]
        let counted = sales.map { sale in
            town.decide(.settle(sale), at: Town.pharmacy)
            return town.rows.entries.last?.countsWrongPIN
        }
        #expect(counted == [true, false, true, true, true, false, false])
    }

    @Test("a key's date after the business date, or 32 days before it, is refused and not recorded")
    func keyDates() {
        var town = Town()
        let entries = town.rows.entries.count
        for day in [Town.today.adding(days: 1), Town.today.adding(days: -32)] {
            let outcome = town.decide(.settle(Town.bill(fen: 1)), at: Town.pharmacy, on: day)
            #expect(outcome.reason == .businessDateUnknown)
        }
        #expect(town.rows.entries.count == entries)
        let yesterday = Town.today.adding(days: -1)
        let late = town.decide(.settle(Town.bill(fen: 1)), at: Town.pharmacy, on: yesterday)
        #expect(late.code == .approved && late.businessDate == Town.today)
    }

    @Test("the status of a key says never seen, refused or approved, with the recorded response")
    func status() {
        var town = Town()
        func status(_ stan: UInt32) -> StatusAnswer? {
            let key = RequestKey(terminal: Town.pharmacy, date: Town.today, stan: stan)
            guard
                case .status(let answer) =
                    town.decide(.status(key), at: Town.pharmacy).payload
            else { return nil }
            return answer
        }
        #expect(status(700)?.state == .neverSeen)
        for (stan, fen) in [(701, 100), (702, 99_999)] as [(UInt32, Int64)] {
            _ = town.decide(
                .settle(Town.bill(fen: fen)),
                key: RequestKey(terminal: Town.pharmacy, date: Town.today, stan: stan))
        }
        #expect(status(701)?.state == .approved && status(701)?.kind == .settle)
        #expect(status(702)?.state == .refused && status(702)?.response.isEmpty == false)
    }
}
