import SettlementDomain

/// What the guards of a card found: who pays.
struct Payer {
    var card: CardRow
    var person: PersonRow
    /// Whether the right PIN set the count of wrong ones to zero, or moved the card's value to the
    /// current verification key.
    var changesCard: Bool
}

/// The end of a ladder of guards: go on, or refuse.
enum Guarded<Value> {
    case passed(Value)
    /// Refused; `recorded` says whether the answer is kept under the key. The card, where given,
    /// has a new count of wrong PINs.
    case refused(Verdict, recorded: Bool, card: CardRow?)
}

extension Ledger {
    /// Refuses keys that no session of this date may use; such an answer is not recorded.
    func guardKey(_ key: RequestKey, on rows: WorkingSet) -> Verdict? {
        let today = rows.reference.businessDate
        let days = key.date.days(to: today)
        guard days >= 0, days <= limits.keyDaysMax else {
            return refusal(
                .invalidTransaction, .businessDateUnknown,
                "business_date \(key.date): the daemon's is \(today)")
        }
        return nil
    }

    /// Refuses a blocked terminal, and an institution without an active contract.
    func guardTerminal(_ request: LedgerRequest, on rows: WorkingSet) -> Verdict? {
        guard let terminal = rows.reference.terminals[request.key.terminal] else {
            return refusal(.notPermittedToTerminal, .terminalUnknown)
        }
        if terminal.blocked { return refusal(.notPermittedToTerminal, .terminalBlocked) }
        guard let row = rows.reference.institutions[terminal.institution] else {
            return refusal(.institutionInvalid, .institutionUnknown)
        }
        switch row.institution.contract {
        case .active: return nil
        case .suspended: return refusal(.institutionInvalid, .institutionSuspended)
        case .terminated: return refusal(.institutionInvalid, .institutionTerminated)
        }
    }

    /// Finds who pays, in the order of Protocol/ResponseCodes.md, "Precedence".
    func guardCard(
        _ number: CardNumber?, _ proof: PINProof, on rows: WorkingSet
    ) -> Guarded<Payer> {
        // Without a card number there is nothing that a PIN block could be bound to.
        guard let number else { return refused(.noSuchCard, .cardNumberInvalid) }
        let current: PINVerification
        switch proof {
        case .value(let value, _): current = value
        case .absent, .unusable:
            return .refused(
                refusal(.pinBlockUnusable, .pinBlockUnusable), recorded: false, card: nil)
        case .withheld:
            return .refused(
                refusal(.notPermittedToTerminal, .tooManyWrongPINs), recorded: false, card: nil)
        }
        guard var card = rows.cards[number], let person = rows.persons[card.person] else {
            return refused(.noSuchCard, .cardUnknown)
        }
        switch card.state {
        case .active: break
        case .lost: return refused(.cardLost, .cardLost)
        case .cancelled: return refused(.noSuchCard, .cardCancelled)
        }
        guard rows.reference.businessDate <= card.expires else {
            return refused(.cardExpired, .cardExpired)
        }
        guard let expected = card.verification else {
            return refused(.pinTriesExceeded, .pinNotSet)
        }
        guard card.triesFailed < CardRow.triesMax else {
            return refused(.pinTriesExceeded, .pinLocked)
        }
        guard let given = proof.value(under: expected.keyID) else {
            // An older key was retired. A later one is with another daemon and not yet with this.
            guard expected.keyID > current.keyID else {
                return refused(.pinTriesExceeded, .pinNotSet)
            }
            return .refused(
                refusal(.unavailable, .verificationKeyMissing), recorded: false, card: nil)
        }
        guard expected.matches(given) else {
            card.triesFailed += 1
            let left = CardRow.triesMax - card.triesFailed
            let verdict =
                left == 0
                ? refusal(.pinTriesExceeded, .pinLocked)
                : Verdict(code: .wrongPIN, reason: .pinWrong, triesLeft: left)
            return .refused(verdict, recorded: true, card: card)
        }
        // Only upwards: a request that waited while the key was changed must not move it back.
        let moves = current.keyID > expected.keyID
        if moves { card.verification = current }
        let changes = card.triesFailed > 0 || moves
        card.triesFailed = 0
        if person.frozen {
            return .refused(
                refusal(.notPermittedToPerson, .benefitFrozen), recorded: true,
                card: changes ? card : nil)
        }
        return .passed(Payer(card: card, person: person, changesCard: changes))
    }

    private func refused(_ code: ResponseCode, _ reason: Reason) -> Guarded<Payer> {
        .refused(refusal(code, reason), recorded: true, card: nil)
    }

    /// Answers a refusal of the guards, recorded or not.
    func answer(
        _ verdict: Verdict, recorded: Bool, card: CardRow?, to request: LedgerRequest,
        at millis: Int64, on rows: inout WorkingSet
    ) -> Decision {
        guard recorded else { return respond(verdict, to: request, at: millis, on: rows) }
        return record(
            verdict, of: request, at: millis, on: &rows, changes: card.map { [.card($0)] } ?? [])
    }
}
