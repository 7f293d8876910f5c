import SettlementDomain

extension Ledger {
    /// Adds the rows that a card service reads.
    func add(_ command: CardServiceCommand, to keys: inout LoadKeys) {
        guard case .reissue(let new) = command.step else {
            return add(command.asking, to: &keys)
        }
        add(command.asking, cards: true, to: &keys)
        if let number = new.number {
            keys.cards.append(LoadKeys.Card(number: number, year: nil, family: false))
        }
    }

    /// Decides a request about a card itself.
    func serve(
        _ command: CardServiceCommand, of request: LedgerRequest, at millis: Int64,
        on rows: inout WorkingSet
    ) -> Decision {
        if let verdict = guardKey(request.key, on: rows) {
            return respond(verdict, to: request, at: millis, on: rows)
        }
        if let verdict = guardTerminal(request, on: rows) {
            return record(verdict, of: request, at: millis, on: &rows)
        }
        let admitted: Admitted
        switch admit(command.asking, of: request, on: rows) {
        case .refused(let verdict, let recorded, let card):
            return answer(
                verdict, recorded: recorded, card: card, to: request, at: millis, on: &rows)
        case .passed(let passed): admitted = passed
        }
        switch serve(command.step, admitted, on: rows) {
        case .refused(let verdict, let recorded, _):
            guard recorded else { return respond(verdict, to: request, at: millis, on: rows) }
            return record(verdict, of: request, at: millis, on: &rows, changes: admitted.changes)
        case .passed(let served):
            // The card's last value counts: what admission changed of it is in there.
            let answer = CardServiceAnswer(
                nameMasked: MaskedName.of(admitted.person.name), card: served.card,
                cancelled: served.cancelled.map(\.number.description))
            return record(
                Verdict(code: .approved, reason: .none, payload: .cardService(answer)),
                of: request, at: millis, on: &rows,
                changes: admitted.changes.filter { !$0.isCard }
                    + (served.cancelled + [served.card]).map { .card($0) })
        }
    }

    private struct Served {
        var card: CardRow
        var cancelled: [CardRow] = []
    }

    private func serve(
        _ step: CardServiceCommand.Step, _ admitted: Admitted, on rows: WorkingSet
    ) -> Guarded<Served> {
        if case .reissue(let new) = step { return reissue(new, admitted, on: rows) }
        guard var card = admitted.card else {
            return deny(.noSuchCard, .cardUnknown, "card: name the card by its number")
        }
        if card.state == .cancelled { return deny(.noSuchCard, .cardCancelled) }
        switch step {
        case .reportLoss:
            if card.state == .lost { return deny(.cardLost, .cardLost) }
            card.state = .lost
        case .withdrawLoss:
            guard card.state == .lost else { return deny(.invalidTransaction, .cardNotLost) }
            card.state = .active
        case .changePIN(let proof):
            if card.state == .lost { return deny(.cardLost, .cardLost) }
            guard rows.reference.businessDate <= card.expires else {
                return deny(.cardExpired, .cardExpired)
            }
            guard case .value(let value, _) = proof else {
                return .refused(
                    refusal(.pinBlockUnusable, .pinBlockUnusable, "new_pin_block"),
                    recorded: false, card: nil)
            }
            card.verification = value
            card.triesFailed = 0
        case .unlockPIN:
            if card.state == .lost { return deny(.cardLost, .cardLost) }
            guard card.triesFailed >= CardRow.triesMax else {
                return deny(.invalidTransaction, .pinNotLocked)
            }
            card.triesFailed = 0
        case .reissue: break
        }
        return .passed(Served(card: card))
    }

    /// A card is good for at most so many years.
    private static let cardYearsMax = 20

    private func reissue(
        _ new: CardServiceCommand.NewCard, _ admitted: Admitted, on rows: WorkingSet
    ) -> Guarded<Served> {
        let verification: PINVerification?
        switch new.pin {
        case .absent: verification = nil
        case .value(let value, _): verification = value
        case .unusable, .withheld:
            return .refused(
                refusal(.pinBlockUnusable, .pinBlockUnusable, "new_pin_block"), recorded: false,
                card: nil)
        }
        guard let number = new.number else {
            return deny(.noSuchCard, .cardNumberInvalid, "new_card: its check digit is wrong")
        }
        guard rows.cards[number] == nil else {
            return deny(.invalidTransaction, .cardNumberInUse, "new_card: there is such a card")
        }
        let today = rows.reference.businessDate
        guard new.expires > today,
            new.expires.yyyymmdd <= today.yyyymmdd + Int32(Self.cardYearsMax) * 10_000
        else {
            return deny(
                .invalidTransaction, .cardExpiryInvalid,
                "expires \(new.expires): not within \(Self.cardYearsMax) years of \(today)")
        }
        let person = admitted.person.person.id
        let cancelled = (rows.cardsOf[person] ?? []).sorted().compactMap { number in
            rows.cards[number].flatMap { card -> CardRow? in
                guard card.state != .cancelled else { return nil }
                var card = card
                card.state = .cancelled
                return card
            }
        }
        return .passed(
            Served(
                card: CardRow(
                    number: number, person: person, state: .active, expires: new.expires,
                    verification: verification, triesFailed: 0),
                cancelled: cancelled))
    }

    private func deny(
        _ code: ResponseCode, _ reason: Reason, _ detail: String = ""
    ) -> Guarded<Served> {
        .refused(refusal(code, reason, detail), recorded: true, card: nil)
    }
}

extension RowChange {
    /// Whether this is a card's new value.
    var isCard: Bool {
        if case .card = self { true } else { false }
    }
}
