import Ledger
import SettlementDomain
import SettlementProtocol
import SettlementServer

/// A question that a terminal has asked: it may be answered what was true at any moment between
/// asking and answering.
final class SimulatedQuestion: CustomStringConvertible {
    let terminal: Int
    let question: ModelQuestion
    /// What the model said since it was asked, each once.
    private(set) var allowed: [ModelReply] = []
    var isAnswered = false

    init(terminal: Int, question: ModelQuestion) {
        self.terminal = terminal
        self.question = question
    }

    func allow(_ reply: ModelReply) {
        if allowed.last != reply { allowed.append(reply) }
    }

    var description: String {
        switch question {
        case .status(let key): "status of \(key)"
        case .totals(let books, _): "totals of day \(books.day)"
        case .details(let books, let after, _):
            "details of day \(books.day)\(after.map { " after \($0)" } ?? "")"
        case .differences(let books, let ranges):
            "differences of day \(books.day) in \(ranges.count) ranges"
        case .stay(let key, let view): "stay \(key), view \(view)"
        case .records(let query): "\(query.what)"
        }
    }

    var kind: RequestKind {
        switch question {
        case .status: .settlementStatus
        case .totals: .reconciliationTotals
        case .details: .reconciliationDetails
        case .differences: .reconciliationDifferences
        case .stay: .admissionDetails
        case .records(let query): Self.kind(ModelRequest.query(query).kind)
        }
    }

    func body(_ header: RequestHeader) -> [UInt8] {
        switch question {
        case .status(let key):
            RequestEncoder.settlementStatus(
                SettlementStatusRequest(
                    header: header, originalDate: Town.date(key.day), originalSTAN: UInt32(key.stan)
                ))
        case .totals(let books, let claimed):
            RequestEncoder.reconciliationTotals(
                ReconciliationTotalsRequest(
                    header: header, date: Town.date(books.day), scope: Self.scope(books),
                    totals: claimed.map { totals in
                        KindTotals(
                            kind: Self.kind(totals.kind), count: UInt32(totals.count),
                            total: Money(fen: Int64(totals.total)),
                            insured: Money(fen: Int64(totals.insured)))
                    }))
        case .details(let books, let after, let count):
            RequestEncoder.reconciliationDetails(
                header, date: Town.date(books.day), scope: Self.scope(books),
                after: after.map(Town.ledgerKey), count: UInt32(count),
                terminal: Town.terminal(terminal))
        case .differences(let books, let ranges):
            RequestEncoder.reconciliationDifferences(
                header, date: Town.date(books.day), scope: Self.scope(books),
                ranges: ranges.map(Self.range), terminal: Town.terminal(terminal))
        case .stay(let key, let view):
            RequestEncoder.admissionDetails(
                AdmissionDetailsRequest(
                    header: header, admission: AdmissionID(Town.ledgerKey(key)),
                    view: Town.checked(AdmissionView(rawValue: UInt8(view))), from: 0))
        case .records(let query): SimulatedTask.body(of: query, header)
        }
    }

    private static func scope(_ books: ModelBooks) -> ReconciliationScope {
        books.isOfInstitution ? .institution : .terminal
    }

    private static func kind(_ number: Int) -> RequestKind {
        Town.checked(RequestKind(rawValue: UInt8(number)))
    }

    private static func range(_ range: ModelRange) -> ReconciledRange {
        let content: ReconciledRange.Content =
            switch range.content {
            case .digest(let count, let sum): .digest(count: UInt32(count), digest: sum)
            case .list(let list):
                .list(
                    list.map { one in
                        DayTransaction(
                            key: Town.ledgerKey(one.key), kind: kind(one.kind),
                            total: Money(fen: Int64(one.total)),
                            insured: Money(fen: Int64(one.insured)))
                    })
            }
        return ReconciledRange(
            first: range.first.map(Town.ledgerKey), last: range.last.map(Town.ledgerKey),
            content: content)
    }

    /// The digest of Protocol/Reconciliation.md, "Differences", from its text.
    static func digest(of transaction: ModelTransaction) -> UInt64 {
        let words = [
            Town.terminal(transaction.key.terminal).text,
            "\(Town.date(transaction.key.day).yyyymmdd)", "\(transaction.key.stan)",
            "\(transaction.kind)", "\(transaction.total)", "\(transaction.insured)",
        ]
        let text = Array(words.joined(separator: "|").utf8)
        return text.withUnsafeBytes { Digest.sha256($0) }.words.0
    }
}

/// Makes up what a terminal asks about a date's books: mostly with its own list, sometimes with
/// mistakes in it.
struct QuestionMaker {
    let terminal: Int
    let chance: Chance

    func question(about day: Int, own: [ModelTransaction]) -> ModelQuestion {
        let books = ModelBooks(
            terminal: terminal, isOfInstitution: chance.one(in: 4), day: day)
        let list = chance.one(in: 5) ? mistaken(own) : own
        switch chance.below(4) {
        case 0, 1:
            return .totals(
                books,
                claimed: [0x12, 0x13, 0x14, 0x15].map { kind in
                    let those = list.filter { $0.kind == kind }
                    return ModelTotals(
                        kind: kind, count: those.count, total: those.reduce(0) { $0 + $1.total },
                        insured: those.reduce(0) { $0 + $1.insured })
                })
        case 2:
            let after = own.isEmpty || chance.one(in: 2) ? nil : chance.among(own).key
            return .details(books, after: after, count: 1 + chance.below(12))
        default: return .differences(books, ranges: ranges(of: list, day))
        }
    }

    /// One is missing, and one has another amount.
    private func mistaken(_ own: [ModelTransaction]) -> [ModelTransaction] {
        guard !own.isEmpty else { return own }
        var list = own
        list.remove(at: chance.below(list.count))
        if !list.isEmpty { list[chance.below(list.count)].insured += 1 }
        return list
    }

    /// All keys, cut in two: each part by digest or as a list.
    private func ranges(of list: [ModelTransaction], _ day: Int) -> [ModelRange] {
        let cut = ModelKey(terminal: terminal, day: day, stan: 1 + chance.below(60))
        let behind = ModelKey(terminal: terminal, day: day, stan: cut.stan + 1)
        let parts: [(ModelKey?, ModelKey?, [ModelTransaction])] = [
            (nil, cut, list.filter { $0.key <= cut }), (behind, nil, list.filter { cut < $0.key }),
        ]
        return parts.shuffled(chance).map { first, last, those in
            ModelRange(
                first: first, last: last,
                content: chance.one(in: 2)
                    ? .list(those)
                    : .digest(
                        count: those.count,
                        those.reduce(0) { $0 &+ SimulatedQuestion.digest(of: $1) }))
        }
    }
}
