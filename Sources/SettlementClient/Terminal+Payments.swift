import Ledger
import SettlementDomain
import SettlementProtocol

extension Terminal {
    /// How a request for money ended.
    public enum Conclusion: Sendable {
        /// The daemon's answer, approval or refusal, however often it had to be asked.
        case answered(Answer)
        /// No answer could be had; the request of this item was reversed, and has no effect.
        case reversed(OpenItem, by: Answer)
        /// Neither an answer nor an answer to its reversal could be had, or the reversal was refused.
        ///
        /// `resolveOpenItems` goes on with it; it is in the file of open items until then. The fault
        /// is what kept it open; nil where the daemon answered.
        case open(OpenItem, because: ClientFault?)
    }

    /// Hands an answer to the customer, on paper for one; returns when that is done.
    public typealias HandOut = @Sendable (Answer) async -> Void

    /// Debits a sale under the next STAN and stays with that key until its fate is known.
    ///
    /// - Parameters:
    ///   - sale: what is sold.
    ///   - handOut: called with the answer; until it has returned the sale is an open item, so that
    ///     what was never handed out is reversed after a crash.
    /// - Returns: how it ended.
    /// - Throws: `ClientFault`, where nothing was executed; `file` also where the terminal cannot
    ///   keep its books: then it is an open item, and nothing was handed out unless `handOut` was
    ///   called.
    /// - Source: Protocol/Sessions.md, "Retries".
    public func settle(
        _ sale: Sale, handOut: HandOut = { _ in }
    ) async throws(ClientFault) -> Conclusion {
        try await conclude(.settle, card: sale.card, total: sale.total, handOut) {
            (connection, header) throws(ClientFault) in
            try await connection.settle(sale, header)
        }
    }

    /// Undoes a whole settlement of the present business date.
    ///
    /// - Parameters:
    ///   - settlement: its id.
    ///   - card: the card that paid.
    ///   - total: the settlement's total.
    ///   - handOut: as in `settle`.
    /// - Returns: how it ended; where it was reversed the settlement stands as before.
    /// - Throws: as `settle`.
    /// - Source: Protocol/Undoing.md.
    public func void(
        _ settlement: SettlementID, card: CardNumber, total: Money, handOut: HandOut = { _ in }
    ) async throws(ClientFault) -> Conclusion {
        let command = VoidCommand(settlement: settlement, card: card, total: total)
        return try await conclude(.void, card: card, total: total, handOut) {
            (connection, header) throws(ClientFault) in
            try await connection.void(command, header)
        }
    }

    /// Gives back lines of a settlement, or quantities of them.
    ///
    /// - Parameters:
    ///   - settlement: its id.
    ///   - card: the card that paid.
    ///   - lines: what comes back, 1...200, none twice.
    ///   - total: what the refunded amounts sum to; nil: not checked.
    ///   - handOut: as in `settle`.
    /// - Returns: how it ended; where it was reversed the settlement stands as before.
    /// - Throws: as `settle`.
    /// - Source: Protocol/Undoing.md.
    public func refund(
        _ settlement: SettlementID, card: CardNumber, lines: [RefundLine], total: Money? = nil,
        handOut: HandOut = { _ in }
    ) async throws(ClientFault) -> Conclusion {
        let command = RefundCommand(
            settlement: settlement, card: card, lines: lines, total: total)
        return try await conclude(.refund, card: card, total: total ?? .zero, handOut) {
            (connection, header) throws(ClientFault) in
            try await connection.refund(command, header)
        }
    }

    func conclude(
        _ kind: RequestKind, card: CardNumber, total: Money, _ handOut: HandOut,
        _ send: (TerminalConnection, RequestHeader) async throws(ClientFault) -> TerminalResponse
    ) async throws(ClientFault) -> Conclusion {
        let header = try await nextHeader()
        let item = OpenItem(key: key(of: header), kind: kind, card: card, total: total)
        try openItems?.note(item)
        busy.insert(item.key)
        defer { busy.remove(item.key) }
        let attempt: Attempt
        do throws(ClientFault) {
            attempt = try await self.attempt { (connection) throws(ClientFault) in
                try await send(connection, header)
            }
        } catch {
            guard error.isOutcomeUnknown else {
                // Nothing was executed: there is nothing to reverse.
                try openItems?.settle(item.key)
                throw error
            }
            return await reverse(item)
        }
        guard let response = await answer(attempt, item.key) else { return await reverse(item) }
        return try await deliver(Answer(key: item.key, response: response), of: item, handOut)
    }

    /// Takes an answer into the terminal's books and hands it out.
    func deliver(
        _ answer: Answer, of item: OpenItem, _ handOut: HandOut
    ) async throws(ClientFault) -> Conclusion {
        try list(answer, of: item.kind)
        await handOut(answer)
        try openItems?.settle(item.key)
        return .answered(answer)
    }

    /// Lists the transaction that an answer tells of, if it is one.
    func list(_ answer: Answer, of kind: RequestKind) throws(ClientFault) {
        guard let dayLists, let transaction = DayTransaction(kind, answer.key, answer.response)
        else { return }
        try dayLists.add(
            transaction, bookedOn: answer.response.result.businessDate ?? answer.key.date)
    }

    /// The final answer; nil where it is still not known whether the request was executed.
    private func answer(_ attempt: Attempt, _ key: RequestKey) async -> TerminalResponse? {
        let result = attempt.response.result
        switch result.code {
        case .malfunction: return try? await status(untilKnown: key)?.response
        case .executing: return nil
        default:
            // What is not recorded speaks of this attempt only: one before may have been executed.
            return attempt.mayHaveExecuted && !result.mayBeRecorded ? nil : attempt.response
        }
    }

    /// What the status says of a request, asked until it knows or patience ends.
    ///
    /// - Returns: the state, and the recorded answer where it still holds; nil where the request is
    ///   executing still, or the daemon does not tell.
    func status(
        untilKnown key: RequestKey
    ) async throws(ClientFault) -> (state: StatusAnswer.State, response: TerminalResponse?)? {
        let attempt = try await attempt(next: Self.nextOfStatus) {
            (connection) throws(ClientFault) in
            try await connection.status(ofSTAN: key.stan, on: key.date)
        }
        guard case .status(let status) = attempt.response.payload, status.state != .executing
        else { return nil }
        guard let kind = status.kind, !status.response.isEmpty, status.state != .reversed else {
            return (status.state, nil)
        }
        return (status.state, try decoded(status.response, kind))
    }

    private static func nextOfStatus(_ response: TerminalResponse) -> Next {
        if case .status(let status) = response.payload {
            return status.state == .executing ? .sameAgain : .done
        }
        return response.result.code == .malfunction ? .sameAgain : next(response.result.code)
    }
}

extension ResultFields {
    /// Whether it may be a recorded answer, which holds for the key; if not, it says only what became
    /// of the request that it answers.
    ///
    /// - Source: Protocol/Sessions.md, "Exactly once".
    var mayBeRecorded: Bool {
        switch code {
        case .executing, .dayClose, .unavailable, .malfunction, .pinBlockUnusable, .formatError,
            .notSupported, .notPermittedToTerminal, .securityViolation, .institutionInvalid:
            false
        case .invalidTransaction: reason != .businessDateUnknown
        // 94 is not recorded, but says that the key has another request's answer: this one was
        // never executed.
        default: true
        }
    }
}
