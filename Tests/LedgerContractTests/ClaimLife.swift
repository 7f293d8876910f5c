import Ledger
import SettlementDomain
import TestSupport

/// What a counter does with claims, and a hospital with the same bills, drawn from a seed.
struct ClaimLife {
    static let counter = SyntheticLedger.terminal(7)
    private static let agency: InstitutionID = SyntheticLedger.checked(
        InstitutionID("A99010000001"))

    /// The agency and its counter, beside the village's own.
    static let site: [Registration] = [
        .institution(
            InstitutionRow(
                institution: Institution(
                    id: agency, name: "Agency", kind: .agency, level: .unrated,
                    region: SyntheticLedger.region))),
        .terminal(
            TerminalRow(id: counter, institution: agency, role: .counter, blocked: false)),
    ]

    /// The date part of the keys to come, and the last service date.
    var date = Village.date
    private var random: SplitMix
    private var stan: UInt32 = 500_000

    init(seed: UInt64) {
        random = SplitMix(seed: seed &+ 77)
    }

    mutating func below(_ limit: Int) -> Int { Int(random.next() % UInt64(limit)) }

    /// The next request, mostly about one of these claims.
    mutating func next(_ claims: [ClaimRow], _ settlements: [SettlementRow] = []) -> LedgerRequest {
        let claim = claims.sorted { $0.id < $1.id }.suffix(6).randomElement(using: &random)
        switch below(14) {
        case 0: return settle()
        case 1:
            let bill = settlements.filter { $0.billNumber != nil }
                .sorted { $0.id.key < $1.id.key }.suffix(5).randomElement(using: &random)
            guard let bill else { return settle() }
            return request(
                .void(
                    VoidCommand(settlement: bill.id, card: bill.card, total: bill.split.total)),
                at: Village.terminals[0])
        case 2, 3: return request(.claim(.submit(submission())), at: Self.counter)
        case 4: return byOperator(claim)
        default:
            guard let claim else {
                return request(.claim(.submit(submission())), at: Self.counter)
            }
            return request(.claim(step(of: claim)), at: Self.counter)
        }
    }

    private mutating func byOperator(_ claim: ClaimRow?) -> LedgerRequest {
        guard let claim else { return settle() }
        return .byOperator(.register([.lapse(claim.id)], dryRun: false), on: date)
    }

    private mutating func request(_ command: Command, at terminal: TerminalID) -> LedgerRequest {
        stan += 1
        return LedgerRequest(
            key: RequestKey(terminal: terminal, date: date, stan: stan), terminalTime: 0,
            content: Digest(words: (UInt64(stan), 0, 0, 0)), voucher: [], command: command)
    }

    /// Mostly the step that fits.
    private mutating func step(of claim: ClaimRow) -> ClaimCommand {
        let paper = ClaimDocument(kind: .prescription, sheets: UInt16(1 + below(3)))
        let clerk = below(8) == 0 ? "C0" : "C1"
        if below(20) == 0 { return .review(claim.id, clerk: clerk, .withdraw(text: "")) }
        switch claim.state {
        case .submitted: return .review(claim.id, clerk: clerk, .takeUp)
        case .documentsWanted:
            return .review(claim.id, clerk: clerk, .supplement([paper], text: ""))
        case .approved: return .pay(claim.id, clerk: clerk, reference: "B-\(stan)")
        case .inReview where below(4) == 0:
            return .review(claim.id, clerk: clerk, .wantDocuments([paper], text: "more"))
        case .inReview where below(5) == 0:
            return .decide(claim.id, clerk: clerk, .refuse(text: "no"))
        default:
            let bill = below(claim.bills.count)
            let disallowed = Disallowance(
                bill: bill, line: below(claim.bills[bill].lines.count),
                amount: below(2) == 0 ? nil : Money(fen: Int64(1 + below(900))), text: "too many")
            let share = SyntheticLedger.checked(
                Ratio(tenThousandths: below(3) == 0 ? 8_000 : 10_000))
            return .decide(
                claim.id, clerk: clerk,
                .approve(share: share, below(3) == 0 ? [disallowed] : []))
        }
    }

    private mutating func submission() -> ClaimSubmission {
        let paper = ClaimDocument(kind: .invoice, sheets: 1)
        let check = IdentityCheck(
            document: .passport, number: "E1", clerk: "C0", proxy: nil)
        let card = Village.card(below(4))
        return ClaimSubmission(
            asking: Asking(subject: .card(card), authority: .documents(check)), clerk: "C0",
            bills: (0...below(3)).map { _ in bill() }, documents: [paper], payee: .card(card))
    }

    private mutating func bill() -> SubmittedBill {
        let lines = lines()
        let known = below(2) == 0 ? Village.hospital : nil
        return SubmittedBill(
            bill: ClaimBill(
                place: ClaimPlace(
                    institution: known, code: known?.text ?? "FAR", name: "Far", kind: .hospital,
                    level: .level2),
                number: "B\(below(150))", serviceDate: date.adding(days: -below(32)),
                visitType: below(3) == 0 ? .inpatient : .outpatient, diagnosis: nil, lines: [],
                total: lines.reduce(Money.zero) { $0 + $1.amount }),
            lines: lines)
    }

    /// A hospital's bill with a number that a claim may have too.
    private mutating func settle() -> LedgerRequest {
        let lines = lines()
        var command = SettleCommand(
            card: Village.card(below(4)), proof: .value(Village.pin),
            visitType: .outpatient, total: lines.reduce(Money.zero) { $0 + $1.amount },
            catalogVersion: nil, lines: lines, serviceDate: nil, partialAllowed: true,
            accountLimit: nil, quoteDigest: 0)
        command.billNumber = below(3) > 0 ? "B\(below(150))" : nil
        return request(.settle(command), at: Village.terminals[0])
    }

    private mutating func lines() -> [RequestLine] {
        (0...below(3)).map { _ in
            let units = Int64(below(3) + 1)
            let fen = Int64(below(9_000) + 1)
            let item = Village.codes[below(3)]
            return RequestLine(
                item: .code(item), quantity: Quantity(thousandths: units * 1000),
                unitPrice: UnitPrice(tenThousandths: fen * 100), amount: Money(fen: fen * units),
                courseDays: item == Village.codes[2] ? UInt32(below(12) + 1) : nil,
                traceCodes: below(4) == 0 ? [Village.traceCodes[below(6)]] : [])
        }
    }
}
