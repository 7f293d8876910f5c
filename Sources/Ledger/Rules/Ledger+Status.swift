import SettlementDomain

extension Ledger {
    /// What became of a request of the same terminal.
    func status(of original: RequestKey, on rows: WorkingSet) -> Verdict {
        guard let answer = rows.answers[original] else {
            return rows.tombstones[original] == nil
                ? told(StatusAnswer(state: .neverSeen, kind: nil, response: []))
                : told(
                    StatusAnswer(state: .reversed, kind: nil, response: []), .originalNotSeen)
        }
        return told(
            StatusAnswer(
                state: state(of: answer, on: rows), kind: answer.kind, response: answer.response))
    }

    private func told(_ answer: StatusAnswer, _ reason: Reason = .none) -> Verdict {
        Verdict(code: .approved, reason: reason, payload: .status(answer))
    }

    private func state(of answer: AnswerRow, on rows: WorkingSet) -> StatusAnswer.State {
        guard answer.code.isApproval else { return .refused }
        let id = answer.settlement ?? SettlementID(answer.key)
        guard let row = rows.settlements[id] else { return .approved }
        guard id.key != answer.key else { return row.state.asOriginalState }
        // A void or refund: it stands, or was itself reversed.
        return row.undone.contains { $0.reversed == answer.key } ? .reversed : .approved
    }

    /// A settlement's details once more.
    func copy(of id: SettlementID, for request: LedgerRequest, on rows: WorkingSet) -> Verdict {
        if let verdict = guardTerminal(request, on: rows) { return verdict }
        guard let row = rows.settlements[id], let answer = rows.answers[id.key] else {
            return refusal(.originalNotFound, .originalUnknown)
        }
        guard rows.reference.terminals[request.key.terminal]?.institution == row.institution else {
            return refusal(.notPermittedToTerminal, .otherInstitution)
        }
        return Verdict(
            code: .approved, reason: .none,
            payload: .receiptCopy(ReceiptCopyAnswer(settlement: row, original: answer.response)))
    }
}

extension SettlementRow.State {
    /// As answers name it.
    public var asOriginalState: StatusAnswer.State {
        switch self {
        case .settled: .approved
        case .reversed: .reversed
        case .voided: .voided
        case .refunded: .refunded
        case .partlyRefunded: .partlyRefunded
        }
    }
}
