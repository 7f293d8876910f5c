import Ledger
import SettlementClient
import SettlementDomain
import SettlementProtocol
import TestSite
import Testing

extension Acceptance {
    @Suite("Reconciliation")
    struct ReconciliationTests {
        @Test(
            """
            43. Totals equal: 00 and balanced. One sale unknown to the terminal, one unknown to \
            the daemon, one amount different: 95, and the details name exactly these three.
            """)
        func threeDifferences() async throws {
            try await RunningDaemon.withTown { daemon in
                let patient = Town.patients[0]
                let terminal = try await daemon.connect()
                var day: [DayTransaction] = []
                for number in 1...20 {
                    let sale = patient.purchase(Int64(number) * 10)
                    let header = terminal.newHeader()
                    let settled = try #require(
                        try await terminal.settle(sale, header).settlement)
                    day.append(
                        DayTransaction(
                            key: try #require(settled.id).key, kind: .settle,
                            total: settled.split.total, insured: settled.split.insured))
                }
                #expect(try await terminal.reconcile([Self.totals(day)]).code == "00")

                var own = day
                let unknownToTerminal = own.remove(at: 4)
                own[10].total += Money(fen: 1)
                let different = own[10]
                var invented = own[12]
                invented.key.stan = 900_000
                own.append(invented)
                let totals = try await terminal.reconcile([Self.totals(own)])
                #expect(totals.verdict == "95 totalsDisagree")
                guard case .reconciliationTotals(let theirs) = totals.payload else {
                    Issue.record("no totals")
                    return
                }
                #expect(theirs.totals.first { $0.kind == .settle } == Self.totals(day))

                let answer = try await terminal.differences(
                    in: [ReconciledRange(first: nil, last: nil, content: .list(own))])
                guard case .reconciliationDifferences(let found) = answer.payload else {
                    Issue.record("no differences")
                    return
                }
                #expect(answer.code == "95" && found.differences.count == 3 && !found.hasMore)
                let keys = found.differences.map { ($0.terminal ?? $0.daemon)?.key }
                #expect(keys == [unknownToTerminal.key, different.key, invented.key])
                #expect(found.differences[0].terminal == nil)
                #expect(found.differences[1].daemon?.total == day[11].total)
                #expect(found.differences[2].daemon == nil)
                let listed = try await terminal.transactions()
                guard case .reconciliationDetails(let details) = listed.payload else {
                    Issue.record("no details")
                    return
                }
                #expect(details.transactions.map(\.key) == day.map(\.key))
                await terminal.close()
            }
        }

        @Test("44. Sale and reversal in one date: counted in both columns, net zero.")
        func bothColumns() async throws {
            try await RunningDaemon.withTown { daemon in
                let patient = Town.patients[0]
                let terminal = try await daemon.connect()
                let (header, sale) = (terminal.newHeader(), patient.purchase(2_500))
                #expect(try await terminal.settle(sale, header).code == "00")
                #expect(try await terminal.reverse(header, sale).code == "00")
                // Neither a further reversal nor one of what never came counts.
                #expect(try await terminal.reverse(header, sale).code == "00")
                #expect(try await terminal.reverse(terminal.newHeader(), sale).code == "00")
                let amount = Money(fen: 2_500)
                let answer = try await terminal.reconcile([
                    KindTotals(kind: .settle, count: 1, total: amount, insured: amount),
                    KindTotals(kind: .reversal, count: 1, total: amount, insured: amount),
                ])
                #expect(answer.code == "00")
                guard case .reconciliationTotals(let content) = answer.payload else {
                    Issue.record("no totals")
                    return
                }
                #expect(content.date == Town.today && !content.isClosed)
                let net = try await Books(daemon).balances()[
                    LedgerAccount.institution(Town.pharmacy).description]
                #expect(net == 0)
                _ = try await daemon.operator.closeDay(Town.today)
                let closed = try await terminal.reconcile(content.totals, on: Town.today)
                guard case .reconciliationTotals(let later) = closed.payload else {
                    Issue.record("no totals")
                    return
                }
                #expect(closed.code == "00" && later.isClosed)
                let future = try await terminal.reconcile([], on: Town.today.adding(days: 2))
                #expect(future.verdict == "12 businessDateUnknown")
                await terminal.close()
            }
        }

        private static func totals(_ day: [DayTransaction]) -> KindTotals {
            KindTotals(
                kind: .settle, count: UInt32(day.count),
                total: day.reduce(.zero) { $0 + $1.total },
                insured: day.reduce(.zero) { $0 + $1.insured })
        }
    }
}
