/// Makes up what terminals ask: mostly what is right, sometimes each thing that can be wrong.
struct RequestMaker {
    let town: Town
    let chance: Chance
    /// What people know: their PINs, their cards, what they owe.
    let model: Model
    /// Whether the run has an ingredient.
    let has: (Ingredient) -> Bool

    /// What a terminal knows of what it asked before.
    struct Memory {
        var sales: [(key: ModelKey, bill: ModelBill)]
        var quotes: [ModelKey: ModelBill]
        var earlier: [ModelKey]
        var unseen: ModelKey
    }

    /// What a terminal asks next; nil: nothing, the run has no such thing.
    func request(of terminal: Int, _ memory: Memory) -> ModelRequest? {
        switch town.roles[terminal] {
        case .pharmacy, .hospital, .vaccination: atPointOfSale(terminal, memory)
        case .counter, .gateway: atAgency(terminal, memory)
        case .collector, .employer: contribution(at: terminal)
        }
    }

    private func atPointOfSale(_ terminal: Int, _ memory: Memory) -> ModelRequest? {
        if town.roles[terminal] == .hospital, chance.one(in: 3) {
            return has(.stays) ? .stay(stayStep(at: terminal, memory)) : nil
        }
        let roll = chance.below(110)
        if roll >= 106 { return has(.queries) ? .query(query(at: terminal)) : nil }
        if roll >= 100 { return has(.cards) ? .card(serviceByPIN()) : nil }
        if roll < 50 || (memory.sales.isEmpty && roll < 85) {
            return .bill(bill(of: terminal, memory.quotes), settles: true)
        }
        if roll < 58 {
            return has(.quotes) ? .bill(bill(of: terminal, [:]), settles: false) : nil
        }
        if roll < 63 { return has(.quotes) ? inquiry() : nil }
        return has(.undoing) ? undoing(roll < 85, memory) : nil
    }

    private func undoing(_ isOfSale: Bool, _ memory: Memory) -> ModelRequest {
        if isOfSale {
            let sale = chance.among(memory.sales)
            let card = chance.one(in: 25) ? self.card() : sale.bill.card
            if chance.one(in: 3) {
                return .void(sale.key, card: card, total: total(sale.bill.total))
            }
            return .refund(
                sale.key, card: card, lines: refundLines(of: sale.bill),
                total: chance.one(in: 8) ? total(sale.bill.total) : nil)
        }
        if chance.one(in: 4) || memory.earlier.isEmpty {
            return .reversal(memory.unseen, card: card(), total: 1_000)
        }
        return .reversal(chance.among(memory.earlier), card: card(), total: chance.below(5_000))
    }

    private func atAgency(_ terminal: Int, _ memory: Memory) -> ModelRequest? {
        if town.roles[terminal] == .counter, chance.one(in: model.claims.isEmpty ? 4 : 2) {
            return has(.claims)
                ? .claim(claimStep(at: terminal, unseen: memory.unseen)) : nil
        }
        return switch chance.below(12) {
        case 10, 11: has(.queries) ? .query(query(at: terminal)) : nil
        case 0: has(.quotes) ? inquiry() : nil
        case 1...5: has(.cards) ? cardService(at: terminal) : nil
        default: has(.family) ? .family(familyStep(at: terminal)) : nil
        }
    }

    private func inquiry() -> ModelRequest {
        let card = card()
        return .inquiry(card: card, pin: pin(of: card))
    }

    func person() -> Int { chance.below(town.persons.count) }

    /// Mostly the card that a person has now.
    func card() -> Int? {
        if chance.one(in: 40) { return nil }
        if chance.one(in: 20) { return chance.among(model.cards.keys.sorted()) }
        let person = person()
        let own = model.cards.filter { $0.value.person == person }.sorted { $0.key < $1.key }
        return own.last { $0.value.state != .cancelled }?.key ?? own.first?.key
    }

    func pin(of card: Int?) -> Int? {
        switch chance.below(50) {
        case 0: nil
        case 1...2: 99
        default: card.flatMap { model.cards[$0]?.pin } ?? 1
        }
    }

    func total(_ right: Int) -> Int { chance.one(in: 20) ? right + 1 : right }

    private func bill(of terminal: Int, _ quotes: [ModelKey: ModelBill]) -> ModelBill {
        if !quotes.isEmpty, chance.one(in: 5) {
            let key = chance.among(quotes.keys.sorted())
            if var bill = quotes[key] {
                bill.quote = key
                bill.pin = pin(of: bill.card)
                return bill
            }
        }
        let card = card()
        let lines = (0..<(chance.one(in: 60) ? 0 : 1 + chance.below(4))).map { _ in line() }
        let right: ModelBill.Visit =
            switch town.roles[terminal] {
            case .hospital: chance.one(in: 8) && has(.stays) ? .inpatient : .outpatient
            case .vaccination: .vaccination
            default: .purchase
            }
        return ModelBill(
            visit: chance.one(in: 50) ? .purchase : right, card: card, pin: pin(of: card),
            lines: lines,
            total: lines.reduce(0) { $0 + $1.amount } + (chance.one(in: 60) ? 1 : 0),
            partial: !chance.one(in: 3),
            accountLimit: chance.one(in: 8) ? chance.below(3_000) : nil, on: serviceDay(),
            quote: nil)
    }

    /// Mostly the key's; sometimes one that is past, seldom one that has not come.
    private func serviceDay() -> Int? {
        guard chance.one(in: 5) else { return nil }
        return chance.one(in: 30) ? model.today + 1 : model.today - chance.below(6)
    }

    func line() -> ModelLine {
        let item = chance.below(town.items.count + 1)
        let isMedicine = item < town.items.count && town.items[item].kind == .medicine
        let thousandths =
            chance.one(in: 4) ? 500 * (1 + chance.below(6)) : 1_000 * (1 + chance.below(3))
        let price = (100 + chance.below(4_000)) * 100 + (chance.one(in: 4) ? chance.below(100) : 0)
        let exact = rounded(thousandths * price, by: 100_000)
        let off = chance.one(in: 10) ? 1 : chance.one(in: 80) ? 2 : 0
        var traces: [String] = []
        if isMedicine || chance.one(in: 8) {
            let units = thousandths / 1_000 - (chance.one(in: 12) ? 1 : 0)
            traces = (0..<max(0, units)).map { _ in "PKG\(chance.below(400))" }
            // The wire names a package twice only where somebody means to.
            if !chance.one(in: 30) { traces = Array(Set(traces)).sorted() }
        }
        return ModelLine(
            item: item, thousandths: thousandths, price: price, amount: exact + off,
            traces: traces)
    }

    private func refundLines(of bill: ModelBill) -> [ModelRefundLine] {
        let places = bill.lines.indices.filter { _ in chance.one(in: 2) }
        let chosen = places.isEmpty && !chance.one(in: 20) ? [0] : Array(places)
        return chosen.map { place in
            let line = bill.lines[chance.one(in: 30) ? 0 : place]
            if chance.one(in: 2) {
                return ModelRefundLine(line: place, thousandths: nil, traces: [])
            }
            let back = 500 * (1 + chance.below(max(1, line.thousandths / 500)))
            let units = line.thousandths / 1_000 - (line.thousandths - back) / 1_000
            return ModelRefundLine(
                line: place, thousandths: back,
                traces: Array(line.traces.shuffled(chance).prefix(max(0, units))))
        }
    }
}
