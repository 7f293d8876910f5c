/// What a person has used of a year in the benefit category.
struct ModelUse: Equatable {
    var deductible = 0
    var pooled = 0
    var large = 0
    var plan = 0
}

/// Protocol/Splitting.md, steps 2 to 6.
struct ModelSplitting {
    var person: ModelPerson
    var policy: ModelPolicy
    var benefit: ModelBenefit
    var used: ModelUse
    var earlierStays: Int
    /// Of a claim: ten-thousandths of the ratios that the funds pay.
    var share = 10_000
    /// What the own account gives at most.
    var own: Int
    /// What relatives' accounts give at most, in their order.
    var owners: [ModelShare]

    func split(_ sorted: [ModelPart]) -> ModelSplit {
        var split = ModelSplit()
        split.parts = sorted
        for part in sorted {
            split.total += part.amount
            split.full += part.full
            split.over += part.over
            split.first += part.first
            split.scope += part.scope
            if part.isExcluded { split.excluded += part.amount }
        }
        layFunds(&split)
        split.personal = split.total - split.pooled - split.large - split.supplement
        split.payable = split.personal - split.excluded
        split.account = max(0, min(split.payable, own))
        var left = split.payable - split.account
        for owner in owners {
            let share = max(0, min(left, owner.amount))
            guard share > 0 else { continue }
            split.owners.append(ModelShare(person: owner.person, amount: share))
            left -= share
        }
        split.family = split.owners.reduce(0) { $0 + $1.amount }
        split.cash = split.personal - split.account - split.family
        layColumns(&split)
        return split
    }

    private func layFunds(_ split: inout ModelSplit) {
        var terms = policy.terms(isEmployee: person.isEmployee, benefit)
        terms.ratio = rounded(terms.ratio * share, by: 10_000)
        terms.largeRatio = rounded(terms.largeRatio * share, by: 10_000)
        split.deductible = min(split.scope, deductibleLeft(terms))
        let base = split.scope - split.deductible
        let wanted = rounded(base * terms.ratio, by: 10_000)
        split.pooled = min(wanted, max(0, terms.pooledCap - used.pooled))
        if split.pooled < wanted {
            // What the cap left over of the base; the part it paid is rounded up.
            let paidOf = (split.pooled * 10_000 + terms.ratio - 1) / terms.ratio
            split.large = min(
                rounded((base - paidOf) * terms.largeRatio, by: 10_000),
                max(0, terms.largeCap - used.large))
        }
        split.scopeSelfPay = split.scope - split.deductible - split.pooled - split.large
        guard person.hasPlan else { return }
        split.supplement = min(
            rounded((split.deductible + split.scopeSelfPay) * policy.planRatio, by: 10_000),
            max(0, policy.planCap - used.plan))
    }

    private func deductibleLeft(_ terms: ModelPolicy.Terms) -> Int {
        guard benefit == .inpatient, let last = terms.laterDeductibles.last else {
            return max(0, terms.deductible - used.deductible)
        }
        if earlierStays == 0 { return terms.deductible }
        return earlierStays <= terms.laterDeductibles.count
            ? terms.laterDeductibles[earlierStays - 1] : last
    }

    private func layColumns(_ split: inout ModelSplit) {
        func lay(
            _ sum: Int, _ column: WritableKeyPath<ModelPart, Int>, _ weight: (ModelPart) -> Int
        ) {
            let weights = split.parts.map(weight)
            let whole = weights.reduce(0, +)
            guard whole > 0 else { return }
            var missing = sum
            for place in weights.indices {
                split.parts[place][keyPath: column] = sum * weights[place] / whole
                missing -= split.parts[place][keyPath: column]
            }
            let byRemainder = weights.indices.sorted {
                (sum * weights[$0] % whole, -$0) > (sum * weights[$1] % whole, -$1)
            }
            for place in byRemainder.prefix(missing) { split.parts[place][keyPath: column] += 1 }
        }
        func own(_ part: ModelPart) -> Int {
            part.isExcluded ? 0 : part.amount - part.pooled - part.large - part.supplement
        }
        lay(split.pooled, \.pooled) { $0.scope }
        lay(split.large, \.large) { $0.scope - $0.pooled }
        lay(split.supplement, \.supplement) { $0.scope - $0.pooled - $0.large }
        lay(split.account, \.account, own)
        lay(split.family, \.family) { own($0) - $0.account }
        for place in split.parts.indices {
            let part = split.parts[place]
            split.parts[place].cash =
                part.amount - part.pooled - part.large - part.supplement - part.account
                - part.family
        }
    }
}
