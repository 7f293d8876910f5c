import Ledger
import SettlementDomain
import SettlementProtocol

/// All requests that terminals ever made, as they mean them.
final class TaskBook {
    private var byKey: [ModelKey: SimulatedTask] = [:]
    /// In the order in which they were made.
    private(set) var all: [SimulatedTask] = []

    subscript(key: ModelKey) -> SimulatedTask? { byKey[key] }

    func add(_ task: SimulatedTask) {
        byKey[task.key] = task
        all.append(task)
    }
}

/// A request that a terminal keeps until its answer is known.
final class SimulatedTask: CustomStringConvertible {
    let key: ModelKey
    let request: ModelRequest
    /// What the terminal's clock said when the request was made: it is a part of its content.
    let terminalTime: Int64
    /// Of a bill that names a quote: the digest that the quote's answer gave.
    let quoteDigest: UInt64
    /// Sendings without an answer of their own: one of them may have been executed.
    var unanswered = 0
    /// How often it was sent.
    var sendings = 0
    /// What its last answer said, whether for good or not.
    var lastTold = "nothing"
    /// The answer that was recorded, as it came.
    var answer: [UInt8]?
    /// The terminal sends it no more; a reversal goes after it where there is something to reverse.
    var isGivenUp = false

    init(key: ModelKey, request: ModelRequest, terminalTime: Int64, quoteDigest: UInt64) {
        self.key = key
        self.request = request
        self.terminalTime = terminalTime
        self.quoteDigest = quoteDigest
    }

    var description: String { "\(kind) \(key)" }

    /// Whether it asks for records: that it was let in is recorded, what it is told is not.
    var asksForRecords: Bool { if case .query = request { true } else { false } }

    var isOpen: Bool { answer == nil && !isGivenUp }

    var kind: RequestKind { Town.checked(RequestKind(rawValue: UInt8(request.kind))) }

    /// What a reversal of it has to name.
    var reversible: (card: Int?, total: Int)? {
        switch request {
        case .bill(let bill, settles: true): (bill.card, bill.total)
        case .stay(.discharge(let discharge, settles: true)): (discharge.card, discharge.total)
        case .void(_, let card, let total): (card, total)
        case .refund(_, let card, _, let total): (card, total ?? 0)
        default: nil
        }
    }

    /// The body; `isForged` makes it other content under the same key.
    func body(isForged: Bool = false) -> [UInt8] {
        let header = RequestHeader(
            businessDate: Town.date(key.day), stan: UInt32(key.stan),
            terminalTime: terminalTime + (isForged ? 1 : 0))
        switch request {
        case .bill(let bill, _):
            return RequestEncoder.settle(
                header, command(bill), pinBlock: SimulatedVault.block(bill.pin))
        case .inquiry(let card, let pin):
            return RequestEncoder.cardInquiry(
                header, card: Town.card(card), pinBlock: SimulatedVault.block(pin))
        case .void(let sale, let card, let total):
            return RequestEncoder.void(
                header,
                VoidCommand(
                    settlement: SettlementID(Town.ledgerKey(sale)), card: Town.card(card),
                    total: money(total)))
        case .refund(let sale, let card, let lines, let total):
            return RequestEncoder.refund(
                header,
                RefundCommand(
                    settlement: SettlementID(Town.ledgerKey(sale)), card: Town.card(card),
                    lines: lines.map { line in
                        RefundLine(
                            line: line.line,
                            quantity: line.thousandths.map { Quantity(thousandths: Int64($0)) },
                            traceCodes: line.traces.map { Town.checked(TraceCode($0)) })
                    }, total: total.map(money)))
        case .reversal(let original, let card, let total):
            return RequestEncoder.reversal(
                header, originalDate: Town.date(original.day), originalSTAN: UInt32(original.stan),
                card: Town.card(card), total: money(total))
        case .card(let service): return Self.body(of: service, header)
        case .family(let step): return Self.body(of: step, header)
        case .payment(let payment):
            return RequestEncoder.contributionPayment(header, Self.line(payment))
        case .declaration(let page):
            return RequestEncoder.contributionDeclaration(
                header,
                DeclarationPage(
                    declaration: "D\(page.name)", firstLine: UInt32(page.firstLine),
                    lines: page.lines.map(Self.line)))
        case .stay(let step): return Self.body(of: step, header)
        case .query(let query): return Self.body(of: query, header)
        case .claim(let step): return Self.body(of: step, header)
        }
    }

    private func command(_ bill: ModelBill) -> SettleCommand {
        let visit: VisitType =
            switch bill.visit {
            case .purchase: .pharmacyPurchase
            case .outpatient: .outpatient
            case .vaccination: .vaccination
            case .inpatient: .inpatient
            }
        return SettleCommand(
            card: Town.card(bill.card), proof: .absent, visitType: visit,
            total: money(bill.total), catalogVersion: CatalogVersion(rawValue: 1),
            lines: bill.lines.map(Self.line),
            serviceDate: bill.on.map(Town.date), partialAllowed: bill.partial,
            accountLimit: bill.accountLimit.map(money), quoteDigest: quoteDigest)
    }

    static func line(_ line: ModelLine) -> RequestLine {
        RequestLine(
            // Items have an index or, the one that nobody knows, a code alone.
            item: line.item % 3 == 1
                ? .index(UInt32(line.item)) : .code(Town.checked(ItemCode(Town.code(line.item)))),
            quantity: Quantity(thousandths: Int64(line.thousandths)),
            unitPrice: UnitPrice(tenThousandths: Int64(line.price)),
            amount: Money(fen: Int64(line.amount)), courseDays: nil,
            traceCodes: line.traces.map { Town.checked(TraceCode($0)) })
    }

    private func money(_ fen: Int) -> Money { Money(fen: Int64(fen)) }
}
