import Ledger
import SettlementDomain

extension ResponseEncoder {
    /// The daemon's totals of a date; the code says whether the terminal's are the same.
    public static func reconciliationTotals(
        _ content: ReconciliationTotalsContent, _ result: ResultFields
    ) -> [UInt8] {
        var wire = WireReconciliationTotalsResponse(result)
        wire.date = UInt32(content.date.yyyymmdd)
        wire.scope = RequestEncoder.scope(content.scope)
        wire.closed = content.isClosed
        wire.totals = content.totals.map(RequestEncoder.kindTotals)
        return wire.bodyBytes
    }

    /// A page of a date's transactions: as many as fit.
    ///
    /// - Parameters:
    ///   - content: the transactions, more of them than fit perhaps.
    ///   - terminal: who asks; its own id is left out.
    ///   - bodyBytesMax: the longest body; one transaction is given all the same.
    ///   - result: what the response begins with.
    /// - Returns: the body; `more` is set where not all were put into it.
    public static func reconciliationDetails(
        _ content: ReconciliationDetailsContent, terminal: TerminalID, bodyBytesMax: Int,
        _ result: ResultFields
    ) -> [UInt8] {
        var wire = WireReconciliationDetailsResponse(result)
        wire.date = UInt32(content.date.yyyymmdd)
        wire.scope = RequestEncoder.scope(content.scope)
        wire.more = true
        var room = bodyBytesMax - wire.bodyBytes.count
        for row in content.transactions {
            let next = transaction(row, terminal: terminal, date: content.date)
            room -= fieldBytes(next.bodyBytes.count)
            guard room >= 0 || wire.transactions.isEmpty else { return wire.bodyBytes }
            wire.transactions.append(next)
        }
        wire.more = content.hasMore
        return wire.bodyBytes
    }

    /// Where terminal and daemon differ: as much as fits.
    ///
    /// - Parameters:
    ///   - content: ranges and differences, more of them than fit perhaps.
    ///   - terminal: who asks; its own id is left out.
    ///   - bodyBytesMax: the longest body.
    ///   - result: what the response begins with.
    /// - Returns: the body; `more` is set where not all were put into it.
    public static func reconciliationDifferences(
        _ content: ReconciliationDifferencesContent, terminal: TerminalID, bodyBytesMax: Int,
        _ result: ResultFields
    ) -> [UInt8] {
        var wire = WireReconciliationDifferencesResponse(result)
        wire.date = UInt32(content.date.yyyymmdd)
        wire.scope = RequestEncoder.scope(content.scope)
        wire.differingRanges = content.differingRanges.map { UInt32(clamping: $0) }
        wire.more = true
        var room = bodyBytesMax - wire.bodyBytes.count
        for difference in content.differences {
            let next = self.difference(difference, terminal: terminal, date: content.date)
            room -= fieldBytes(next.bodyBytes.count)
            guard room >= 0 || wire.differences.isEmpty else { return wire.bodyBytes }
            wire.differences.append(next)
        }
        wire.more = content.hasMore
        return wire.bodyBytes
    }

    /// What a message of so many bytes takes at most as a field, whose number is below 2,048.
    static func fieldBytes(_ count: Int) -> Int {
        count + (count < 128 ? 3 : count < 16_384 ? 4 : 5)
    }

    private static func transaction(
        _ row: DayTransaction, terminal: TerminalID, date: CivilDate
    ) -> WireTransaction {
        var wire = RequestEncoder.transaction(row, terminal: terminal, date: date)
        if row.kind != .settle, let id = row.settlement { wire.settlementID = id.description }
        wire.time = row.time
        return wire
    }

    private static func difference(
        _ difference: Difference, terminal: TerminalID, date: CivilDate
    ) -> WireDifference {
        var wire = WireDifference()
        switch (difference.terminal, difference.daemon) {
        case (.some, nil): wire.kind = .onlyTerminal
        case (nil, .some): wire.kind = .onlyDaemon
        default: wire.kind = .amountsDiffer
        }
        if let own = difference.terminal {
            wire.terminal = transaction(own, terminal: terminal, date: date)
        }
        if let ours = difference.daemon {
            wire.daemon = transaction(ours, terminal: terminal, date: date)
        }
        return wire
    }
}
