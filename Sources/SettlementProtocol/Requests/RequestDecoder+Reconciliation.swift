import Foundation
import Ledger
import NIOCore
import SettlementDomain

extension RequestDecoder {
    /// The most transactions that a list is read of; a frame of the default length holds fewer.
    static let transactionsReadMax = 10_000

    static func reconciliationTotals(
        _ body: ByteBuffer
    ) throws(RequestFault) -> ReconciliationTotalsRequest {
        let path = "reconciliation_totals"
        guard let wire = WireReconciliationTotals(body: body) else { throw unreadable(path) }
        let header = try header(path, wire.businessDate, wire.stan, wire.terminalTime)
        let date = try date("\(path).date", wire.date)
        let scope = try scope(path, wire.scope)
        var totals: [KindTotals] = []
        for (index, one) in wire.totals.enumerated() {
            let kind = try transactionKind("\(path).totals[\(index)].kind", one.kind)
            guard !totals.contains(where: { $0.kind == kind }) else {
                throw .outOfRange("\(path).totals[\(index)].kind", "is named twice")
            }
            totals.append(
                KindTotals(
                    kind: kind, count: one.count, total: Money(fen: one.total),
                    insured: Money(fen: one.insured)))
        }
        return ReconciliationTotalsRequest(
            header: header, date: date, scope: scope, totals: totals)
    }

    static func reconciliationDetails(
        _ body: ByteBuffer
    ) throws(RequestFault) -> ReconciliationDetailsRequest {
        let path = "reconciliation_details"
        guard let wire = WireReconciliationDetails(body: body) else { throw unreadable(path) }
        return ReconciliationDetailsRequest(
            header: try header(path, wire.businessDate, wire.stan, wire.terminalTime),
            date: try date("\(path).date", wire.date), scope: try scope(path, wire.scope),
            after: wire.hasAfter ? try key("\(path).after", wire.after) : nil,
            count: wire.count == 0 ? nil : wire.count)
    }

    static func reconciliationDifferences(
        _ body: ByteBuffer
    ) throws(RequestFault) -> ReconciliationDifferencesRequest {
        let path = "reconciliation_differences"
        guard let wire = WireReconciliationDifferences(body: body) else { throw unreadable(path) }
        let header = try header(path, wire.businessDate, wire.stan, wire.terminalTime)
        let date = try date("\(path).date", wire.date)
        let scope = try scope(path, wire.scope)
        let rangesMax = ReconciliationDifferencesRequest.rangesMax
        guard (1...rangesMax).contains(wire.ranges.count) else {
            throw .outOfRange("\(path).ranges", "\(wire.ranges.count), must be 1...\(rangesMax)")
        }
        var ranges: [ReconciliationDifferencesRequest.Range] = []
        ranges.reserveCapacity(wire.ranges.count)
        for (index, one) in wire.ranges.enumerated() {
            ranges.append(try range("\(path).ranges[\(index)]", one))
        }
        return ReconciliationDifferencesRequest(
            header: header, date: date, scope: scope, ranges: ranges)
    }

    private static func range(
        _ path: String, _ wire: WireReconciledRange
    ) throws(RequestFault) -> ReconciliationDifferencesRequest.Range {
        let first = wire.hasFirst ? try key("\(path).first", wire.first) : nil
        let last = wire.hasLast ? try key("\(path).last", wire.last) : nil
        guard wire.listed else {
            return ReconciliationDifferencesRequest.Range(
                first: first, last: last,
                content: .digest(count: wire.count, digest: wire.digest))
        }
        guard wire.transactions.count <= transactionsReadMax else {
            throw .outOfRange(
                "\(path).transactions",
                "\(wire.transactions.count), at most \(transactionsReadMax)")
        }
        var items: [ReconciliationDifferencesRequest.Range.Item] = []
        items.reserveCapacity(wire.transactions.count)
        for (index, one) in wire.transactions.enumerated() {
            let place = "\(path).transactions[\(index)]"
            items.append(
                ReconciliationDifferencesRequest.Range.Item(
                    key: try key(place, one), kind: try transactionKind("\(place).kind", one.kind),
                    total: Money(fen: one.total), insured: Money(fen: one.insured)))
        }
        return ReconciliationDifferencesRequest.Range(
            first: first, last: last, content: .list(items))
    }

    private static func key(
        _ path: String, _ wire: WireTransaction
    ) throws(RequestFault) -> KeyOnWire {
        var terminal: TerminalID?
        if !wire.terminal.isEmpty {
            guard let id = TerminalID(wire.terminal) else {
                throw .outOfRange("\(path).terminal", "must be 8 characters, A-Z and 0-9")
            }
            terminal = id
        }
        let date = try date("\(path).business_date", wire.businessDate)
        try checkSTAN(path, "stan", wire.stan)
        return KeyOnWire(terminal: terminal, date: date, stan: wire.stan)
    }

    private static func scope(
        _ path: String, _ wire: WireReconciliationScope
    ) throws(RequestFault) -> ReconciliationScope {
        guard let scope = UInt8(exactly: wire.rawValue).flatMap(ReconciliationScope.init) else {
            throw .outOfRange("\(path).scope", "\(wire.rawValue) is no scope")
        }
        return scope
    }

    /// One of the kinds that reconciliation counts.
    private static func transactionKind(
        _ path: String, _ number: UInt32
    ) throws(RequestFault) -> RequestKind {
        switch UInt8(exactly: number).flatMap(RequestKind.init(rawValue:)) {
        case .some(let kind) where kind.isReconciled: return kind
        default: throw .outOfRange(path, "\(number), must be 18 to 21 (0x12 to 0x15)")
        }
    }
}

extension RequestKind {
    /// Whether reconciliation counts it: settle, void, refund, reversal.
    var isReconciled: Bool {
        self == .settle || self == .void || self == .refund || self == .reversal
    }
}
