extension Split {
    /// What this split takes more than another, column by column; below zero where it takes less.
    ///
    /// Parts are left out. Plans and owners stand in the order of this split, then those that only
    /// the other has; who takes the same in both is left out.
    public func less(_ other: Split) -> Split {
        var difference = Split()
        difference.total = total - other.total
        difference.fullSelfPay = fullSelfPay - other.fullSelfPay
        difference.overLimit = overLimit - other.overLimit
        difference.firstSelfPay = firstSelfPay - other.firstSelfPay
        difference.inScope = inScope - other.inScope
        difference.deductible = deductible - other.deductible
        difference.pooled = pooled - other.pooled
        difference.large = large - other.large
        difference.scopeSelfPay = scopeSelfPay - other.scopeSelfPay
        difference.supplement = supplement - other.supplement
        difference.personal = personal - other.personal
        difference.excluded = excluded - other.excluded
        difference.payable = payable - other.payable
        difference.account = account - other.account
        difference.family = family - other.family
        difference.cash = cash - other.cash
        difference.plans = Self.less(
            plans.map { ($0.plan, $0.amount) }, other.plans.map { ($0.plan, $0.amount) }
        ).map { PlanShare(plan: $0, amount: $1) }
        difference.owners = Self.less(
            owners.map { ($0.owner, $0.amount) }, other.owners.map { ($0.owner, $0.amount) }
        ).map { FamilyShare(owner: $0, amount: $1) }
        return difference
    }

    private static func less<Payer: Equatable>(
        _ shares: [(Payer, Money)], _ others: [(Payer, Money)]
    ) -> [(Payer, Money)] {
        var result = shares
        for (payer, amount) in others {
            if let index = result.firstIndex(where: { $0.0 == payer }) {
                result[index].1 -= amount
            } else {
                result.append((payer, -amount))
            }
        }
        return result.filter { $0.1 != .zero }
    }
}
