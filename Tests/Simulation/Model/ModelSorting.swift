/// Protocol/Sorting.md, question by question.
struct ModelSorting {
    var items: [ModelItem]
    var person: ModelPerson
    var kind: ModelInstitution.Kind
    var visit: ModelBill.Visit
    var day: Int
    var policy: ModelPolicy
    /// Packages that another settlement has.
    var sold: Set<String>
    /// What the person was given of an item, thousandths by day.
    var given: [Int: [Int: Int]]

    /// The parts of a bill's lines, amounts laid by steps 1 of Protocol/Splitting.md.
    func parts(of lines: [ModelLine]) -> [ModelPart] {
        var parts: [ModelPart] = []
        var seen: Set<String> = []
        for (place, line) in lines.enumerated() {
            let item = line.item < items.count ? items[line.item] : nil
            let lineDay = line.day ?? day
            if let reason = earlyReason(item, on: lineDay) {
                parts.append(part(place, line, item, reason))
                continue
            }
            guard let item else { continue }
            if item.kind == .vaccine2 {
                parts.append(part(place, line, item, 30))
                continue
            }
            if item.kind == .medicine, day >= policy.tracesFrom {
                if line.traces.count < line.thousandths / 1000 {
                    parts.append(part(place, line, item, 44))
                    continue
                }
                if Set(line.traces).count < line.traces.count
                    || line.traces.contains(where: { sold.contains($0) || seen.contains($0) })
                {
                    parts.append(part(place, line, item, 45))
                    continue
                }
                seen.formUnion(line.traces)
            }
            if item.level == .none {
                parts.append(part(place, line, item, 10))
            } else if visit.benefit == nil {
                parts.append(part(place, line, item, 11))
            } else if item.isForWomen && !person.isWoman {
                parts.append(part(place, line, item, 20))
            } else if let most = item.most {
                var byDay = given[line.item] ?? [:]
                for part in parts where lines[part.line].item == line.item && part.isCatalog {
                    byDay[lines[part.line].day ?? day, default: 0] += part.thousandths
                }
                let left = max(0, most.thousandths - fullest(byDay, lineDay, most.days))
                parts += divided(place, line, item, covered: min(left, line.thousandths))
            } else {
                parts.append(part(place, line, item, lastReason(item)))
            }
        }
        return parts
    }

    /// Questions 1 to 4.
    private func earlyReason(_ item: ModelItem?, on day: Int) -> Int? {
        guard let item, item.from <= day else { return 40 }
        if item.kind == .cosmetic { return 50 }
        if item.kind == .health { return 56 }
        if item.level == .none, !item.accountAllowed { return 57 }
        let isVaccine = item.kind == .vaccine1 || item.kind == .vaccine2
        let isSupplied =
            switch kind {
            case .pharmacy: !isVaccine && item.kind != .service
            case .vaccination: isVaccine
            case .hospital: !isVaccine
            case .agency, .bank, .employer: false
            }
        if !isSupplied { return 41 }
        return item.kind == .vaccine1 ? 42 : nil
    }

    /// Questions 8 and 9.
    private func lastReason(_ item: ModelItem) -> Int {
        person.isSuspended(on: day) ? 12 : item.level == .a ? 1 : 2
    }

    /// What was given in the fullest run of so many days that contains a day.
    private func fullest(_ byDay: [Int: Int], _ day: Int, _ days: Int) -> Int {
        (0..<days).map { back in
            (0..<days).reduce(0) { $0 + (byDay[day - back + $1] ?? 0) }
        }.max() ?? 0
    }

    private func divided(
        _ place: Int, _ line: ModelLine, _ item: ModelItem, covered: Int
    ) -> [ModelPart] {
        if covered == line.thousandths { return [part(place, line, item, lastReason(item))] }
        if covered == 0 { return [part(place, line, item, 26)] }
        var first = line
        first.thousandths = covered
        first.amount = rounded(line.amount * covered, by: line.thousandths)
        var second = line
        second.thousandths -= covered
        second.amount -= first.amount
        return [part(place, first, item, lastReason(item)), part(place, second, item, 26)]
    }

    private func part(
        _ place: Int, _ line: ModelLine, _ item: ModelItem?, _ reason: Int
    ) -> ModelPart {
        var part = ModelPart(
            line: place, reason: reason, thousandths: line.thousandths, amount: line.amount)
        guard part.isCatalog, let item else {
            part.full = line.amount
            return part
        }
        if let ceiling = item.ceiling {
            part.over = max(0, line.amount - rounded(line.thousandths * ceiling, by: 100_000))
        }
        part.first = rounded((line.amount - part.over) * item.selfPay, by: 10_000)
        part.scope = line.amount - part.over - part.first
        return part
    }
}

/// Half away from zero; both are not negative.
func rounded(_ number: Int, by divisor: Int) -> Int { (2 * number + divisor) / (2 * divisor) }
