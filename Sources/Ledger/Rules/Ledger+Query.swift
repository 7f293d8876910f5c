import SettlementDomain

extension Ledger {
    /// Decides whether a query may be answered; what it reads is not the ledger's business.
    func permit(
        _ query: PersonQuery, of request: LedgerRequest, at millis: Int64,
        on rows: inout WorkingSet
    ) -> Decision {
        if let verdict = guardKey(request.key, on: rows) {
            return respond(verdict, to: request, at: millis, on: rows)
        }
        if let verdict = guardTerminal(request, on: rows) {
            return record(verdict, of: request, at: millis, on: &rows)
        }
        switch admit(query.asking, of: request, on: rows) {
        case .refused(let verdict, let recorded, let card):
            return answer(
                verdict, recorded: recorded, card: card, to: request, at: millis, on: &rows)
        case .passed(let admitted):
            return record(
                Verdict(code: .approved, reason: .none), of: request, at: millis, on: &rows,
                changes: admitted.changes)
        }
    }

    /// Of whom a permitted query may read, and how answers name them.
    ///
    /// Also of a query whose permission was recorded before.
    public func person(
        of query: PersonQuery, on rows: WorkingSet
    ) -> (PersonID, nameMasked: String)? {
        guard case .passed(let found) = find(query.asking.subject, on: rows) else { return nil }
        return (found.person.person.id, MaskedName.of(found.person.name))
    }
}
