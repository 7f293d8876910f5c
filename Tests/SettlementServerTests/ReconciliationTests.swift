import Ledger
import NIOCore
import SettlementDomain
import SettlementProtocol
import Testing

@testable import SettlementServer

@Suite("Reconciliation over real TLS, with a memory store")
struct ReconciliationTests {
    /// Settles three times and has one reversed; the keys of all four.
    private func trade(_ client: RawClient) async throws -> [RequestKey] {
        for stan in 1...3 as ClosedRange<UInt32> {
            client.send(ConnectionBench.settle(stan))
            #expect(try await client.response()?.result.code == .approved)
        }
        client.send(
            ConnectionBench.frame(
                .reversal, 4,
                RequestEncoder.reversal(
                    Site.header(stan: 4), originalDate: Site.today, originalSTAN: 2,
                    card: Site.card, total: Money(fen: 1_000))))
        #expect(try await client.response()?.result.code == .approved)
        return (1...4).map { stan in
            RequestKey(terminal: Site.pharmacy, date: Site.today, stan: stan)
        }
    }

    private func ask(
        _ client: RawClient, _ kind: RequestKind, _ body: [UInt8], id: UInt32 = 90
    ) async throws -> TerminalResponse {
        client.send(ConnectionBench.frame(kind, id, body))
        return try #require(try await client.response())
    }

    @Test("a sale and its reversal count in both columns; totals that differ get 95 with both")
    func totals() async throws {
        try await DaemonBench.run { bench in
            let client = try await bench.connect()
            _ = try await client.signOn()
            _ = try await trade(client)
            let settled = KindTotals(
                kind: .settle, count: 3, total: Money(fen: 3_000), insured: Money(fen: 3_000))
            let reversed = KindTotals(
                kind: .reversal, count: 1, total: Money(fen: 1_000), insured: Money(fen: 1_000))
            let equal = try await ask(
                client, .reconciliationTotals, ReconciliationBench.totals([settled, reversed]))
            #expect(equal.result.code == .approved)
            let other = try await ask(
                client, .reconciliationTotals, ReconciliationBench.totals([settled]))
            #expect(other.result.code == .totalsDisagree)
            #expect(other.result.reason == .totalsDisagree)
            guard case .reconciliationTotals(let content) = other.payload else {
                Issue.record("no totals")
                return
            }
            #expect(content.totals.filter { $0.count > 0 } == [settled, reversed])
            let future = try await ask(
                client, .reconciliationTotals,
                ReconciliationBench.totals(date: Site.today.adding(days: 1)))
            #expect(future.result.code == .invalidTransaction)
            #expect(future.result.reason == .businessDateUnknown)
        }
    }

    @Test("details come page by page; a list of the terminal's own is answered with what differs")
    func detailsAndDifferences() async throws {
        try await DaemonBench.run { bench in
            let client = try await bench.connect()
            _ = try await client.signOn()
            let keys = try await trade(client)
            var listed: [DayTransaction] = []
            var hasMore = true
            while hasMore {
                let body = RequestEncoder.reconciliationDetails(
                    Site.header(stan: 5), date: nil, scope: .terminal, after: listed.last?.key,
                    count: 3, terminal: Site.pharmacy)
                guard
                    case .reconciliationDetails(let content) = try await ask(
                        client, .reconciliationDetails, body
                    ).payload
                else {
                    Issue.record("no details")
                    return
                }
                listed.append(contentsOf: content.transactions)
                hasMore = content.hasMore
            }
            #expect(listed.map(\.key) == keys)
            #expect(listed.last?.settlement == SettlementID(keys[1]))

            var own = listed
            own.remove(at: 0)
            own[0].total = Money(fen: 999)
            let invented = DayTransaction(
                key: RequestKey(terminal: Site.pharmacy, date: Site.today, stan: 77),
                kind: .settle, total: Money(fen: 5), insured: .zero)
            own.append(invented)
            let body = RequestEncoder.reconciliationDifferences(
                Site.header(stan: 6), date: Site.today, scope: .terminal,
                ranges: [ReconciledRange(first: nil, last: nil, content: .list(own))],
                terminal: Site.pharmacy)
            let answer = try await ask(client, .reconciliationDifferences, body)
            #expect(answer.result.code == .totalsDisagree)
            guard case .reconciliationDifferences(let content) = answer.payload else {
                Issue.record("no differences")
                return
            }
            #expect(content.differences.map { $0.terminal?.key } == [nil, keys[1], invented.key])
            #expect(content.differences.map { $0.daemon?.key } == [keys[0], keys[1], nil])
        }
    }

    @Test("a reconciliation in flight is answered while the daemon drains")
    func draining() async throws {
        let client = RawClientBox()
        try await DaemonBench.run { bench in
            let connected = try await bench.connect()
            client.client = connected
            _ = try await connected.signOn()
            // In one read, so that all are in flight when the first is answered.
            var bytes = ByteBuffer()
            for id in 1...3 as ClosedRange<UInt32> {
                bytes.writeImmutableBuffer(
                    ConnectionBench.frame(.reconciliationTotals, id, ReconciliationBench.totals()))
            }
            connected.send(bytes)
            #expect(try await connected.response()?.result.code == .approved)
        }
        var codes: [ResponseCode] = []
        while let response = try await client.client?.response() {
            codes.append(response.result.code)
        }
        // Two answers, then the notice that the daemon is going.
        #expect(codes.count == 3 && codes.last == .unavailable)
        #expect(codes.dropLast().allSatisfy { $0 == .approved || $0 == .unavailable })
    }
}

/// Carries a client out of the daemon's life.
private final class RawClientBox {
    var client: RawClient?
}
