import CardSecurity
import Ledger
import SettlementDomain
import SettlementProtocol

extension Terminal {
    /// Compares the terminal's own list of a date with the daemon's: totals first, then digests of
    /// ranges, then lists of what differs.
    ///
    /// - Parameters:
    ///   - transactions: the terminal's, in any order; of several with one key the last counts.
    ///   - date: the booked date; nil: the daemon's business date.
    ///   - scope: whose transactions; those of an institution may be gathered at one terminal.
    ///   - thoroughness: when transactions are compared beside totals.
    /// - Returns: what differs.
    /// - Throws: `ClientFault`, `protocolViolation` with the daemon's refusal; nothing was changed.
    /// - Source: Protocol/Reconciliation.md.
    public func reconcile(
        _ transactions: [DayTransaction], on date: CivilDate? = nil,
        scope: ReconciliationScope = .terminal,
        thoroughness: Reconciliation.Thoroughness = .whereTotalsDisagree
    ) async throws(ClientFault) -> Reconciliation {
        let date = if let date { date } else { try await connection().businessDate }
        let own = Reconciliation.totals(transactions)
        let answer = try await attempt { (connection) throws(ClientFault) in
            try await connection.reconcile(own, on: date, scope: scope)
        }.response
        guard case .reconciliationTotals(let totals) = answer.payload else {
            throw Self.refused(answer.result)
        }
        var result = Reconciliation(
            date: date, scope: scope, isClosed: totals.isClosed, own: own, daemon: totals.totals,
            totalsAgree: answer.result.code == .approved, differences: [], requests: 1)
        if !result.totalsAgree || thoroughness == .always {
            try await search(transactions, into: &result)
        }
        return result
    }

    private func search(
        _ transactions: [DayTransaction], into result: inout Reconciliation
    ) async throws(ClientFault) {
        let (date, scope, terminal) = (result.date, result.scope, credentials.terminal)
        let bodyBytesMax =
            Int(try await connection().grant.frameBytesMax) - Frame.countedHeaderBytes
        let header = RequestHeader(businessDate: date, stan: 0, terminalTime: .max)
        var search = ReconciliationSearch(
            transactions, limits: .init(bodyBytesMax: bodyBytesMax), sha256: Self.sha256,
            weigh: { ranges in
                RequestEncoder.reconciliationDifferences(
                    header, date: date, scope: scope, ranges: ranges, terminal: terminal
                ).count
            })
        while let ranges = search.next() {
            let answer = try await attempt { (connection) throws(ClientFault) in
                try await connection.differences(in: ranges, on: date, scope: scope)
            }.response
            result.requests += 1
            guard case .reconciliationDifferences(let content) = answer.payload else {
                throw Self.refused(answer.result)
            }
            do throws(ReconciliationSearch.Fault) {
                try search.take(content)
            } catch {
                throw .protocolViolation("the answer to a reconciliation: \(error.problem)")
            }
        }
        result.differences = search.differences
    }

    private static func refused(_ result: ResultFields) -> ClientFault {
        .refused("the reconciliation", result)
    }

    private static let sha256: SHA256Function = { Digest(words: SHA256.digest($0).words) }
}
