import Ledger
import SettlementDomain
import SettlementProtocol

/// Answers one request about a business date's books from rows that it asks for, page by page.
///
/// No I/O and no clock: it is given rows, and says which it needs next.
struct ReconciliationJob: Sendable {
    private enum Work {
        case totals(DayTotals, terminal: [KindTotals])
        /// The rows so far, and how many are wanted.
        case details([DayTransaction], wanted: Int)
        case differences(DayReconciliation)
    }

    /// The smallest transaction that is worth reckoning with, in bytes: what is read beyond what
    /// fits into a frame is read in vain.
    private static let transactionBytesMin = 24
    /// As many spans are asked for at a time.
    private static let spansMax = 64

    let task: ReconciliationTask
    /// The booked date that is reconciled.
    let date: CivilDate
    /// Whether nothing is added to it any more.
    let isClosed: Bool
    private let scope: ReconciliationScope
    private let bodyBytesMax: Int
    private var work: Work
    /// What is still to be read, of totals and details.
    private var rest: DayReconciliation.Span?

    /// Begins to answer a task.
    ///
    /// - Parameters:
    ///   - task: the request and who made it.
    ///   - today: the business date, as published before anything is read: a date before it is
    ///     whole by then.
    ///   - bodyBytesMax: the largest body of an answer.
    ///   - sha256: for digests.
    /// - Throws: 12 where the date is after `today`, or ranges make no sense.
    init(
        _ task: ReconciliationTask, today: CivilDate, bodyBytesMax: Int,
        sha256: @escaping SHA256Function
    ) throws(SessionRefusal) {
        self.task = task
        self.bodyBytesMax = bodyBytesMax
        switch task.question {
        case .totals(let request):
            date = request.date ?? today
            scope = request.scope
            work = .totals(DayTotals(), terminal: request.totals)
            rest = DayReconciliation.Span(after: nil, through: nil)
        case .details(let request):
            let resolved = request.resolved(at: task.terminal, today: today)
            date = resolved.date
            scope = request.scope
            let fitting = max(1, bodyBytesMax / Self.transactionBytesMin)
            let wanted = request.count.map { max(1, Int($0)) } ?? fitting
            work = .details([], wanted: min(wanted, fitting))
            rest = DayReconciliation.Span(after: resolved.after, through: nil)
        case .differences(let request):
            let resolved = request.resolved(at: task.terminal, today: today)
            date = resolved.date
            scope = request.scope
            work = .differences(
                try Self.compare(
                    resolved.ranges, max: bodyBytesMax / Self.transactionBytesMin, sha256))
        }
        isClosed = date < today
        guard date <= today else {
            throw SessionRefusal(
                code: .invalidTransaction, reason: .businessDateUnknown,
                detail: "date: \(date) is after the business date")
        }
    }

    private static func compare(
        _ ranges: [ReconciledRange], max differencesMax: Int, _ sha256: @escaping SHA256Function
    ) throws(SessionRefusal) -> DayReconciliation {
        do throws(DayReconciliation.Fault) {
            return try DayReconciliation(ranges, differencesMax: differencesMax, sha256: sha256)
        } catch {
            throw SessionRefusal(
                code: .invalidTransaction, reason: .fieldOutOfRange, detail: error.detail)
        }
    }

    /// The terminal whose rows are needed; nil: those of all terminals of the institution.
    var terminal: TerminalID? { scope == .terminal ? task.terminal : nil }

    /// What is needed next; empty: the answer can be made.
    var needed: [DayReconciliation.Span] {
        switch work {
        case .totals, .details: rest.map { [$0] } ?? []
        case .differences(let comparison): comparison.needed(limit: Self.spansMax)
        }
    }

    /// How many rows are needed next, at most `pageMax`.
    func rowsNeeded(pageMax: Int) -> Int {
        // One more than wanted tells whether there are more.
        if case .details(let rows, let wanted) = work {
            return min(pageMax, wanted + 1 - rows.count)
        }
        return pageMax
    }

    /// Takes what was read of the first of these spans, which were needed before.
    mutating func take(_ pages: [DayReading.Page], of spans: [DayReconciliation.Span]) {
        switch work {
        case .totals(var totals, let terminal):
            for page in pages {
                for row in page.rows { totals.take(row) }
                advance(page)
            }
            work = .totals(totals, terminal: terminal)
        case .details(var rows, let wanted):
            for page in pages {
                rows.append(contentsOf: page.rows.lazy.map(\.transaction))
                advance(page)
            }
            if rows.count > wanted { rest = nil }
            work = .details(rows, wanted: wanted)
        case .differences(var comparison):
            for (page, span) in zip(pages, spans) {
                comparison.take(page.rows, of: span, isWhole: page.isWhole)
            }
            work = .differences(comparison)
        }
    }

    private mutating func advance(_ page: DayReading.Page) {
        if page.isWhole {
            rest = nil
        } else if let last = page.rows.last {
            rest?.after = last.key
        }
    }
}

extension ReconciliationJob {
    /// Whether terminal and daemon agree; a list is only told.
    private var agrees: Bool {
        switch work {
        case .totals(let totals, let terminal): totals.agree(with: terminal)
        case .details: true
        case .differences(let comparison): comparison.agrees
        }
    }

    /// Code and reason of the answer, once nothing is needed any more.
    var result: (code: ResponseCode, reason: Reason) {
        agrees ? (.approved, .none) : (.totalsDisagree, .totalsDisagree)
    }

    /// The answer's body, under these fields.
    func body(_ fields: ResultFields) -> [UInt8] {
        switch work {
        case .totals(let totals, _):
            ResponseEncoder.reconciliationTotals(
                ReconciliationTotalsContent(
                    date: date, scope: scope, isClosed: isClosed,
                    totals: totals.totals.filter { $0.count > 0 }), fields)
        case .details(let rows, let wanted):
            ResponseEncoder.reconciliationDetails(
                ReconciliationDetailsContent(
                    date: date, scope: scope, transactions: Array(rows.prefix(wanted)),
                    hasMore: rows.count > wanted),
                terminal: task.terminal, bodyBytesMax: bodyBytesMax, fields)
        case .differences(let comparison):
            ResponseEncoder.reconciliationDifferences(
                ReconciliationDifferencesContent(
                    date: date, scope: scope, differingRanges: comparison.differingRanges,
                    differences: comparison.differences, hasMore: comparison.hasMore),
                terminal: task.terminal, bodyBytesMax: bodyBytesMax, fields)
        }
    }
}

extension DayReconciliation.Fault {
    /// Where, and what is wrong there.
    fileprivate var detail: String {
        switch self {
        case .endsBeforeItBegins(let range): "ranges[\(range)].last: comes before first"
        case .overlaps(let range): "ranges[\(range)]: a key of it lies in another range too"
        case .outsideRange(let range, let transaction):
            "ranges[\(range)].transactions[\(transaction)]: lies outside the range"
        case .listedTwice(let range, let transaction):
            "ranges[\(range)].transactions[\(transaction)]: is listed twice"
        }
    }
}
