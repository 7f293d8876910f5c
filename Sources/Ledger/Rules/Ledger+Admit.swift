import SettlementDomain

/// What the guards of an asking found: about whom, and what the admission itself changes.
struct Admitted {
    var person: PersonRow
    /// The card that was named; nil where the person was named by ID number.
    var card: CardRow?
    /// The access log's line, and the card where a right PIN came after wrong ones.
    var changes: [RowChange]
}

extension Ledger {
    /// Adds the rows that admitting an asking reads; with `cards`, every card of the person.
    func add(_ asking: Asking, cards: Bool = false, to keys: inout LoadKeys) {
        keys.subjects.append(LoadKeys.Holder(subject: asking.subject, cards: cards))
    }

    /// Finds whom an asking is about, and whether it is granted.
    ///
    /// The order of refusals is Protocol/Identity.md's, "Precedence".
    func admit(
        _ asking: Asking, of request: LedgerRequest, on rows: WorkingSet
    ) -> Guarded<Admitted> {
        guard let terminal = rows.reference.terminals[request.key.terminal] else {
            return deny(.notPermittedToTerminal, .terminalUnknown)
        }
        if let verdict = guardRight(asking.authority, of: terminal.role) {
            return .refused(verdict, recorded: true, card: nil)
        }
        let right: AccessRight
        switch asking.authority {
        case .pin(let proof):
            return admit(asking.card, proof, at: terminal, on: rows)
        case .documents(let check): right = .documents(check)
        case .gatewaySession(let reference): right = .gatewaySession(reference)
        case .role: right = .role(terminal.role)
        case .clerk(let name): right = .clerk(name)
        }
        switch find(asking.subject, on: rows) {
        case .refused(let verdict, let recorded, let card):
            return .refused(verdict, recorded: recorded, card: card)
        case .passed(var found):
            if case .documents(let check) = asking.authority,
                let verdict = guardDocuments(check, of: found.person, on: rows)
            {
                return .refused(verdict, recorded: true, card: nil)
            }
            if case .role = asking.authority,
                found.person.standing.employer != terminal.institution
            {
                return deny(.notPermittedToPerson, .notOwnEmployee)
            }
            if case .claim(let id) = asking.subject,
                rows.claims[id]?.agency != terminal.institution
            {
                return deny(.notPermittedToTerminal, .otherInstitution)
            }
            found.changes = [access(to: found.person, at: terminal, by: right)]
            return .passed(found)
        }
    }

    /// Which role may go by which right.
    private func guardRight(_ authority: Authority, of role: Role) -> Verdict? {
        switch authority {
        case .pin: nil
        case .documents where role == .counter: nil
        case .clerk where role == .counter: nil
        case .clerk:
            refusal(
                .notPermittedToTerminal, .roleNotPermitted,
                "clerk: claims are worked on at a counter, not by role \(role.name)")
        case .documents:
            refusal(
                .notPermittedToTerminal, .roleNotPermitted,
                "identity: papers are checked at a counter, not by role \(role.name)")
        case .role where role == .employer: nil
        case .role:
            refusal(
                .notPermittedToTerminal, .roleNotPermitted,
                "pin_block, identity or gateway_session: one of them is needed")
        case .gatewaySession where role == .gateway: nil
        case .gatewaySession:
            refusal(
                .notPermittedToTerminal, .roleNotPermitted,
                "gateway_session: not for role \(role.name)")
        }
    }

    /// By the PIN of a card, which must be good for paying.
    private func admit(
        _ number: CardNumber?, _ proof: PINProof, at terminal: TerminalRow, on rows: WorkingSet
    ) -> Guarded<Admitted> {
        switch guardCard(number, proof, on: rows) {
        case .refused(let verdict, let recorded, let card):
            return .refused(verdict, recorded: recorded, card: card)
        case .passed(let payer):
            var changes = [access(to: payer.person, at: terminal, by: .pin)]
            if payer.changesCard { changes.append(.card(payer.card)) }
            return .passed(Admitted(person: payer.person, card: payer.card, changes: changes))
        }
    }

    /// The person, whatever state a card of theirs is in.
    func find(_ subject: Subject, on rows: WorkingSet) -> Guarded<Admitted> {
        switch subject {
        case .card(nil): return deny(.noSuchCard, .cardNumberInvalid)
        case .card(let number?):
            guard let card = rows.cards[number], let person = rows.persons[card.person] else {
                return deny(.noSuchCard, .cardUnknown)
            }
            return .passed(Admitted(person: person, card: card, changes: []))
        case .idNumber(let number):
            let holders = (rows.holders[number] ?? []).compactMap { rows.persons[$0] }
                .filter { $0.idNumber == number }
            guard let person = holders.first else { return deny(.noSuchCard, .personUnknown) }
            guard holders.count == 1 else {
                return deny(
                    .notPermittedToPerson, .personAmbiguous,
                    "id_number: \(holders.count) persons are registered with it")
            }
            return .passed(Admitted(person: person, card: nil, changes: []))
        case .claim(let id):
            guard let claim = rows.claims[id], let person = rows.persons[claim.person] else {
                return deny(.originalNotFound, .claimUnknown)
            }
            return .passed(Admitted(person: person, card: nil, changes: []))
        }
    }

    /// A resident's ID must be the person's own, or the agent's whose power still holds.
    private func guardDocuments(
        _ check: IdentityCheck, of person: PersonRow, on rows: WorkingSet
    ) -> Verdict? {
        if let proxy = check.proxy {
            let today = rows.reference.businessDate
            guard today <= proxy.validUntil else {
                return refusal(
                    .notPermittedToPerson, .proxyExpired,
                    "identity.proxy.valid_until \(proxy.validUntil): the business date is \(today)")
            }
        }
        guard check.document == .residentID else { return nil }
        let expected = check.proxy?.agentIDNumber ?? person.idNumber
        return check.number == expected.clearText
            ? nil
            : refusal(
                .notPermittedToPerson, .documentDiffers,
                check.proxy == nil
                    ? "identity.number: not the person's ID number"
                    : "identity.number: not the agent's ID number")
    }

    /// A line of the person's access log.
    func access(
        to person: PersonRow, at terminal: TerminalRow, by right: AccessRight
    ) -> RowChange {
        .access(
            AccessRow(
                person: person.person.id, institution: terminal.institution,
                terminal: terminal.id, right: right))
    }

    private func deny<Value>(
        _ code: ResponseCode, _ reason: Reason, _ detail: String = ""
    ) -> Guarded<Value> {
        .refused(refusal(code, reason, detail), recorded: true, card: nil)
    }
}
