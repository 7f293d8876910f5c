/// Protocol/Identity.md and Protocol/CardServices.md.
extension Model {
    /// A refusal, and whether it is recorded.
    enum Refusal {
        case kept(ModelAnswer)
        case notKept

        var recorded: ModelAnswer? {
            if case .kept(let answer) = self { return answer }
            return nil
        }

        static func kept(_ code: Int, _ reason: Int) -> Refusal {
            .kept(ModelAnswer(code: code, reason: reason))
        }
    }

    /// Steps 18 to 23 of Protocol/ResponseCodes.md, "Precedence": PIN block, card, PIN, person.
    mutating func refusal(_ number: Int?, _ pin: Int?) -> Refusal? {
        guard let pin else { return .notKept }
        guard let number, var card = cards[number] else { return .kept(14, 200) }
        switch card.state {
        case .lost: return .kept(41, 201)
        case .cancelled: return .kept(14, 203)
        case .active: break
        }
        if card.expires < today { return .kept(54, 202) }
        guard let right = card.pin else { return .kept(75, 207) }
        if card.wrongPINs >= 3 { return .kept(75, 205) }
        defer { cards[number] = card }
        if right != pin {
            card.wrongPINs += 1
            let left = 3 - card.wrongPINs
            return left == 0
                ? .kept(75, 205) : .kept(ModelAnswer(code: 55, reason: 204, triesLeft: left))
        }
        card.wrongPINs = 0
        return persons[card.person].isFrozen ? .kept(57, 208) : nil
    }

    /// Whom a request is about, once it is let in.
    enum Admission {
        case refused(Refusal)
        case passed(person: Int)
    }

    /// Steps 1 to 5 of Protocol/Identity.md, "Precedence".
    mutating func admit(
        _ subject: ModelSubject, _ right: ModelRight, _ key: ModelKey
    ) -> Admission {
        let role = roles[key.terminal]
        switch right {
        case .documents where role != .counter, .session where role != .gateway:
            return .refused(.kept(58, 12))
        default: break
        }
        if case .pin(let pin) = right {
            guard case .card(let number) = subject else { return .refused(.kept(58, 12)) }
            if let refusal = refusal(number, pin) { return .refused(refusal) }
        }
        let person: Int
        switch find(subject) {
        case .refused(let refusal): return .refused(refusal)
        case .passed(let found): person = found
        }
        if case .documents(let isOwnID, let proxyUntil) = right {
            if let proxyUntil, proxyUntil < today { return .refused(.kept(57, 722)) }
            if !isOwnID { return .refused(.kept(57, 723)) }
        }
        noteAccess(to: person, by: key)
        return .passed(person: person)
    }

    /// Step 3: whatever became of the card.
    func find(_ subject: ModelSubject) -> Admission {
        switch subject {
        case .card(let number):
            guard let number, let card = cards[number] else { return .refused(.kept(14, 200)) }
            return .passed(person: card.person)
        case .idNumber(let person):
            guard let person else { return .refused(.kept(14, 720)) }
            return .passed(person: person)
        }
    }

    mutating func decide(_ service: ModelCardService, _ key: ModelKey) -> ModelAnswer? {
        let person: Int
        switch admit(service.subject, service.right, key) {
        case .refused(let refusal): return refusal.recorded
        case .passed(let found): person = found
        }
        if case .reissue(let number, let expires, let pin) = service.step {
            return reissue(number, expires, pin, to: person)
        }
        guard case .card(let named?) = service.subject, var card = cards[named] else { return nil }
        if card.state == .cancelled { return ModelAnswer(code: 14, reason: 203) }
        if card.state == .lost {
            guard case .withdrawLoss = service.step else {
                return ModelAnswer(code: 41, reason: 201)
            }
        }
        switch service.step {
        case .changePIN(let pin):
            if card.expires < today { return ModelAnswer(code: 54, reason: 202) }
            guard let pin else { return nil }
            card.pin = pin
            card.wrongPINs = 0
        case .reportLoss: card.state = .lost
        case .withdrawLoss:
            guard card.state == .lost else { return ModelAnswer(code: 12, reason: 724) }
            card.state = .active
        case .unlockPIN:
            guard card.wrongPINs >= 3 else { return ModelAnswer(code: 12, reason: 726) }
            card.wrongPINs = 0
        case .reissue: return nil
        }
        cards[named] = card
        return told(named, card, cancelled: 0)
    }

    private mutating func reissue(
        _ number: Int, _ expires: Int, _ pin: ModelCardService.NewPIN, to person: Int
    ) -> ModelAnswer? {
        var card = ModelCard(person: person, expires: expires)
        switch pin {
        case .unusable: return nil
        case .none: break
        case .set(let pin): card.pin = pin
        }
        if cards[number] != nil { return ModelAnswer(code: 12, reason: 725) }
        if expires <= today || expires > today + Self.twentyYears {
            return ModelAnswer(code: 12, reason: 727)
        }
        let others = cards.filter { $0.value.person == person && $0.value.state != .cancelled }
        for other in others.keys { cards[other]?.state = .cancelled }
        cards[number] = card
        return told(number, card, cancelled: others.count)
    }

    /// The days of twenty years, five leap days among them.
    private static var twentyYears: Int { 20 * 365 + 5 }

    private func told(_ number: Int, _ card: ModelCard, cancelled: Int) -> ModelAnswer {
        ModelAnswer(
            code: 0, reason: 0,
            told: .card(
                number: number, card.state, expires: card.expires, hasPIN: card.pin != nil,
                cancelled: cancelled))
    }
}
