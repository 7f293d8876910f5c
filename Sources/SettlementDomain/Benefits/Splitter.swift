/// Splits a sorted bill between pooled fund, large-amount assistance, plans, accounts and cash.
///
/// - Source: Protocol/Splitting.md, "The steps".
public enum Splitter {
    /// Splits these lines between all who pay.
    ///
    /// - Parameters:
    ///   - lines: as `Sorting` gave them.
    ///   - visit: the visit that they were sorted for.
    ///   - policy: the policy that they were sorted by.
    ///   - used: what the person has used in the service date's year and the visit's category.
    ///   - account: what the own account may give.
    ///   - family: what relatives' accounts may give, in the order in which they were linked.
    ///   - share: how much of its ratios the fund pays; less than one only of a claim.
    /// - Returns: the split, all identities holding; nil where amounts are out of range (code 13).
    public static func split(
        _ lines: [SortedLine], visit: Visit, policy: Policy, used: Accumulators,
        account: AccountFunds, family: [FamilyFund] = [], share: Ratio = .one
    ) -> Split? {
        var split = Split()
        split.parts.reserveCapacity(lines.count)
        for line in lines {
            guard line.amount >= .zero, line.amount <= .limit,
                split.total + line.amount <= .limit
            else { return nil }
            split.append(scoped(line))
        }
        if split.inScope > .zero, let terms = policy.terms(for: visit) {
            split.applyBenefits(terms.reduced(to: share), used)
        }
        split.scopeSelfPay = split.inScope - split.deductible - split.pooled - split.large
        if split.inScope > .zero, !visit.person.plans.isEmpty {
            split.applyPlans(policy.plans, enrolled: visit.person.plans, used)
        }
        split.personal = split.total - split.pooled - split.large - split.supplement

        let overLimitIsCash =
            visit.institution.kind.treats && !policy.practice.accountPaysOverLimitAtHospitals
        split.payable = split.personal - split.excluded
        if overLimitIsCash { split.payable -= split.overLimit }
        split.account = min(split.payable, account.available)

        var columns = Columns(parts: split.parts, overLimitIsCash: overLimitIsCash)
        // Given up here, so that the columns change the parts in place.
        split.parts = []
        columns.layInsurance(split)
        columns.layAccount(split.account)
        let toFamily = columns.leftToFamily(vaccines: policy.practice.familyPaysVaccines)
        split.drawFamily(upTo: toFamily, family)
        columns.layFamily(split.family, vaccines: policy.practice.familyPaysVaccines)
        columns.layCash()
        split.parts = columns.parts
        split.cash = split.personal - split.account - split.family
        return split
    }

    /// Step 1: what of a part is over the limit, paid first, and in scope.
    private static func scoped(_ line: SortedLine) -> LinePart {
        var part = LinePart(
            line: line.line, itemClass: line.itemClass, reason: line.reason,
            quantity: line.quantity, amount: line.amount)
        guard line.itemClass == .catalog else {
            part.fullSelfPay = line.amount
            return part
        }
        // A ceiling whose product does not fit is above every amount.
        if let limit = line.priceCeiling?.amount(for: line.quantity), limit < line.amount {
            part.overLimit = line.amount - max(.zero, limit)
        }
        let counted = line.amount - part.overLimit
        part.firstSelfPay = counted.share(line.firstSelfPay)
        part.inScope = counted - part.firstSelfPay
        return part
    }
}

extension Split {
    fileprivate mutating func append(_ part: LinePart) {
        total += part.amount
        fullSelfPay += part.fullSelfPay
        overLimit += part.overLimit
        firstSelfPay += part.firstSelfPay
        inScope += part.inScope
        if part.itemClass == .excluded { excluded += part.amount }
        parts.append(part)
    }

    /// Steps 2 and 3: deductible, pooled fund, large-amount assistance.
    fileprivate mutating func applyBenefits(_ terms: BenefitTerms, _ used: Accumulators) {
        deductible = min(inScope, terms.deductibleLeft(after: used))
        let base = inScope - deductible
        let wanted = base.share(terms.ratio)
        pooled = min(wanted, terms.pooledCap.remaining(after: used.pooledUsed))
        // Only where the cap cut in is there something for the second layer.
        guard pooled < wanted, let spent = pooled.wholeOf(terms.ratio) else { return }
        large = min(
            max(.zero, base - spent).share(terms.largeRatio),
            terms.largeCap.remaining(after: used.largeUsed))
    }

    /// Step 4: supplementary plans, in the policy's order.
    fileprivate mutating func applyPlans(
        _ known: [SupplementaryPlan], enrolled: [PlanID], _ used: Accumulators
    ) {
        for plan in known where enrolled.contains(plan.id) {
            let left = deductible + scopeSelfPay - supplement
            let share = min(
                left.share(plan.ratio), plan.annualCap.remaining(after: used.used(by: plan.id)))
            guard share > .zero else { continue }
            supplement += share
            plans.append(PlanShare(plan: plan.id, amount: share))
        }
    }

    /// Step 5: relatives' accounts, in the order of links.
    fileprivate mutating func drawFamily(upTo sum: Money, _ funds: [FamilyFund]) {
        for fund in funds {
            let share = min(sum - family, fund.available)
            guard share > .zero else { continue }
            family += share
            owners.append(FamilyShare(owner: fund.owner, amount: share))
        }
    }
}
