// What counters, gateways, collectors and employers ask.
extension RequestMaker {
    /// What a cardholder does at any terminal.
    func serviceByPIN() -> ModelCardService {
        let card = card()
        return ModelCardService(
            subject: .card(card), right: .pin(pin(of: card)),
            step: chance.one(in: 10) ? .reportLoss : .changePIN(newPIN()))
    }

    func cardService(at terminal: Int) -> ModelRequest {
        let isCounter = town.roles[terminal] == .counter
        var card = card()
        // Mostly somebody whose card needs it.
        let bad = model.cards.filter { number, card in
            card.state == .lost || card.wrongPINs >= 3
                || card.expires < model.today && card.state == .active
        }
        if !bad.isEmpty, chance.one(in: 2) { card = chance.among(bad.keys.sorted()) }
        let right = chance.one(in: 6) ? .pin(pin(of: card)) : right(at: terminal)
        let step: ModelCardService.Step
        switch isCounter ? chance.below(16) : chance.below(8) {
        case 0: step = .reportLoss
        case 1...7: step = chance.one(in: 3) && isCounter ? .unlockPIN : .changePIN(newPIN())
        case 8...11: step = .withdrawLoss
        default:
            let number =
                chance.one(in: 20) ? card ?? 0 : town.persons.count + chance.below(800)
            let expires =
                chance.one(in: 12)
                ? model.today - 1 + chance.below(2)
                : chance.one(in: 12) ? model.today + 9_000 : model.today + 1 + chance.below(4_000)
            let pin: ModelCardService.NewPIN =
                chance.one(in: 4) ? .none : newPIN().map(ModelCardService.NewPIN.set) ?? .unusable
            let isByID = chance.one(in: 3)
            return .card(
                ModelCardService(
                    subject: isByID
                        ? .idNumber(chance.one(in: 20) ? nil : self.person()) : .card(card),
                    right: isByID ? self.right(at: terminal) : right,
                    step: .reissue(card: number, expires: expires, pin: pin)))
        }
        return .card(ModelCardService(subject: .card(card), right: right, step: step))
    }

    private func newPIN() -> Int? { chance.one(in: 20) ? nil : 20 + chance.below(60) }

    /// Papers at a counter, a session at a gateway; seldom the other way round.
    func right(at terminal: Int) -> ModelRight {
        let isCounter = town.roles[terminal] == .counter
        guard isCounter != chance.one(in: 40) else { return .session }
        let until =
            chance.one(in: 5) ? model.today + (chance.one(in: 4) ? -1 : chance.below(30)) : nil
        return .documents(isOwnID: !chance.one(in: 20), proxyUntil: until)
    }

    func subject() -> ModelSubject {
        chance.one(in: 2) ? .card(card()) : .idNumber(chance.one(in: 30) ? nil : person())
    }

    func familyStep(at terminal: Int) -> ModelFamilyStep {
        let subject = subject()
        var right = self.right(at: terminal)
        if case .card(let card) = subject, chance.one(in: 5) { right = .pin(pin(of: card)) }
        let relative = self.subject()
        guard !chance.one(in: 3) else {
            return ModelFamilyStep(subject: subject, right: right, relative: relative, terms: nil)
        }
        func limit(_ most: Int) -> Int? {
            chance.one(in: 3) ? nil : chance.one(in: 40) ? -1 : chance.below(most)
        }
        let relationship: ModelFamilyStep.Relationship =
            switch chance.below(8) {
            case 0: .parent
            case 1: .child
            case 2 where chance.one(in: 4): .grandparent
            default: .spouse
            }
        return ModelFamilyStep(
            subject: subject, right: right, relative: relative,
            terms: ModelFamilyStep.Terms(
                relationship: relationship, yearly: limit(20_000), daily: limit(6_000),
                position: chance.one(in: 3) ? 1 + chance.below(8) : nil))
    }

    func contribution(at terminal: Int) -> ModelRequest? {
        guard has(.contributions) else { return nil }
        if town.roles[terminal] == .collector, chance.one(in: 2) {
            return .payment(payment(at: terminal))
        }
        let lines = (0..<(1 + chance.below(4))).map { _ in payment(at: terminal) }
        return .declaration(
            ModelDeclaration(
                name: chance.below(4), firstLine: 1 + chance.below(12), lines: lines))
    }

    private func payment(at terminal: Int) -> ModelPayment {
        let number = person()
        let person = town.persons[number]
        var period: Int?
        switch chance.below(40) {
        case 0: period = nil
        case 1: period = 202_401
        case 2: period = person.isEmployee ? 202_600 : 202_612
        case 3: period = 202_702
        default:
            period =
                person.isEmployee
                ? [202_609, 202_610, 202_611, 202_612, 202_701][chance.below(5)]
                : [202_500, 202_600, 202_700][chance.below(3)]
        }
        let base =
            !person.isEmployee
            ? 0 : chance.one(in: 30) ? 299_999 : 300_000 + chance.below(1_300_001)
        let due = period.map { model.due(of: number, base: base, $0) }
        let isAtEmployer = town.roles[terminal] == .employer
        var employer = ModelPayment.Employer.registered
        if person.isEmployee ? !isAtEmployer && chance.one(in: 2) : chance.one(in: 30) {
            employer = chance.one(in: 20) ? .unreadable : .named(chance.one(in: 20) ? 0 : 6)
        }
        return ModelPayment(
            isNameRight: chance.one(in: 60) ? nil : !chance.one(in: 60),
            person: chance.one(in: 60) ? nil : chance.one(in: 60) ? .nobody : .known(number),
            period: period, base: base,
            employerPart: (due?.employer ?? 0) + (chance.one(in: 40) ? 1 : 0),
            individualPart: (due?.individual ?? 0) + (chance.one(in: 40) ? 1 : 0),
            employer: employer)
    }

    /// What a person, or somebody for them, wants to see.
    func query(at terminal: Int) -> ModelQuery {
        let isAtAgency = town.roles[terminal] == .counter || town.roles[terminal] == .gateway
        let card = card()
        var query = ModelQuery(
            subject: .card(card), right: .pin(pin(of: card)), what: what(isAtAgency: isAtAgency))
        if isAtAgency, !chance.one(in: 5) {
            query.subject = subject()
            query.right = right(at: terminal)
        }
        return query
    }

    private func what(isAtAgency: Bool) -> ModelQuery.What {
        let count = chance.one(in: 3) ? 1 + chance.below(8) : 200
        switch chance.below(isAtAgency ? 8 : 5) {
        case 0, 1:
            let from = chance.one(in: 2) ? nil : model.today - chance.below(6)
            let through = chance.one(in: 2) ? nil : model.today - chance.below(3)
            if let from, let through, through < from {
                return .transactions(from: from, through: nil, count: count)
            }
            return .transactions(from: from, through: through, count: count)
        case 2, 3: return .months(from: 0, through: chance.one(in: 2) ? 0 : 12)
        case 4: return .accesses(count: count)
        case 5: return .contributions(count: count)
        default: return .family(count: count)
        }
    }
}
