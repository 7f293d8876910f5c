import Ledger
import SettlementDomain
import SettlementProtocol

extension TerminalConnection {
    /// Undoes a whole settlement of the present business date.
    ///
    /// - Parameters:
    ///   - command: which, with the card and the total of the sale.
    ///   - header: the key with its time; for a retry, the one that was sent first.
    /// - Returns: the answer; its payload is `undone` where it is approved.
    /// - Throws: `ClientFault`; where `isOutcomeUnknown`, it may have been undone.
    public func void(
        _ command: VoidCommand, _ header: RequestHeader
    ) async throws(ClientFault) -> TerminalResponse {
        try await ask(.void, RequestEncoder.void(header, command))
    }

    /// Gives back lines of a settlement, or quantities of them.
    ///
    /// - Parameters:
    ///   - command: which settlement and lines, with the card of the sale.
    ///   - header: the key with its time; for a retry, the one that was sent first.
    /// - Returns: the answer; its payload is `undone` where it is approved.
    /// - Throws: `ClientFault`; where `isOutcomeUnknown`, it may have been given back.
    public func refund(
        _ command: RefundCommand, _ header: RequestHeader
    ) async throws(ClientFault) -> TerminalResponse {
        try await ask(.refund, RequestEncoder.refund(header, command))
    }

    /// Undoes a settle, void or refund of this terminal that had no answer.
    ///
    /// - Parameters:
    ///   - originalSTAN: the original's.
    ///   - date: the date in the original's key.
    ///   - card: the card in the original.
    ///   - total: the total in the original; zero of a refund that named none.
    ///   - header: the reversal's own key with its time.
    /// - Returns: the answer; its payload is `undone` where something was undone.
    /// - Throws: `ClientFault`; the same reversal may be sent again.
    public func reverse(
        originalSTAN: UInt32, on date: CivilDate, card: CardNumber, total: Money,
        _ header: RequestHeader
    ) async throws(ClientFault) -> TerminalResponse {
        try await ask(
            .reversal,
            RequestEncoder.reversal(
                header, originalDate: date, originalSTAN: originalSTAN, card: card, total: total))
    }

    /// Gives a settlement's details once more; the payload is `receiptCopy` where it is approved.
    public func receiptCopy(
        of settlement: SettlementID
    ) async throws(ClientFault) -> TerminalResponse {
        try await ask(
            .receiptCopy,
            RequestEncoder.receiptCopy(
                ReceiptCopyRequest(header: unkeyedHeader, settlement: settlement)))
    }

    /// Tells whether both sides agree on a date: 00 or 95.
    ///
    /// - Parameters:
    ///   - totals: the terminal's own; a kind that is left out counts zero.
    ///   - date: the booked date; nil: the daemon's business date.
    ///   - scope: whose transactions.
    /// - Returns: the answer; its payload is `reconciliationTotals` with the daemon's.
    /// - Throws: `ClientFault`; nothing was changed.
    public func reconcile(
        _ totals: [KindTotals], on date: CivilDate? = nil, scope: ReconciliationScope = .terminal
    ) async throws(ClientFault) -> TerminalResponse {
        let request = ReconciliationTotalsRequest(
            header: unkeyedHeader, date: date, scope: scope, totals: totals)
        return try await ask(.reconciliationTotals, RequestEncoder.reconciliationTotals(request))
    }

    /// One page of a date's transactions as the daemon has them.
    ///
    /// - Parameters:
    ///   - date: the booked date; nil: the daemon's business date.
    ///   - scope: whose transactions.
    ///   - after: the last transaction of the page before; nil: the first page.
    ///   - count: how many at most; nil: as many as fit.
    /// - Returns: the answer; its payload is `reconciliationDetails`.
    /// - Throws: `ClientFault`; nothing was changed.
    public func transactions(
        on date: CivilDate? = nil, scope: ReconciliationScope = .terminal,
        after: RequestKey? = nil, count: UInt32? = nil
    ) async throws(ClientFault) -> TerminalResponse {
        try await ask(
            .reconciliationDetails,
            RequestEncoder.reconciliationDetails(
                unkeyedHeader, date: date, scope: scope, after: after, count: count,
                terminal: terminal))
    }

    /// Tells in which ranges, and in which transactions of listed ranges, both sides differ.
    ///
    /// - Parameters:
    ///   - ranges: 1...1000 that do not overlap.
    ///   - date: the booked date; nil: the daemon's business date.
    ///   - scope: whose transactions.
    /// - Returns: the answer, 00 or 95; its payload is `reconciliationDifferences`.
    /// - Throws: `ClientFault`; nothing was changed.
    public func differences(
        in ranges: [ReconciledRange], on date: CivilDate? = nil,
        scope: ReconciliationScope = .terminal
    ) async throws(ClientFault) -> TerminalResponse {
        try await ask(
            .reconciliationDifferences,
            RequestEncoder.reconciliationDifferences(
                unkeyedHeader, date: date, scope: scope, ranges: ranges, terminal: terminal))
    }
}
