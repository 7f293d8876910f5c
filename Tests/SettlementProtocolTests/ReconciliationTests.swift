import Ledger
import NIOCore
import SettlementDomain
import Testing

@testable import SettlementProtocol

@Suite("Reconciliation, both ways")
struct ReconciliationTests {
    private static let bodyBytesMax = Int(Frame.terminalLengthMax) - Frame.countedHeaderBytes

    private static func header() -> RequestHeader {
        RequestHeader(businessDate: nil, stan: 0, terminalTime: 1_795_396_800)
    }

    private static func result(_ code: ResponseCode = .totalsDisagree) -> ResultFields {
        ResultFields(
            code: code, reason: code == .approved ? .none : .totalsDisagree,
            businessDate: Samples.today, time: 7)
    }

    private static func other() throws -> TerminalID { try #require(TerminalID("T0000002")) }

    private static func transaction(
        _ stan: UInt32, at terminal: TerminalID = Samples.terminal, on date: CivilDate? = nil,
        kind: RequestKind = .settle, told: Bool = true
    ) throws -> DayTransaction {
        let key = RequestKey(terminal: terminal, date: date ?? Samples.today, stan: stan)
        let settlement = SettlementID(kind == .settle ? key : try Samples.key(stan: 103))
        return DayTransaction(
            key: key, kind: kind, total: Money(fen: kind == .reversal ? -7210 : 7210),
            insured: Money(fen: kind == .reversal ? -6210 : 6210),
            settlement: told ? settlement : nil, time: told ? 1_795_396_800_250 : 0)
    }

    /// One of each kind, of two terminals and dates.
    private static func transactions(told: Bool = true) throws -> [DayTransaction] {
        [
            try transaction(103, told: told),
            try transaction(104, on: Samples.date(2026_11_22), kind: .void, told: told),
            try transaction(999_999, at: other(), kind: .refund, told: told),
            try transaction(1, at: other(), kind: .reversal, told: told),
        ]
    }

    // MARK: Requests

    @Test("totals come to the daemon as the terminal meant them")
    func totalsRequest() throws {
        for (date, scope) in [(nil, ReconciliationScope.terminal), (Samples.today, .institution)] {
            let sent = ReconciliationTotalsRequest(
                header: Self.header(), date: date, scope: scope,
                totals: [
                    KindTotals(
                        kind: .settle, count: .max, total: Money(fen: .max),
                        insured: Money(fen: 1)),
                    KindTotals(kind: .reversal, count: 1, total: Money(fen: -7210)),
                ])
            let body = ByteBuffer(bytes: RequestEncoder.reconciliationTotals(sent))
            guard
                case .reconciliationTotals(let read) =
                    try RequestDecoder.decode(.reconciliationTotals, body)
            else {
                Issue.record("no totals")
                return
            }
            #expect(read == sent)
        }
    }

    @Test("a page is asked for after a key of any terminal and date")
    func detailsRequest() throws {
        let yesterday = try Samples.date(2026_11_22)
        let keys = [
            nil, try Samples.key(stan: 103),
            RequestKey(terminal: try Self.other(), date: yesterday, stan: 5),
        ]
        for (date, after) in keys.flatMap({ key in [(nil, key), (Samples.today, key)] }) {
            let body = RequestEncoder.reconciliationDetails(
                Self.header(), date: date, scope: .institution, after: after,
                count: after == nil ? nil : 2, terminal: Samples.terminal)
            let request = try RequestDecoder.decode(0x51, ByteBuffer(bytes: body))
            guard case .reconciliationDetails(let read) = request else {
                Issue.record("\(request.kind)")
                return
            }
            let resolved = read.resolved(at: Samples.terminal, today: Samples.today)
            #expect(resolved.date == Samples.today)
            #expect(resolved.after == after)
            #expect(read.date == date)
            #expect(read.scope == .institution)
            #expect(read.count == (after == nil ? nil : 2))
        }
    }

    @Test("ranges come to the daemon as the terminal meant them", arguments: [true, false])
    func differencesRequest(_ isDateGiven: Bool) throws {
        let list = try Self.transactions(told: false)
        let sent = [
            ReconciledRange(
                first: nil, last: list[1].key, content: .digest(count: .max, digest: .max)),
            ReconciledRange(first: list[2].key, last: nil, content: .list(list)),
            ReconciledRange(first: list[0].key, last: list[0].key, content: .list([])),
        ]
        let date = isDateGiven ? Samples.today : nil
        let body = RequestEncoder.reconciliationDifferences(
            Self.header(), date: date, scope: .terminal, ranges: sent, terminal: Samples.terminal)
        let request = try RequestDecoder.decode(0x52, ByteBuffer(bytes: body))
        guard case .reconciliationDifferences(let read) = request else {
            Issue.record("\(request.kind)")
            return
        }
        let resolved = read.resolved(at: Samples.terminal, today: Samples.today)
        #expect(resolved.date == Samples.today)
        #expect(resolved.ranges == sent)
        #expect(read.scope == .terminal)
    }

    @Test("1000 ranges by digest, their keys written out, fit into a frame; 1001 are 30")
    func rangeCounts() throws {
        let yesterday = try Samples.date(2026_11_22)
        func ranges(_ count: Int) throws -> [ReconciledRange] {
            try (0..<UInt32(count)).map { index in
                let first = RequestKey(
                    terminal: try Self.other(), date: yesterday, stan: 900_000 + 2 * index)
                let last = RequestKey(terminal: first.terminal, date: yesterday, stan: 999_999)
                return ReconciledRange(
                    first: first, last: last, content: .digest(count: 100_000, digest: .max))
            }
        }
        func encode(_ count: Int) throws -> [UInt8] {
            RequestEncoder.reconciliationDifferences(
                Self.header(), date: Samples.today, scope: .institution, ranges: try ranges(count),
                terminal: Samples.terminal)
        }
        let most = try encode(1000)
        #expect(most.count <= Self.bodyBytesMax)
        #expect(throws: Never.self) {
            try RequestDecoder.decode(
                .reconciliationDifferences, ByteBuffer(bytes: most))
        }
        let tooMany = try encode(1001)
        let fault = #expect(throws: RequestFault.self) {
            try RequestDecoder.decode(.reconciliationDifferences, ByteBuffer(bytes: tooMany))
        }
        #expect(fault?.code == .formatError)
        #expect(fault?.reason == .fieldOutOfRange)
        #expect(fault?.detail == "reconciliation_differences.ranges: 1001, must be 1...1000")
    }

    @Test("a listed transaction takes at most 20 bytes, 36 with terminal and date written out")
    func listedBytes() throws {
        func bytes(_ count: Int, _ terminal: TerminalID, _ date: CivilDate) throws -> Int {
            let list = (0..<UInt32(count)).map { index in
                DayTransaction(
                    key: RequestKey(terminal: terminal, date: date, stan: 900_000 + index),
                    kind: .refund, total: Money(fen: 9_999_999), insured: Money(fen: 9_999_999))
            }
            return RequestEncoder.reconciliationDifferences(
                Self.header(), date: Samples.today, scope: .institution,
                ranges: [ReconciledRange(first: nil, last: nil, content: .list(list))],
                terminal: Samples.terminal
            ).count
        }
        let yesterday = try Samples.date(2026_11_22)
        let short = try bytes(3000, Samples.terminal, Samples.today)
        #expect(short <= 3000 * 20 && short <= Self.bodyBytesMax)
        let long = try bytes(1800, Self.other(), yesterday)
        #expect(long <= 1800 * 36 && long <= Self.bodyBytesMax)
    }

    // MARK: Responses

    @Test("the daemon's totals come to the terminal, whether they agree or not")
    func totalsResponse() throws {
        for (code, isClosed) in [(ResponseCode.approved, true), (.totalsDisagree, false)] {
            let content = ReconciliationTotalsContent(
                date: try Samples.date(2026_11_22), scope: .institution, isClosed: isClosed,
                totals: DayTotals.kinds.map {
                    KindTotals(
                        kind: $0, count: 100_000, total: Money(fen: -5), insured: .limit)
                })
            let body = ResponseEncoder.reconciliationTotals(content, Self.result(code))
            let read = try response(.reconciliationTotals, body)
            guard case .reconciliationTotals(let totals) = read.payload else {
                Issue.record("no totals")
                return
            }
            #expect(totals == content)
            #expect(read.result == Self.result(code))
        }
    }

    private static func page(
        _ transactions: [DayTransaction], hasMore: Bool, bodyBytesMax: Int
    ) throws -> ReconciliationDetailsContent {
        let content = ReconciliationDetailsContent(
            date: Samples.today, scope: .institution, transactions: transactions, hasMore: hasMore)
        let body = ResponseEncoder.reconciliationDetails(
            content, terminal: Samples.terminal, bodyBytesMax: bodyBytesMax, result(.approved))
        if transactions.count > 1 { #expect(body.count <= bodyBytesMax) }
        let read = try ResponseDecoder.decode(
            0xd1, ByteBuffer(bytes: body), terminal: Samples.terminal)
        guard case .reconciliationDetails(let page) = read.payload else {
            throw ResponseFault.field("no page")
        }
        return page
    }

    @Test("a page comes to the terminal with whether there are more", arguments: [true, false])
    func detailsResponse(_ hasMore: Bool) throws {
        let sent = try Self.transactions()
        let page = try Self.page(sent, hasMore: hasMore, bodyBytesMax: Self.bodyBytesMax)
        #expect(page.transactions == sent)
        #expect(page.hasMore == hasMore)
        #expect(page.date == Samples.today && page.scope == .institution)
    }

    @Test("pages of any size put together are the day", arguments: [200, 999, 4096, 65_528])
    func wholeDay(_ bodyBytesMax: Int) throws {
        let day = try (1...2000).map { stan in
            try Self.transaction(
                UInt32(stan), at: stan % 3 == 0 ? Self.other() : Samples.terminal,
                kind: DayTotals.kinds[stan % 4])
        }
        var read: [DayTransaction] = []
        while read.count < day.count {
            let rest = Array(day[read.count...])
            let page = try Self.page(rest, hasMore: false, bodyBytesMax: bodyBytesMax)
            try #require(!page.transactions.isEmpty)
            read += page.transactions
            #expect(page.hasMore == (read.count < day.count))
        }
        #expect(read == day)
    }

    @Test("a page gives one transaction even where there is no room")
    func noRoom() throws {
        let page = try Self.page(
            [try Self.transaction(1)], hasMore: true, bodyBytesMax: 0)
        #expect(page.transactions.count == 1)
        #expect(page.hasMore)
    }

    private static func differences(
        _ differences: [Difference], hasMore: Bool = false, bodyBytesMax: Int = bodyBytesMax
    ) throws -> (body: [UInt8], content: ReconciliationDifferencesContent) {
        let content = ReconciliationDifferencesContent(
            date: Samples.today, scope: .terminal, differingRanges: [0, 1, 127, 128, 999],
            differences: differences, hasMore: hasMore)
        let body = ResponseEncoder.reconciliationDifferences(
            content, terminal: Samples.terminal, bodyBytesMax: bodyBytesMax, result())
        let read = try ResponseDecoder.decode(
            0xd2, ByteBuffer(bytes: body), terminal: Samples.terminal)
        guard case .reconciliationDifferences(let told) = read.payload else {
            throw ResponseFault.field("no differences")
        }
        return (body, told)
    }

    @Test("differences come to the terminal with both sides and their kind")
    func differencesResponse() throws {
        let ours = try Self.transactions()
        let theirs = try Self.transactions(told: false)
        let sent = [
            Difference(terminal: theirs[1], daemon: nil),
            Difference(terminal: nil, daemon: ours[2]),
            Difference(terminal: theirs[3], daemon: ours[3]),
        ]
        let (body, told) = try Self.differences(sent)
        #expect(told.differences.map(\.daemon) == sent.map(\.daemon))
        #expect(told.differences.map(\.terminal) == sent.map(\.terminal))
        #expect(told.differingRanges == [0, 1, 127, 128, 999])
        #expect(!told.hasMore)
        let wire = try #require(
            WireReconciliationDifferencesResponse(body: ByteBuffer(bytes: body)))
        #expect(wire.differences.map(\.kind) == [.onlyTerminal, .onlyDaemon, .amountsDiffer])
    }

    @Test("differences that do not fit are left out from the end, and more is set")
    func tooManyDifferences() throws {
        let sent = try (1...2000).map { stan in
            Difference(
                terminal: try Self.transaction(UInt32(stan), told: false),
                daemon: try Self.transaction(UInt32(stan), kind: .refund))
        }
        for bodyBytesMax in [500, 4096, Self.bodyBytesMax] {
            let (body, told) = try Self.differences(sent, bodyBytesMax: bodyBytesMax)
            #expect(body.count <= bodyBytesMax)
            #expect(body.count > bodyBytesMax * 19 / 20 - 120)
            #expect(told.hasMore)
            let kept = sent.prefix(told.differences.count)
            #expect(told.differences.map(\.daemon) == kept.map(\.daemon))
            #expect(told.differingRanges.count == 5)
        }
        #expect(try Self.differences([], hasMore: true).content.hasMore)
    }

    @Test("a transaction whose terminal is left out cannot be read by who did not ask")
    func unknownAsker() throws {
        let content = ReconciliationDetailsContent(
            date: Samples.today, scope: .terminal, transactions: [try Self.transaction(1)],
            hasMore: false)
        let body = ResponseEncoder.reconciliationDetails(
            content, terminal: Samples.terminal, bodyBytesMax: 1000, Self.result(.approved))
        #expect(throws: ResponseFault.self) { try response(.reconciliationDetails, body) }
    }
}
