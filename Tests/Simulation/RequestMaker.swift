/// Makes up what terminals ask: mostly what is right, sometimes each thing that can be wrong.
struct RequestMaker {
    let town: Town
    let chance: Chance

    /// What a terminal asks next, given the settlements and requests that it knows of.
    func request(
        of terminal: Int, sales: [(key: ModelKey, bill: ModelBill)], quotes: [ModelKey: ModelBill],
        earlier: [ModelKey], unseen: ModelKey
    ) -> ModelRequest {
        let roll = chance.below(100)
        if roll < 50 || (sales.isEmpty && roll < 85) {
            return .bill(bill(of: terminal, quotes), settles: true)
        }
        if roll < 58 { return .bill(bill(of: terminal, [:]), settles: false) }
        if roll < 63 { return .inquiry(person: person(), pin: pin(of: person())) }
        if roll < 85 {
            let sale = chance.among(sales)
            let person = chance.one(in: 25) ? self.person() : sale.bill.person
            if chance.one(in: 3) {
                return .void(sale.key, person: person, total: total(sale.bill.total))
            }
            return .refund(
                sale.key, person: person, lines: refundLines(of: sale.bill),
                total: chance.one(in: 8) ? total(sale.bill.total) : nil)
        }
        if chance.one(in: 4) || earlier.isEmpty {
            return .reversal(unseen, person: person(), total: 1_000)
        }
        return .reversal(chance.among(earlier), person: person(), total: chance.below(5_000))
    }

    private func person() -> Int? {
        chance.one(in: 40) ? nil : chance.below(town.persons.count)
    }

    private func pin(of person: Int?) -> Int? {
        switch chance.below(50) {
        case 0: nil
        case 1...2: 9
        default: person.map { town.persons[$0].pin } ?? 1
        }
    }

    private func total(_ right: Int) -> Int { chance.one(in: 20) ? right + 1 : right }

    private func bill(of terminal: Int, _ quotes: [ModelKey: ModelBill]) -> ModelBill {
        if !quotes.isEmpty, chance.one(in: 5) {
            let keys = quotes.keys.sorted { ($0.day, $0.stan) < ($1.day, $1.stan) }
            let key = chance.among(keys)
            if var bill = quotes[key] {
                bill.quote = key
                bill.pin = pin(of: bill.person)
                return bill
            }
        }
        let person = person()
        let lines = (0..<(chance.one(in: 60) ? 0 : 1 + chance.below(4))).map { _ in line() }
        let right: ModelBill.Visit =
            switch town.institutions[town.terminals[terminal]].kind {
            case .pharmacy: .purchase
            case .hospital: .outpatient
            case .vaccination: .vaccination
            }
        return ModelBill(
            visit: chance.one(in: 50) ? .purchase : right, person: person, pin: pin(of: person),
            lines: lines,
            total: lines.reduce(0) { $0 + $1.amount } + (chance.one(in: 60) ? 1 : 0),
            partial: !chance.one(in: 3),
            accountLimit: chance.one(in: 8) ? chance.below(3_000) : nil, quote: nil)
    }

    private func line() -> ModelLine {
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

extension Array {
    func shuffled(_ chance: Chance) -> [Element] {
        var copy = self
        for index in copy.indices.dropFirst() { copy.swapAt(index, chance.below(index + 1)) }
        return copy
    }
}
