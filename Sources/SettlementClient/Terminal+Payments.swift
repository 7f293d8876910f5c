import Ledger
import SettlementDomain
import SettlementProtocol

extension Terminal {
    /// How a request for money ended.
    public enum Conclusion: Sendable {
        /// The daemon's answer, approval or refusal, however often it had to be asked.
        case answered(Answer)
        /// No answer could be had; the request was reversed, and has no effect.
        case reversed(RequestKey, by: TerminalResponse)
        /// Neither an answer nor an answer to its reversal could be had, or the reversal was refused.
        ///
        /// `resolveOpenItems` goes on with it; it is in the file of open items until then.
        case open(OpenItem)
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
    /// - Throws: `ClientFault`, where nothing was executed.
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

    /// Goes on with every open item: reverses what was given up, and what a terminal that stopped in
    /// the middle may have had executed.
    ///
    /// An item whose answer had come before the stop is reversed too: it was never handed out. A
    /// reversal that was refused stays, for a person.
    /// - Returns: what is still open.
    /// - Throws: `file`, or what keeps the terminal from connecting at all.
    public func resolveOpenItems() async throws(ClientFault) -> [OpenItem] {
        guard let openItems else { return [] }
        for item in openItems.all {
            if case .refused = item.stage { continue }
            _ = try await reverse(item)
        }
        return openItems.all
    }

    /// Tells that a person has dealt with an open item: it is forgotten.
    public func settleOpenItem(_ key: RequestKey) throws(ClientFault) {
        try openItems?.settle(key)
    }

    private func conclude(
        _ kind: RequestKind, card: CardNumber, total: Money, _ handOut: HandOut,
        _ send: (TerminalConnection, RequestHeader) async throws(ClientFault) -> TerminalResponse
    ) async throws(ClientFault) -> Conclusion {
        let header = try await nextHeader()
        let key = key(of: header)
        let item = OpenItem(key: key, kind: kind, card: card, total: total)
        try openItems?.note(item)
        do throws(ClientFault) {
            let attempt = try await attempt { (connection) throws(ClientFault) in
                try await send(connection, header)
            }
            if let response = await settled(attempt, key) {
                let answer = Answer(key: key, response: response)
                await handOut(answer)
                try openItems?.settle(key)
                return .answered(answer)
            }
        } catch {
            guard error.isOutcomeUnknown else {
                // Nothing was executed: there is nothing to reverse.
                try openItems?.settle(key)
                throw error
            }
        }
        return try await reverse(item)
    }

    /// The final answer; nil where it is still not known whether the request was executed.
    private func settled(
        _ attempt: Attempt, _ key: RequestKey
    ) async -> TerminalResponse? {
        let code = attempt.response.result.code
        if code == .malfunction { return try? await answerByStatus(key) }
        // Codes that are not recorded speak of this attempt; one before it may have been executed.
        return Self.isOfAttempt(code) && attempt.mayHaveExecuted ? nil : attempt.response
    }

    /// Whether the code may have been given without the ledger having been asked.
    private static func isOfAttempt(_ code: ResponseCode) -> Bool {
        switch code {
        case .notPermittedToTerminal, .institutionInvalid, .notSupported, .formatError,
            .securityViolation:
            true
        default: asksAgain(code)
        }
    }

    /// What the status says became of a request after 96; nil where it cannot be found out.
    private func answerByStatus(
        _ key: RequestKey
    ) async throws(ClientFault) -> TerminalResponse? {
        let response = try await status(of: key)
        guard case .status(let status) = response.payload, let kind = status.kind,
            !status.response.isEmpty
        else { return nil }
        switch status.state {
        case .approved, .refused:
            return try decoded(status.response, kind)
        case .neverSeen, .executing, .reversed, .voided, .refunded, .partlyRefunded:
            return nil
        }
    }

    /// Sends the reversal of an item until it is answered, or patience ends.
    private func reverse(_ item: OpenItem) async throws(ClientFault) -> Conclusion {
        var item = item
        let header: RequestHeader
        if case .reversing(let key, let time) = item.stage {
            header = RequestHeader(businessDate: key.date, stan: key.stan, terminalTime: time)
        } else {
            header = try await nextHeader()
            item.stage = .reversing(key(of: header), time: header.terminalTime)
            try openItems?.note(item)
        }
        let answer: TerminalResponse
        do throws(ClientFault) {
            let attempt = try await attempt { (connection) throws(ClientFault) in
                try await connection.reverse(
                    originalSTAN: item.key.stan, on: item.key.date, card: item.card,
                    total: item.total, header)
            }
            answer = attempt.response
        } catch {
            // The same reversal is sent again when open items are resolved next.
            return .open(item)
        }
        let result = answer.result
        if result.code == .approved {
            try openItems?.settle(item.key)
            return .reversed(item.key, by: answer)
        }
        if result.reason == .businessDateUnknown {
            // Its key has grown too old to be taken, and so was never taken: the next has a new one.
            item.stage = .sent
            try openItems?.note(item)
        } else if !Self.asksAgain(result.code), result.code != .malfunction {
            item.stage = .refused(result.code, result.reason)
            try openItems?.note(item)
        }
        return .open(item)
    }
}
