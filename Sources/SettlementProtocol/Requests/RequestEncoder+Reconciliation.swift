import Foundation
import Ledger
import SettlementDomain

extension RequestEncoder {
    /// Asks whether both sides agree on a date's totals.
    public static func reconciliationTotals(_ request: ReconciliationTotalsRequest) -> [UInt8] {
        var wire = WireReconciliationTotals()
        wire.businessDate = number(request.header.businessDate)
        wire.stan = request.header.stan
        wire.terminalTime = request.header.terminalTime
        wire.date = number(request.date)
        wire.scope = scope(request.scope)
        wire.totals = request.totals.map(kindTotals)
        return wire.bodyBytes
    }

    /// Asks for a page of a date's transactions.
    ///
    /// - Parameters:
    ///   - header: what the request begins with.
    ///   - date: the booked date; nil: the daemon's business date.
    ///   - scope: whose transactions.
    ///   - after: the last transaction of the page before; nil: the first page.
    ///   - count: how many at most; nil: as many as fit.
    ///   - terminal: who asks.
    /// - Returns: the body.
    public static func reconciliationDetails(
        _ header: RequestHeader, date: CivilDate?, scope: ReconciliationScope, after: RequestKey?,
        count: UInt32?, terminal: TerminalID
    ) -> [UInt8] {
        var wire = WireReconciliationDetails()
        wire.businessDate = number(header.businessDate)
        wire.stan = header.stan
        wire.terminalTime = header.terminalTime
        wire.date = number(date)
        wire.scope = self.scope(scope)
        if let after { wire.after = key(after, terminal: terminal, date: date) }
        wire.count = count ?? 0
        return wire.bodyBytes
    }

    /// Asks in which ranges, or in which transactions of listed ranges, both sides differ.
    ///
    /// - Parameters:
    ///   - header: what the request begins with.
    ///   - date: the booked date; nil: the daemon's business date.
    ///   - scope: whose transactions.
    ///   - ranges: 1...1000 that do not overlap.
    ///   - terminal: who asks.
    /// - Returns: the body.
    public static func reconciliationDifferences(
        _ header: RequestHeader, date: CivilDate?, scope: ReconciliationScope,
        ranges: [ReconciledRange], terminal: TerminalID
    ) -> [UInt8] {
        var wire = WireReconciliationDifferences()
        wire.businessDate = number(header.businessDate)
        wire.stan = header.stan
        wire.terminalTime = header.terminalTime
        wire.date = number(date)
        wire.scope = self.scope(scope)
        wire.ranges = ranges.map { range in
            var one = WireReconciledRange()
            if let first = range.first { one.first = key(first, terminal: terminal, date: date) }
            if let last = range.last { one.last = key(last, terminal: terminal, date: date) }
            switch range.content {
            case .digest(let count, let digest):
                one.count = count
                one.digest = digest
            case .list(let transactions):
                one.listed = true
                one.transactions = transactions.map {
                    transaction($0, terminal: terminal, date: date)
                }
            }
            return one
        }
        return wire.bodyBytes
    }

    /// Ends the business date; on the operator's socket only.
    public static func dayClose(_ request: DayCloseRequest) -> [UInt8] {
        var wire = WireDayClose()
        wire.businessDate = number(request.header.businessDate)
        wire.stan = request.header.stan
        wire.terminalTime = request.header.terminalTime
        wire.date = number(request.date)
        wire.next = number(request.next)
        return wire.bodyBytes
    }

    static func scope(_ scope: ReconciliationScope) -> WireReconciliationScope {
        WireReconciliationScope(rawValue: Int(scope.rawValue)) ?? .scopeTerminal
    }

    static func kindTotals(_ totals: KindTotals) -> WireKindTotals {
        var wire = WireKindTotals()
        wire.kind = UInt32(totals.kind.rawValue)
        wire.count = totals.count
        wire.total = totals.total.fen
        wire.insured = totals.insured.fen
        return wire
    }

    /// A key; what the other side knows by itself is left out.
    static func key(
        _ key: RequestKey, terminal: TerminalID, date: CivilDate?
    ) -> WireTransaction {
        var wire = WireTransaction()
        if key.terminal != terminal { wire.terminal = key.terminal.text }
        if key.date != date { wire.businessDate = number(key.date) }
        wire.stan = key.stan
        return wire
    }

    /// A transaction; settlement and time are the daemon's to tell.
    static func transaction(
        _ transaction: DayTransaction, terminal: TerminalID, date: CivilDate?
    ) -> WireTransaction {
        var wire = key(transaction.key, terminal: terminal, date: date)
        wire.kind = UInt32(transaction.kind.rawValue)
        wire.total = transaction.total.fen
        wire.insured = transaction.insured.fen
        return wire
    }
}
