import Ledger
import SettlementDomain
import Testing

@Suite("Claims: which bills are taken, and no bill twice")
struct ClaimBillTests {
    private static func town() -> Town {
        var town = Town()
        town.addAgency()
        return town
    }

    @Test("a submission is refused with the field and reason of what is wrong")
    func refusals() {
        var town = Self.town()
        func reason(_ bills: [SubmittedBill], payee: Payee? = .card(Town.card)) -> Reason {
            let outcome = town.submit(bills, payee: payee)
            #expect(!outcome.code.isApproval)
            return outcome.reason
        }
        let good = Town.claimed("A-1", [.init(fen: 100)])
        #expect(reason([Town.claimed("A-1", [])]) == .linesOutOfRange)
        let many = (0..<3).map { number in
            Town.claimed("\(number)", Array(repeating: .init(fen: 1), count: 70))
        }
        #expect(reason(many) == .linesOutOfRange)
        #expect(reason([good], payee: .card(Town.card("622848000000999"))) == .cardUnknown)
        #expect(
            reason([Town.claimed("A-1", [.init(fen: 100)], on: Town.date(20_261_124))])
                == .serviceDateInvalid)
        #expect(
            reason([Town.claimed("A-1", [.init(fen: 100)], on: Town.date(20_251_122))])
                == .serviceDateInvalid)
        var wrong = good
        wrong.bill.total = Money(fen: 99)
        #expect(reason([wrong]) == .totalDiffers)
        var hidden = good
        // A bill that was settled there without a number is found by the place alone.
        let code = Town.northHospital.text
        let wide = String(
            String.UnicodeScalarView(
                code.unicodeScalars.compactMap { Unicode.Scalar($0.value + 0xfee0) }))
        for spelled in [
            code, code.lowercased(), " \(code)", "\(code.prefix(4)) \(code.dropFirst(4))", wide,
        ] {
            hidden.bill.place.code = spelled
            #expect(reason([hidden]) == .placeKnown, "\(spelled)")
        }
        let nowhere = Town.make("N") { InstitutionID("N99010000009") }
        #expect(
            reason([Town.claimed("A-1", [.init(fen: 100)], known: nowhere)])
                == .institutionUnknown)
        #expect(reason([good, good]) == .billClaimed)
        var indexed = good
        indexed.lines[0].item = .index(0)
        #expect(reason([indexed]) == .catalogVersionUnknown)
        #expect(town.rows.claims.isEmpty && town.rows.bills.isEmpty)
    }

    @Test("a known institution's level is taken from the register, not from the claim")
    func knownPlace() {
        var town = Self.town()
        let claim = town.submit([
            Town.claimed("A-1", [.init(fen: 100)], known: Town.northHospital)
        ]).claim
        #expect(claim?.bills.first?.place.level == .level3)
        #expect(claim?.bills.first?.place.name == "North Hospital")
    }

    @Test("a bill that a terminal settled by its number is not claimed, until that is undone")
    func settledByNumber() {
        var town = Self.town()
        var command = Town.bill([.init(fen: 20_000)])
        command.billNumber = "B-7"
        let settled = Town.key(700)
        _ = town.decide(.settle(command), key: settled)
        #expect(town.outcome.code.isApproval)
        let bill = Town.claimed("B-7", [.init(fen: 55_000)], known: Town.northHospital)
        let refused = town.submit([bill])
        #expect(refused.code == .invalidTransaction && refused.reason == .billSettled)
        #expect(refused.detail.contains(SettlementID(settled).description))
        // Nor settled a second time.
        #expect(town.decide(.settle(command), at: Town.hospital).reason == .billSettled)
        #expect(town.decide(.quote(command), at: Town.hospital).reason == .billSettled)
        #expect(town.void(SettlementID(settled), fen: 20_000).code == .approved)
        let void = Town.key(town.stan)
        #expect(town.submit([bill]).code == .approved)
        // The void cannot be reversed any more: its bill is another's.
        let late = town.reverse(void, fen: 20_000)
        #expect(late.code == .noActionTaken && late.reason == .furtherActivity)
        #expect(town.decide(.settle(command), at: Town.hospital).reason == .billClaimed)
    }

    @Test("a bill number is the same bill in small letters, with spaces and in full width")
    func spelling() {
        let key = BillKey(code: "FAR-1", number: "INV-2026 77")
        #expect(key == BillKey(code: "far-1", number: " ｉｎｖ－２０２６77 "))
        #expect(key.number == "INV-202677")
        #expect(key != BillKey(code: "FAR-1", number: "INV-2026 78"))
        #expect(BillKey(code: "", number: "发票7").number == "发票7")
    }

    @Test("a bill's key spelled again is the same, whatever the characters")
    func spelledAgain() {
        let scalars = (0...0x1_ffff as ClosedRange<UInt32>).lazy.compactMap(Unicode.Scalar.init)
        for scalar in scalars where scalar.properties.changesWhenUppercased {
            let once = BillKey(code: "", number: String(Character(scalar))).number
            let twice = BillKey(code: "", number: once).number
            #expect(twice.utf8.elementsEqual(once.utf8))
        }
    }

    @Test("a reversed void takes its bill back, and a refund of everything lets it go")
    func billFollows() {
        var town = Self.town()
        var command = Town.bill([.init(fen: 20_000)])
        command.billNumber = "B-7"
        let id = SettlementID(Town.key(700))
        _ = town.decide(.settle(command), key: id.key)
        let key = BillKey(code: Town.northHospital.text, number: "B-7")
        #expect(town.rows.bills[key]?.holder == .settlement(id))
        #expect(town.void(id, fen: 20_000).code == .approved)
        #expect(town.rows.bills[key]?.holder == nil)
        #expect(town.reverse(Town.key(town.stan), fen: 20_000).code == .approved)
        #expect(town.rows.bills[key]?.holder == .settlement(id))
        #expect(town.refund(id, [(0, nil)]).code == .approved)
        #expect(town.rows.bills[key]?.holder == nil)
    }

    @Test("a bill that looks like a live settlement is claimed only as a distinct one")
    func looksLike() throws {
        var town = Self.town()
        let id = town.settle([.init(fen: 20_000)], key: Town.key(700))
        let bill = Town.claimed("B-8", [.init(fen: 20_000)], known: Town.northHospital)
        let refused = town.submit([bill])
        #expect(refused.reason == .billSettled && refused.detail.contains(id.description))
        let distinct = Town.claimed(
            "B-8", [.init(fen: 20_000)], known: Town.northHospital, distinctFrom: [id])
        #expect(town.submit([distinct]).code == .approved)
        #expect(town.void(id, fen: 20_000).code == .approved)
        let other = Town.claimed("B-9", [.init(fen: 20_000)], known: Town.northHospital)
        #expect(town.submit([other]).code == .approved)
    }

    @Test("a settlement between submission and decision keeps the claim from being approved")
    func settledMeanwhile() {
        var town = Self.town()
        let id = town.claimInReview([
            Town.claimed("B-8", [.init(fen: 20_000)], known: Town.northHospital)
        ])
        let settled = town.settle([.init(fen: 20_000)], key: Town.key(700))
        let refused = town.approve(id)
        #expect(refused.reason == .billSettled && refused.detail.contains(settled.description))
        #expect(town.void(settled, fen: 20_000).code == .approved)
        #expect(town.approve(id).code == .approved)
    }

    @Test("a stay's bill follows the deductible of the year's next stay, and counts as one")
    func stay() throws {
        var town = Self.town()
        town.register([.policy(Town.policy(from: Town.date(20_261_101)))])
        let first = town.claimInReview([
            Town.claimed("S-1", [.init(fen: 100_000)], visit: .inpatient)
        ])
        #expect(town.approve(first).claim?.awards.first?.split.deductible.fen == 30_000)
        let second = town.claimInReview([
            Town.claimed("S-2", [.init(fen: 100_000)], visit: .inpatient)
        ])
        #expect(town.approve(second).claim?.awards.first?.split.deductible.fen == 15_000)
    }

    @Test("a limited item that a claim paid for counts for the next bill")
    func limited() throws {
        var town = Self.town()
        let id = town.claimInReview([
            Town.claimed("A-1", [.init(code: Town.limited, units: 2, fen: 20_000)])
        ])
        #expect(town.approve(id).claim?.awards.first?.split.inScope.fen == 40_000)
        let outcome = town.decide(
            .settle(Town.bill([.init(code: Town.limited, units: 1, fen: 1_000)])),
            at: Town.hospital)
        #expect(outcome.settled?.split.parts.first?.reason == .restrictedFrequency)
    }

    @Test("a retried submission makes one claim and gets the same bytes")
    func retry() {
        var town = Self.town()
        let key = Town.key(900, at: Town.counter)
        let command = Command.claim(
            .submit(Town.submission([Town.claimed("A-1", [.init(fen: 100)])])))
        let first = town.decide(command, key: key)
        let again = town.decide(command, key: key)
        #expect(again.replayed && again.response == first.response)
        #expect(town.rows.claims.count == 1)
    }
}
