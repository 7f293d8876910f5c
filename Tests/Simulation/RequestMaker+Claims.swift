// What a counter does about claims.
extension RequestMaker {
    func claimStep(at terminal: Int, unseen: ModelKey) -> ModelClaimStep {
        let waiting = model.claims.filter { claim in
            claim.value.state.isOpen
                || claim.value.state == .approved && claim.value.approved > 0
        }.keys.sorted()
        let clerk = chance.below(3)
        guard !waiting.isEmpty, !chance.one(in: 4) else {
            if chance.one(in: 20) { return .pay(unseen, clerk: clerk) }
            return .submit(subject(), right(at: terminal), clerk: clerk, bills())
        }
        // Mostly the one that was begun first.
        let key =
            chance.one(in: 12)
            ? chance.among(model.claims.keys.sorted())
            : chance.one(in: 3) ? chance.among(waiting) : waiting[0]
        guard let claim = model.claims[key], !chance.one(in: 12) else {
            return .review(key, clerk: clerk, chance.among([.takeUp, .wantDocuments, .withdraw]))
        }
        switch claim.state {
        case .submitted:
            return .review(key, clerk: clerk, chance.one(in: 8) ? .supplement : .takeUp)
        case .documentsWanted: return .review(key, clerk: clerk, .supplement)
        case .inReview:
            if chance.one(in: 6) { return .review(key, clerk: clerk, .wantDocuments) }
            if chance.one(in: 10) { return .decide(key, clerk: clerk, nil) }
            return .decide(
                key, clerk: clerk,
                (
                    share: chance.one(in: 2) ? 10_000 : 5_000 + chance.below(5_000),
                    disallowed: disallowed(claim)
                ))
        default: return .pay(key, clerk: clerk)
        }
    }

    private func disallowed(_ claim: ModelClaim) -> [ModelClaimStep.Line] {
        let all = claim.bills.enumerated().flatMap { number, bill in
            bill.lines.indices.map { ModelClaimStep.Line(bill: number, line: $0) }
        }
        let some = all.filter { _ in chance.one(in: 5) }
        return chance.one(in: 25) ? some + [ModelClaimStep.Line(bill: 9, line: 0)] : some
    }

    /// Seldom with something wrong, and then alone.
    private func bills() -> [ModelClaimBill] {
        let count = 1 + chance.below(2)
        return (0..<count).map { place in
            let isWrong = count == 1 && chance.one(in: 10)
            let lines = (0..<(1 + chance.below(6))).map { _ in rightLine() }
            let total = lines.reduce(0) { $0 + $1.amount }
            var bill = ModelClaimBill(
                place: chance.one(in: 2)
                    ? .elsewhere(chance.below(3)) : .registered(chance.below(2)),
                number: 2 * chance.below(200) + place, day: model.today - chance.below(6),
                lines: lines, total: total, distinct: [])
            guard isWrong else { return bill }
            switch chance.below(4) {
            case 0: bill.lines = []
            case 1: bill.day = model.today + 1
            case 2: bill.total += 1
            default: if let alike = alike() { bill = alike }
            }
            return bill
        }
    }

    /// A line whose quantity, price and amount fit each other.
    private func rightLine() -> ModelLine {
        var line = line()
        // Bills that somebody claims are large.
        line.price *= 4
        line.amount = max(1, rounded(line.thousandths * line.price, by: 100_000))
        return line
    }

    /// The bill of a settlement that stands, or one that says that it is another.
    private func alike() -> ModelClaimBill? {
        let sales = model.sales.values.filter { $0.now.state == .settled && $0.institution < 2 }
            .sorted { $0.key < $1.key }
        guard !sales.isEmpty else { return nil }
        let sale = chance.among(sales)
        return ModelClaimBill(
            place: .registered(sale.institution), number: 1_000 + chance.below(100),
            day: sale.basis.day, lines: sale.lines, total: sale.total,
            distinct: chance.one(in: 3) ? [sale.key] : [])
    }
}
