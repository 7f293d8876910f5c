/// Protocol/Undoing.md, and the tables of Protocol/ResponseCodes.md.
extension Model {
    mutating func void(
        _ named: ModelKey, _ card: Int?, _ total: Int, _ key: ModelKey
    ) -> ModelAnswer {
        var sale: ModelSale
        switch find(named, card, key) {
        case .failure(let refusal): return refusal.answer
        case .success(let found): sale = found
        }
        guard total == sale.total else { return ModelAnswer(code: 64, reason: 506) }
        guard sale.booked == today else { return ModelAnswer(code: 12, reason: 508) }
        guard sale.now.state == .settled else { return ModelAnswer(code: 21, reason: 505) }
        if sale.steps.count >= 100 { return ModelAnswer(code: 65, reason: 409) }
        return carryOut(
            ModelSale.Step(
                key: key, isRefund: false, total: total, after: sale.nothing(.voided)), of: &sale)
    }

    mutating func refund(
        _ named: ModelKey, _ card: Int?, _ lines: [ModelRefundLine], _ total: Int?,
        _ key: ModelKey
    ) -> ModelAnswer {
        var sale: ModelSale
        switch find(named, card, key) {
        case .failure(let refusal): return refusal.answer
        case .success(let found): sale = found
        }
        guard (1...200).contains(lines.count), Set(lines.map(\.line)).count == lines.count else {
            return ModelAnswer(code: 13, reason: 104)
        }
        var remaining = sale.now.remaining
        var sum = 0
        for line in lines {
            switch take(line, of: sale, from: &remaining) {
            case .failure(let refusal): return refusal.answer
            case .success(let amount): sum += amount
            }
        }
        guard total == nil || total == sum else { return ModelAnswer(code: 13, reason: 106) }
        if sale.steps.count >= 100 { return ModelAnswer(code: 65, reason: 409) }
        return carryOut(
            ModelSale.Step(
                key: key, isRefund: true, total: sum, after: sale.standing(remaining)), of: &sale)
    }

    mutating func reverse(
        _ original: ModelKey, _ card: Int?, _ total: Int, _ key: ModelKey
    ) -> ModelAnswer {
        guard original != key else { return ModelAnswer(code: 12, reason: 512) }
        guard let record = records[original] else {
            remember(reversalOf: original)
            return ModelAnswer(code: 0, reason: 500)
        }
        let named: ModelKey
        switch record.request {
        case .bill(_, settles: true), .stay(.discharge(_, settles: true)): named = original
        case .void(let sale, _, _), .refund(let sale, _, _, _): named = sale
        default: return ModelAnswer(code: 12, reason: 512)
        }
        guard record.isApproved, var sale = sales[named] else {
            return ModelAnswer(code: 0, reason: 511)
        }
        guard card == sale.card else { return ModelAnswer(code: 77, reason: 507) }
        if named == original {
            guard total == sale.total else { return ModelAnswer(code: 64, reason: 506) }
            switch sale.now.state {
            case .reversed: return ModelAnswer(code: 0, reason: 502)
            case .voided: return ModelAnswer(code: 79, reason: 503)
            case .refunded: return ModelAnswer(code: 79, reason: 504)
            case .partlyRefunded: return ModelAnswer(code: 21, reason: 505)
            case .settled: break
            }
            return carryOut(
                ModelSale.Step(
                    key: key, reverses: original, isRefund: false, total: total,
                    after: sale.nothing(.reversed)), of: &sale)
        }
        if sale.steps.contains(where: { $0.reverses == original }) {
            return ModelAnswer(code: 0, reason: 502)
        }
        guard let last = sale.steps.last, last.key == original else {
            return ModelAnswer(code: 21, reason: 505)
        }
        guard total == (last.isRefund ? last.total : sale.total) || (last.isRefund && total == 0)
        else { return ModelAnswer(code: 64, reason: 506) }
        if isStayChanged(since: sale) { return ModelAnswer(code: 21, reason: 505) }
        if let refusal = obstacle(to: sale) { return refusal }
        return carryOut(
            ModelSale.Step(
                key: key, reverses: original, isRefund: false, total: 0, after: sale.before),
            of: &sale)
    }

    /// Why a settlement cannot take again what its last step gave back.
    private func obstacle(to sale: ModelSale) -> ModelAnswer? {
        let (now, then) = (sale.now.split, sale.before.split)
        var more: [Int: Int] = [sale.person: then.account - now.account]
        for share in then.owners { more[share.person, default: 0] += share.amount }
        for share in now.owners { more[share.person, default: 0] -= share.amount }
        if more.contains(where: { $1 > 0 && balance($0) < $1 }) {
            return ModelAnswer(code: 51, reason: 400)
        }
        let sold = sales.values.filter { $0.key != sale.key }
            .reduce(into: Set<String>()) { $0.formUnion($1.now.packages) }
        let others = claims.values.flatMap(\.awards.values)
            .reduce(into: sold) { $0.formUnion($1.packages) }
        let again = sale.before.packages.subtracting(sale.now.packages)
        if !again.subtracting(sale.basis.sold).isDisjoint(with: others) {
            return ModelAnswer(code: 21, reason: 405)
        }
        for link in persons[sale.person].owners {
            // Only the present year and the present day have a limit; one that was made smaller
            // since is no obstacle where nothing more is drawn.
            guard let again = more[link.person], again > 0 else { continue }
            let inYear = drawn(by: sale.person, by: link) { year(of: $0) == year(of: today) }
            let onDay = drawn(by: sale.person, by: link) { $0 == today }
            let passesYear =
                year(of: sale.booked) == year(of: today) && inYear > (link.yearly ?? .max) - again
            let passesDay = sale.booked == today && onDay > (link.daily ?? .max) - again
            if passesYear || passesDay {
                return ModelAnswer(code: 61, reason: 404)
            }
        }
        guard let benefit = sale.basis.visit.benefit else { return nil }
        let terms = sale.basis.policy.terms(isEmployee: sale.basis.person.isEmployee, benefit)
        let used = used(by: sale.person, of: benefit, inYearOf: sale.basis.day)
        let pooled = then.pooled - now.pooled
        let large = then.large - now.large
        if pooled > 0 && used.pooled + pooled > terms.pooledCap
            || large > 0 && used.large + large > terms.largeCap
        {
            return ModelAnswer(code: 61, reason: 408)
        }
        return nil
    }

    /// The settlement that a void or refund names.
    private func find(
        _ named: ModelKey, _ card: Int?, _ key: ModelKey
    ) -> Result<ModelSale, ModelRefusal> {
        guard let sale = sales[named] else { return refused(25, 510) }
        guard terminals[key.terminal] == sale.institution else { return refused(58, 304) }
        guard card == sale.card else { return refused(77, 507) }
        return switch sale.now.state {
        case .settled, .partlyRefunded: .success(sale)
        case .reversed: refused(79, 502)
        case .voided: refused(79, 503)
        case .refunded: refused(79, 504)
        }
    }

    /// Takes a line of a refund off what remains; gives what it costs.
    private func take(
        _ refund: ModelRefundLine, of sale: ModelSale, from remaining: inout [ModelSale.Remaining]
    ) -> Result<Int, ModelRefusal> {
        guard sale.lines.indices.contains(refund.line) else { return refused(13, 104) }
        if let thousandths = refund.thousandths, thousandths < 1 { return refused(13, 105) }
        guard let place = remaining.firstIndex(where: { $0.place == refund.line }) else {
            return refused(13, 406)
        }
        var line = remaining[place].line
        let back = refund.thousandths ?? line.thousandths
        guard back <= line.thousandths else { return refused(13, 406) }
        let left = line.thousandths - back
        guard Set(refund.traces).count == refund.traces.count,
            refund.traces.allSatisfy(line.traces.contains)
        else { return refused(13, 407) }
        if left == 0 {
            remaining.remove(at: place)
            return .success(line.amount)
        }
        let packages = min(line.thousandths / 1000 - left / 1000, line.traces.count)
        guard refund.traces.count == packages else { return refused(13, 407) }
        let amount = line.amount - sale.amount(of: left, at: refund.line)
        line.thousandths = left
        line.amount = sale.amount(of: left, at: refund.line)
        line.traces.removeAll(where: refund.traces.contains)
        remaining[place].line = line
        return .success(amount)
    }

    private func refused<Value>(_ code: Int, _ reason: Int) -> Result<Value, ModelRefusal> {
        .failure(ModelRefusal(answer: ModelAnswer(code: code, reason: reason)))
    }

    private mutating func carryOut(
        _ step: ModelSale.Step, of sale: inout ModelSale
    ) -> ModelAnswer {
        let before = sale.now.split
        sale.take(step)
        sales[sale.key] = sale
        noteDraws(of: sale, from: before, to: sale.now.split)
        touched = sale.key
        follow(sale)
        let after = sale.now.split
        var back = ModelSplit()
        for column in ModelSplit.moneyColumns {
            back[keyPath: column] = before[keyPath: column] - after[keyPath: column]
        }
        return ModelAnswer(code: 0, reason: 0, split: back, balance: balance(sale.person))
    }
}

struct ModelRefusal: Error {
    var answer: ModelAnswer
}

extension ModelSplit {
    /// Who paid, in sums.
    ///
    /// `nonisolated(unsafe)`: key paths are immutable.
    nonisolated(unsafe) static let moneyColumns: [WritableKeyPath<ModelSplit, Int>] = [
        \.total, \.pooled, \.large, \.supplement, \.account, \.family, \.cash, \.deductible,
    ]
}
