// What a hospital asks about stays.
extension RequestMaker {
    func stayStep(at terminal: Int, _ memory: Memory) -> ModelStayStep {
        let own = model.stays.values.filter { $0.institution == town.terminals[terminal] }
            .sorted { $0.key < $1.key }
        let open = own.filter { $0.state == .open }
        guard let stay = open.isEmpty || chance.one(in: 6) ? nil : chance.among(open) else {
            if chance.one(in: 8) { return .cancel(memory.unseen, upload: nil) }
            if !own.isEmpty, chance.one(in: 5) { return step(of: chance.among(own)) }
            let card = card()
            let day = model.today - chance.below(5) + (chance.one(in: 20) ? 5 : 0)
            return .admit(card: card, pin: pin(of: card), on: chance.one(in: 3) ? day : nil)
        }
        return step(of: stay)
    }

    private func step(of stay: ModelStay) -> ModelStayStep {
        let roll = chance.below(20)
        if roll < 10 || (stay.standing.isEmpty && roll < 16) { return upload(stay) }
        if roll < 12, !stay.uploads.isEmpty {
            return .cancel(stay.key, upload: 1 + chance.below(stay.uploads.count + 1))
        }
        if roll == 12 { return .cancel(stay.key, upload: nil) }
        let cards = model.cards.filter { $0.value.person == stay.person }.keys.sorted()
        let good = cards.last { model.cards[$0]?.state == .active }
        let card = chance.one(in: 30) ? self.card() : good ?? cards.last
        let day = chance.one(in: 4) ? model.today - chance.below(3) : nil
        return .discharge(
            ModelDischarge(
                stay: stay.key, card: card, pin: pin(of: card), on: day,
                total: total(stay.total), partial: !chance.one(in: 4),
                accountLimit: chance.one(in: 8) ? chance.below(3_000) : nil),
            settles: roll < 18)
    }

    private func upload(_ stay: ModelStay) -> ModelStayStep {
        let lines = (0..<(chance.one(in: 60) ? 0 : 1 + chance.below(3))).map { _ in line() }
        let since = max(0, model.today - stay.admittedOn)
        let day = stay.admittedOn + chance.below(since + 1) - (chance.one(in: 30) ? 1 : 0)
        return .upload(
            stay.key, on: chance.one(in: 3) ? nil : day, lines: lines,
            total: total(lines.reduce(0) { $0 + $1.amount }))
    }
}
