import Ledger
import SettlementDomain
import SettlementProtocol

extension Terminal {
    /// What becomes of an open item that the daemon has approved, where it is not known whether its
    /// answer was handed out.
    public enum Resolution: Sendable, Hashable {
        /// It is reversed: a terminal that stopped in the middle has handed nothing out.
        case reverse
        /// Its recorded answer is taken and handed out.
        case takeAnswer
    }

    /// Undoes a settle, void or refund of this terminal that had no answer.
    ///
    /// - Parameters:
    ///   - original: its key.
    ///   - kind: what it was.
    ///   - card: the card in it.
    ///   - total: the total in it; zero of a refund that named none.
    /// - Returns: `reversed`, or `open` with the refusal or the fault.
    /// - Throws: `ClientFault`, where it could not even be noted; nothing was sent.
    /// - Source: Protocol/Undoing.md, "Reversal".
    public func reverse(
        _ original: RequestKey, _ kind: RequestKind = .settle, card: CardNumber, total: Money
    ) async throws(ClientFault) -> Conclusion {
        var item = OpenItem(key: original, kind: kind, card: card, total: total)
        item.stage = .givenUp
        guard !busy.contains(original) else {
            return .open(openItems?[original] ?? item, because: nil)
        }
        try openItems?.note(item)
        busy.insert(original)
        defer { busy.remove(original) }
        return await reverse(item)
    }

    /// Goes on with every open item that no task is busy with.
    ///
    /// What was given up is reversed. Of what a terminal that stopped in the middle had sent, the
    /// status is asked: a refusal is its answer; what was approved ends as `resolution` says; what
    /// was never seen is reversed, so that it does nothing if it comes late. A reversal that was
    /// refused stays, for a person.
    ///
    /// - Parameters:
    ///   - resolution: what becomes of what was approved.
    ///   - handOut: called with each answer that is taken.
    /// - Returns: how each ended, in the order of keys.
    /// - Throws: `file`; the items stay.
    public func resolveOpenItems(
        _ resolution: Resolution = .reverse, handOut: HandOut = { _ in }
    ) async throws(ClientFault) -> [Conclusion] {
        var conclusions: [Conclusion] = []
        for item in openItems?.all ?? [] {
            if let conclusion = try await resolve(item, resolution, handOut) {
                conclusions.append(conclusion)
            }
        }
        return conclusions
    }

    /// Sends the reversal of an open item once more, under a new key, after a refusal too.
    ///
    /// - Returns: how it ended; nil where no such item is open.
    /// - Throws: as `resolveOpenItems`.
    public func retryReversal(of key: RequestKey) async throws(ClientFault) -> Conclusion? {
        guard var item = openItems?[key] else { return nil }
        item.stage = .givenUp
        return try await resolve(item, .reverse) { _ in }
    }

    /// Tells that a person has dealt with an open item: it is forgotten.
    public func settleOpenItem(_ key: RequestKey) throws(ClientFault) {
        try openItems?.settle(key)
    }

    private func resolve(
        _ item: OpenItem, _ resolution: Resolution, _ handOut: HandOut
    ) async throws(ClientFault) -> Conclusion? {
        // Another task may have ended it since the list was made.
        guard openItems?[item.key] != nil, !busy.contains(item.key) else { return nil }
        busy.insert(item.key)
        defer { busy.remove(item.key) }
        switch item.stage {
        case .givenUp, .reversing, .withheld: return await reverse(item)
        case .refused: return .open(item, because: nil)
        case .sent: break
        }
        let known: (state: StatusAnswer.State, response: TerminalResponse?)?
        do throws(ClientFault) {
            known = try await status(untilKnown: item.key)
        } catch {
            return .open(item, because: error)
        }
        guard let known else { return .open(item, because: nil) }
        guard let response = known.response,
            resolution == .takeAnswer || !response.result.code.isApproval
        else { return await reverse(item) }
        let answer = Answer(key: item.key, response: response)
        return try await deliver(answer, of: item, handOut)
    }

    /// Sends the reversal of an item until it is answered, or patience ends.
    ///
    /// Never throws: what is open is in the file, and told.
    func reverse(_ item: OpenItem) async -> Conclusion {
        var item = item
        do throws(ClientFault) {
            var answer = try await sendReversal(of: &item)
            if answer.response.result.reason == .businessDateUnknown {
                // Its key has grown too old to be taken, and so was never taken: a new one is.
                item.stage = .givenUp
                answer = try await sendReversal(of: &item)
            }
            let result = answer.response.result
            switch result.code {
            case .approved:
                try await list(reversal: answer, of: item)
                try openItems?.settle(item.key)
                return .reversed(item, by: answer)
            case .executing, .dayClose, .unavailable, .malfunction: break
            case .institutionInvalid, .formatError, .notSupported, .notPermittedToTerminal,
                .securityViolation, .pinBlockUnusable:
                item.stage = .withheld(
                    answer.key, time: item.reversalTime ?? 0, result.code, result.reason)
                try openItems?.note(item)
            default:
                item.stage = .refused(result.code, result.reason)
                try openItems?.note(item)
            }
            return .open(item, because: nil)
        } catch {
            return .open(item, because: error)
        }
    }

    private func sendReversal(of item: inout OpenItem) async throws(ClientFault) -> Answer {
        let header: RequestHeader
        switch item.stage {
        case .reversing(let key, let time), .withheld(let key, let time, _, _):
            header = RequestHeader(businessDate: key.date, stan: key.stan, terminalTime: time)
        case .sent, .givenUp, .refused:
            item.stage = .givenUp
            // On disk before anything that may take long or fail: it is not to be taken for an
            // answered one any more.
            if openItems?[item.key] != item { try openItems?.note(item) }
            header = try await nextReversalHeader()
            item.stage = .reversing(key(of: header), time: header.terminalTime)
            try openItems?.note(item)
        }
        let (key, card, total) = (item.key, item.card, item.total)
        let attempt = try await attempt(next: Self.nextOfReversal) {
            (connection) throws(ClientFault) in
            try await connection.reverse(
                originalSTAN: key.stan, on: key.date, card: card, total: total, header)
        }
        return Answer(key: self.key(of: header), response: attempt.response)
    }

    /// A reversal may be sent again after 96 too: under its key it is executed once.
    private static func nextOfReversal(_ response: TerminalResponse) -> Next {
        response.result.code == .malfunction ? .sameAgain : next(response.result.code)
    }

    /// Lists a reversal that undid something, and what it undid: that was booked, though this
    /// terminal had no answer.
    private func list(reversal answer: Answer, of item: OpenItem) async throws(ClientFault) {
        guard let dayLists, case .undone(let undone) = answer.response.payload,
            answer.response.result.reason == .none
        else { return }
        var original = DayTransaction(
            key: item.key, kind: item.kind, total: undone.givenBack.total,
            insured: undone.givenBack.insured, settlement: undone.settlement)
        var date = undone.settledDate
        if item.kind != .settle {
            // It gave back what its reversal takes again.
            original.total = .zero - original.total
            original.insured = .zero - original.insured
        }
        if item.kind == .refund {
            // A refund is booked on any date: its recorded answer knows.
            date = await bookedDate(of: item.key) ?? item.key.date
        }
        try dayLists.add(original, bookedOn: date)
        try list(answer, of: .reversal)
    }

    private func bookedDate(of key: RequestKey) async -> CivilDate? {
        guard let response = try? await status(of: key),
            case .status(let status) = response.payload, let kind = status.kind,
            let recorded = try? decoded(status.response, kind)
        else { return nil }
        return recorded.result.businessDate
    }
}

extension OpenItem {
    /// The time in its reversal; nil where it has none.
    fileprivate var reversalTime: Int64? {
        switch stage {
        case .reversing(_, let time), .withheld(_, let time, _, _): time
        case .sent, .givenUp, .refused: nil
        }
    }
}
