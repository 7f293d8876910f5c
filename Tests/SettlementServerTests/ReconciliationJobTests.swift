import Ledger
import NIOCore
import SettlementDomain
import SettlementProtocol
import Testing

@testable import SettlementServer

@Suite("A reconciliation, as equations: rows in, needs and an answer out")
struct ReconciliationJobTests {
    private static let institution = Site.institutions[0].institution.id

    private static func rows(_ stans: ClosedRange<UInt32>) -> [DayRow] {
        stans.map { stan in
            let key = RequestKey(terminal: Site.pharmacy, date: Site.today, stan: stan)
            var split = Split()
            split.total = Money(fen: 100)
            split.account = Money(fen: 100)
            return DayRow(
                key: key, kind: .settle, institution: institution, bookedDate: Site.today,
                settlement: SettlementID(key), sequence: UInt64(stan), time: Site.millis,
                homeRegion: Site.institutions[0].institution.region,
                institutionRegion: Site.institutions[0].institution.region,
                insuranceType: .employee, amounts: split)
        }
    }

    private func job(
        _ kind: RequestKind, _ body: [UInt8], today: CivilDate = Site.today,
        bodyBytesMax: Int = 65_000
    ) throws -> ReconciliationJob {
        try ReconciliationJob(
            try ReconciliationBench.task(kind, body), today: today, bodyBytesMax: bodyBytesMax,
            sha256: Digest.sha256)
    }

    private func details(after: RequestKey? = nil, count: UInt32? = nil) -> [UInt8] {
        RequestEncoder.reconciliationDetails(
            Site.header(stan: 1), date: nil, scope: .terminal, after: after, count: count,
            terminal: Site.pharmacy)
    }

    private func differences(_ ranges: [ReconciledRange]) -> [UInt8] {
        RequestEncoder.reconciliationDifferences(
            Site.header(stan: 1), date: nil, scope: .institution, ranges: ranges,
            terminal: Site.pharmacy)
    }

    private func payload(
        _ job: ReconciliationJob, _ kind: RequestKind
    ) throws -> TerminalResponse.Payload {
        let fields = ResultFields(
            code: job.result.code, reason: job.result.reason, businessDate: Site.today,
            time: Site.millis)
        return try ResponseDecoder.decode(
            kind.rawValue | Frame.responseBit, ByteBuffer(bytes: job.body(fields)),
            terminal: Site.pharmacy
        ).payload
    }

    @Test("totals are summed page by page, and equal or not")
    func totals() throws {
        let ours = KindTotals(
            kind: .settle, count: 5, total: Money(fen: 500), insured: Money(fen: 500))
        for (theirs, code) in [
            ([ours], ResponseCode.approved), ([], .totalsDisagree),
            ([KindTotals(kind: .settle, count: 5)], .totalsDisagree),
        ] {
            var job = try job(.reconciliationTotals, ReconciliationBench.totals(theirs))
            #expect(job.terminal == nil && !job.isClosed)
            let rows = Self.rows(1...5)
            var spans = job.needed
            #expect(spans == [DayReconciliation.Span(after: nil, through: nil)])
            job.take([DayReading.Page(rows: Array(rows[..<3]), isWhole: false)], of: spans)
            spans = job.needed
            #expect(spans == [DayReconciliation.Span(after: rows[2].key, through: nil)])
            job.take([DayReading.Page(rows: Array(rows[3...]), isWhole: true)], of: spans)
            #expect(job.needed.isEmpty)
            #expect(job.result.code == code)
            #expect(job.result.reason == (code == .approved ? Reason.none : .totalsDisagree))
            guard case .reconciliationTotals(let content) = try payload(job, .reconciliationTotals)
            else {
                Issue.record("no totals")
                return
            }
            #expect(content.totals.filter { $0.count > 0 } == [ours])
            #expect(content.date == Site.today && !content.isClosed)
        }
    }

    @Test("a date before the business date is closed, one after it is unknown")
    func dates() throws {
        let body = ReconciliationBench.totals(date: Site.today)
        let later = try job(.reconciliationTotals, body, today: Site.today.adding(days: 1))
        #expect(later.isClosed && later.date == Site.today)
        #expect(throws: SessionRefusal.self) {
            try job(.reconciliationTotals, body, today: Site.today.adding(days: -1))
        }
    }

    @Test("details read one row more than is wanted, and no more")
    func detailsNeeds() throws {
        var job = try job(.reconciliationDetails, details(count: 5))
        #expect(job.terminal == Site.pharmacy)
        #expect(job.rowsNeeded(pageMax: 4) == 4)
        let rows = Self.rows(1...6)
        var spans = job.needed
        job.take([DayReading.Page(rows: Array(rows[..<4]), isWhole: false)], of: spans)
        #expect(job.rowsNeeded(pageMax: 4) == 2)
        spans = job.needed
        #expect(spans.map(\.after) == [rows[3].key])
        job.take([DayReading.Page(rows: Array(rows[4...]), isWhole: false)], of: spans)
        #expect(job.needed.isEmpty)
        guard case .reconciliationDetails(let content) = try payload(job, .reconciliationDetails)
        else {
            Issue.record("no details")
            return
        }
        #expect(content.transactions.map(\.key) == rows[..<5].map(\.key))
        #expect(content.hasMore)
        #expect(job.result.code == .approved)
    }

    @Test("the last page of details says that there is no more")
    func detailsEnd() throws {
        let rows = Self.rows(1...3)
        var job = try job(.reconciliationDetails, details(after: rows[0].key, count: 2))
        #expect(job.needed.map(\.after) == [rows[0].key])
        job.take([DayReading.Page(rows: Array(rows[1...]), isWhole: true)], of: job.needed)
        #expect(job.needed.isEmpty)
        guard case .reconciliationDetails(let content) = try payload(job, .reconciliationDetails)
        else {
            Issue.record("no details")
            return
        }
        #expect(content.transactions.map(\.key) == rows[1...].map(\.key))
        #expect(!content.hasMore)
    }

    @Test("without a count no more details are read than a frame could hold")
    func detailsUnbounded() throws {
        let job = try job(.reconciliationDetails, details(), bodyBytesMax: 2_400)
        #expect(job.rowsNeeded(pageMax: 1_000) == 101)
    }

    @Test("only the ranges named are read, and what differs is named")
    func differing() throws {
        let rows = Self.rows(1...6)
        let listed = Array(rows[3...4].map(\.transaction))
        var job = try job(
            .reconciliationDifferences,
            differences([
                ReconciledRange(
                    first: rows[0].key, last: rows[1].key,
                    content: .digest(
                        count: 2,
                        digest: TransactionDigest.sum(
                            rows[...1].map(\.transaction), sha256: Digest.sha256))),
                ReconciledRange(
                    first: rows[3].key, last: rows[5].key, content: .list(listed)),
            ]))
        let spans = job.needed
        #expect(spans.map(\.through) == [rows[1].key, rows[5].key])
        job.take(
            [
                DayReading.Page(rows: Array(rows[...1]), isWhole: true),
                DayReading.Page(rows: Array(rows[3...]), isWhole: true),
            ], of: spans)
        #expect(job.needed.isEmpty)
        #expect(job.result == (.totalsDisagree, .totalsDisagree))
        guard
            case .reconciliationDifferences(let content) = try payload(
                job, .reconciliationDifferences)
        else {
            Issue.record("no differences")
            return
        }
        #expect(content.differingRanges.isEmpty)
        #expect(content.differences.map { $0.daemon?.key } == [rows[5].key])
        #expect(content.differences.allSatisfy { $0.terminal == nil })
    }

    @Test("ranges that overlap get 12 with their place")
    func overlapping() throws {
        let body = differences([
            ReconciledRange(first: nil, last: nil, content: .digest(count: 0, digest: 0)),
            ReconciledRange(first: nil, last: nil, content: .digest(count: 0, digest: 0)),
        ])
        do throws(SessionRefusal) {
            let task = try task(body)
            _ = try ReconciliationJob(
                task, today: Site.today, bodyBytesMax: 65_000, sha256: Digest.sha256)
            Issue.record("not refused")
        } catch {
            #expect(error.code == .invalidTransaction && error.reason == .fieldOutOfRange)
            #expect(error.detail.hasPrefix("ranges[1]"))
        }
    }

    private func task(_ body: [UInt8]) throws(SessionRefusal) -> ReconciliationTask {
        do {
            return try ReconciliationBench.task(.reconciliationDifferences, body)
        } catch {
            throw SessionRefusal(code: .malfunction, reason: .none)
        }
    }
}
