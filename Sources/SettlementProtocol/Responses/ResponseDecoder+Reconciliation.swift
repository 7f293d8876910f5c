import Ledger
import NIOCore
import SettlementDomain

extension ResponseDecoder {
    /// The daemon's totals; nothing with a refusal.
    static func reconciliationTotals(
        _ body: ByteBuffer
    ) throws(ResponseFault) -> TerminalResponse.Payload {
        let wire: WireReconciliationTotalsResponse = try message(.reconciliationTotals, body)
        guard let date = date(wire.date) else { return .none }
        var totals: [KindTotals] = []
        for one in wire.totals {
            totals.append(
                KindTotals(
                    kind: try kind(one.kind), count: one.count, total: try amount(one.total),
                    insured: try amount(one.insured)))
        }
        return .reconciliationTotals(
            ReconciliationTotalsContent(
                date: date, scope: try scope(wire.scope), isClosed: wire.closed, totals: totals))
    }

    /// A page of transactions; the terminal's own id, which the wire leaves out, is put back.
    static func reconciliationDetails(
        _ body: ByteBuffer, terminal: TerminalID?
    ) throws(ResponseFault) -> TerminalResponse.Payload {
        let wire: WireReconciliationDetailsResponse = try message(.reconciliationDetails, body)
        guard let date = date(wire.date) else { return .none }
        var transactions: [DayTransaction] = []
        transactions.reserveCapacity(wire.transactions.count)
        for one in wire.transactions {
            transactions.append(try transaction(one, terminal: terminal, date: date))
        }
        return .reconciliationDetails(
            ReconciliationDetailsContent(
                date: date, scope: try scope(wire.scope), transactions: transactions,
                hasMore: wire.more))
    }

    /// Where both sides differ; nothing with a refusal.
    static func reconciliationDifferences(
        _ body: ByteBuffer, terminal: TerminalID?
    ) throws(ResponseFault) -> TerminalResponse.Payload {
        let wire: WireReconciliationDifferencesResponse = try message(
            .reconciliationDifferences, body)
        guard let date = date(wire.date) else { return .none }
        var differences: [Difference] = []
        for one in wire.differences {
            differences.append(
                Difference(
                    terminal: one.hasTerminal
                        ? try transaction(one.terminal, terminal: terminal, date: date) : nil,
                    daemon: one.hasDaemon
                        ? try transaction(one.daemon, terminal: terminal, date: date) : nil))
        }
        return .reconciliationDifferences(
            ReconciliationDifferencesContent(
                date: date, scope: try scope(wire.scope),
                differingRanges: wire.differingRanges.map(Int.init), differences: differences,
                hasMore: wire.more))
    }

    private static func transaction(
        _ wire: WireTransaction, terminal: TerminalID?, date: CivilDate
    ) throws(ResponseFault) -> DayTransaction {
        guard let named = wire.terminal.isEmpty ? terminal : TerminalID(wire.terminal) else {
            throw .field("transaction.terminal")
        }
        let key = RequestKey(
            terminal: named,
            date: wire.businessDate == 0
                ? date : try self.date(wire.businessDate, "transaction.business_date"),
            stan: wire.stan)
        let kind = try kind(wire.kind)
        var settlement: SettlementID?
        if !wire.settlementID.isEmpty {
            settlement = try settlementID(wire.settlementID)
        } else if kind == .settle {
            settlement = SettlementID(key)
        }
        return DayTransaction(
            key: key, kind: kind, total: try amount(wire.total), insured: try amount(wire.insured),
            settlement: settlement, time: wire.time)
    }

    private static func kind(_ number: UInt32) throws(ResponseFault) -> RequestKind {
        guard let kind = UInt8(exactly: number).flatMap(RequestKind.init(rawValue:)),
            kind.isReconciled
        else { throw .field("kind") }
        return kind
    }

    private static func scope(
        _ wire: WireReconciliationScope
    ) throws(ResponseFault) -> ReconciliationScope {
        guard let scope = UInt8(exactly: wire.rawValue).flatMap(ReconciliationScope.init) else {
            throw .field("scope")
        }
        return scope
    }
}
