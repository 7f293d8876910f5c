import Ledger
import SettlementDomain
import SettlementProtocol
import SettlementServer

/// Answers each request at once with one settle response: the daemon without queue, ledger and store.
struct FixedAnswers: RequestSink {
    private let router: ReplyRouter
    private let body: [UInt8]

    init(router: ReplyRouter, body: [UInt8]) {
        self.router = router
        self.body = body
    }

    func offer(_ requests: [PendingRequest]) -> Admission {
        router.send(
            requests.map { request in
                Reply(
                    origin: request.origin, body: body, code: .approved, reason: .none,
                    arrived: request.arrived)
            })
        return .accepted
    }

    /// A settle response of three lines, as large as a real one.
    static func settled() throws(BenchFault) -> [UInt8] {
        guard let date = CivilDate(yyyymmdd: 2026_11_23), let terminal = TerminalID("T0000001"),
            let region = RegionCode(rawValue: 310_000)
        else { throw BenchFault("no terminal") }
        var split = Split()
        split.total = Money(fen: 18_000)
        split.fullSelfPay = split.total
        split.personal = split.total
        split.payable = split.total
        split.account = split.total
        for line in 0..<3 {
            var part = LinePart(
                line: line, itemClass: .account, reason: .visitTypeNotPooled,
                quantity: Quantity(thousandths: 2000), amount: Money(fen: 6000))
            part.fullSelfPay = part.amount
            part.account = part.amount
            split.parts.append(part)
        }
        let outcome = Outcome(
            code: .approved, reason: .none, detail: "", businessDate: date,
            time: 1_795_392_000_000, clockDifference: 0, triesLeft: 0,
            payload: .settlement(
                SettlementAnswer(
                    id: SettlementID(RequestKey(terminal: terminal, date: date, stan: 123_456)),
                    catalogVersion: CatalogVersion(rawValue: 1),
                    policyVersion: PolicyVersion(rawValue: 1), policyRegion: region,
                    benefitCategory: nil, split: split, balance: Money(fen: 1_234_567),
                    accumulator: nil, nameMasked: "张*", ownersMasked: [], quoteDigest: 0)))
        return ResponseEncoder.encode(outcome, .settle)
    }
}
