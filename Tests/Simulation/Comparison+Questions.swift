import Ledger
import SettlementDomain
import SettlementProtocol

extension Comparison {
    /// - Throws: `Violation` where an answer was not true at any moment since it was asked for.
    static func check(
        _ response: TerminalResponse, to question: SimulatedQuestion,
        recorded: [ModelKey: [UInt8]], today: Int
    ) throws {
        let reply: ModelReply
        switch response.payload {
        case .status(let answer):
            guard case .status(let key) = question.question else {
                throw Violation("\(question): another kind of answer")
            }
            reply = .status(
                state: Int(answer.state.rawValue), kind: Int(answer.kind?.rawValue ?? 0),
                reason: Int(response.result.reason.rawValue))
            let isRecorded = answer.kind != nil
            guard answer.response == (isRecorded ? recorded[key] ?? [] : []) else {
                throw Violation("\(question): not the answer that was recorded")
            }
        case .reconciliationTotals(let content):
            if content.isClosed, Town.day(content.date) >= today {
                throw Violation("\(question): closed, and it has not ended")
            }
            reply = .totals(
                content.totals.map { totals in
                    ModelTotals(
                        kind: Int(totals.kind.rawValue), count: Int(totals.count),
                        total: Int(totals.total.fen), insured: Int(totals.insured.fen))
                }, agrees: response.result.code == .approved)
        case .reconciliationDetails(let content):
            reply = .details(content.transactions.map(transaction), hasMore: content.hasMore)
        case .reconciliationDifferences(let content):
            guard !content.hasMore,
                (response.result.code == .approved)
                    == (content.differences.isEmpty && content.differingRanges.isEmpty)
            else { throw Violation("\(question): \(response.result.code.text) for \(content)") }
            reply = .differences(
                ranges: content.differingRanges,
                content.differences.map { difference in
                    ModelDifference(
                        terminal: difference.terminal.map(transaction),
                        daemon: difference.daemon.map(transaction))
                })
        case .admissionDetails(let content):
            reply = .stay(told(content.admission), rows: rows(content))
        default:
            guard let records = records(response.payload) else {
                throw Violation("\(question): another kind of answer")
            }
            reply = .records(records)
        }
        guard question.allowed.contains(reply) else {
            throw Violation("\(question): answered \(reply), the model says \(question.allowed)")
        }
    }

    /// As the model puts them.
    private static func rows(_ content: AdmissionDetailsContent) -> [[Int]] {
        let uploads = content.uploads.map { upload in
            [
                Town.day(upload.day), Int(upload.lineCount), Int(upload.total.fen),
                upload.isCancelled ? 1 : 0, Int(upload.request.stan),
            ]
        }
        let lines = content.lines.map { row in
            [
                Int(row.upload), row.line.day.map(Town.day) ?? 0,
                Int(row.line.quantity.thousandths), Int(row.line.amount.fen),
            ]
        }
        let parts = content.parts.map { part in
            [
                part.line, Int(part.reason.rawValue), Int(part.amount.fen), Int(part.pooled.fen),
                Int(part.account.fen), Int(part.family.fen), Int(part.cash.fen),
            ]
        }
        return uploads + lines + parts
    }

    private static func transaction(_ transaction: DayTransaction) -> ModelTransaction {
        ModelTransaction(
            key: Town.modelKey(transaction.key), kind: Int(transaction.kind.rawValue),
            total: Int(transaction.total.fen), insured: Int(transaction.insured.fen))
    }
}
