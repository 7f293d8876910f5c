/// Who pays what of a bill, in all and part by part.
///
/// - Source: Protocol/Splitting.md; the field names in brackets are the national platform's.
public struct Split: Sendable, Hashable {
    /// The sum of all lines (medfee_sumamt).
    public var total = Money.zero
    /// Not covered at all.
    public var fullSelfPay = Money.zero
    /// Above price ceilings.
    public var overLimit = Money.zero
    /// First parts of level b items.
    public var firstSelfPay = Money.zero
    /// Within policy scope (inscp_scp_amt).
    public var inScope = Money.zero
    /// Of the sum in scope, taken by the yearly deductible.
    public var deductible = Money.zero
    /// Paid by the pooled fund.
    public var pooled = Money.zero
    /// Paid by large-amount assistance.
    public var large = Money.zero
    /// Of the sum in scope, the patient's share beside the deductible.
    public var scopeSelfPay = Money.zero
    /// Paid by supplementary plans.
    public var supplement = Money.zero
    /// What pooled fund, large-amount assistance and plans leave to the patient (psn_part_amt).
    public var personal = Money.zero
    /// The sum of excluded lines.
    public var excluded = Money.zero
    /// What accounts may pay: personal without what is cash only.
    public var payable = Money.zero
    /// Paid by the own account.
    public var account = Money.zero
    /// Paid by relatives' accounts.
    public var family = Money.zero
    /// Left to be paid in cash.
    public var cash = Money.zero
    /// Each line or part of a line, in the bill's order.
    public var parts: [LinePart] = []
    /// Each plan that pays, in the policy's order.
    public var plans: [PlanShare] = []
    /// Each relative whose account pays, in the order of links.
    public var owners: [FamilyShare] = []

    /// Creates the split of an empty bill.
    public init() {}

    /// What accounts may pay and do not: zero for code 00; else 10 where partial approval is
    /// allowed, 51 where it is not.
    public var shortfall: Money { payable - account - family }

    /// Paid to the institution by anyone but the patient's cash.
    public var insured: Money { total - cash }
}

extension Split {
    /// The first identity that does not hold, as Protocol/Splitting.md writes it; nil where all do.
    ///
    /// A split that breaks one is never written.
    public func brokenIdentity() -> String? {
        brokenTotal() ?? brokenPart() ?? brokenSum()
    }

    private func brokenTotal() -> String? {
        let amounts = [
            total, fullSelfPay, overLimit, firstSelfPay, inScope, deductible, pooled, large,
            scopeSelfPay, supplement, personal, excluded, payable, account, family, cash,
        ]
        guard amounts.allSatisfy({ $0 >= .zero && $0.isInRange }) else {
            return "0 <= amount <= limit"
        }
        guard total == fullSelfPay + overLimit + firstSelfPay + inScope else {
            return "total = fullSelfPay + overLimit + firstSelfPay + inScope"
        }
        guard inScope == deductible + pooled + large + scopeSelfPay else {
            return "inScope = deductible + pooled + large + scopeSelfPay"
        }
        guard personal == total - pooled - large - supplement else {
            return "personal = total - pooled - large - supplement"
        }
        guard supplement <= deductible + scopeSelfPay else {
            return "supplement <= deductible + scopeSelfPay"
        }
        guard personal == account + family + cash else {
            return "personal = account + family + cash"
        }
        guard account + family <= payable, payable <= personal - excluded else {
            return "account + family <= payable <= personal - excluded"
        }
        return nil
    }

    private func brokenPart() -> String? {
        for part in parts {
            guard part.amount.isInRange, part.overLimit >= .zero, part.firstSelfPay >= .zero,
                part.inScope >= .zero, part.pooled >= .zero, part.large >= .zero,
                part.supplement >= .zero, part.account >= .zero, part.family >= .zero,
                part.cash >= .zero
            else { return "part: 0 <= amount <= limit" }
            guard
                part.amount == part.fullSelfPay + part.overLimit + part.firstSelfPay + part.inScope
            else { return "part: amount = fullSelfPay + overLimit + firstSelfPay + inScope" }
            guard part.pooled + part.large + part.supplement <= part.inScope else {
                return "part: pooled + large + supplement <= inScope"
            }
            guard part.personal == part.account + part.family + part.cash else {
                return "part: amount = pooled + large + supplement + account + family + cash"
            }
            guard part.itemClass != .excluded || part.cash == part.amount else {
                return "part: excluded is cash"
            }
        }
        return nil
    }

    private func brokenSum() -> String? {
        var sum = Split()
        for part in parts {
            sum.total += part.amount
            sum.fullSelfPay += part.fullSelfPay
            sum.overLimit += part.overLimit
            sum.firstSelfPay += part.firstSelfPay
            sum.inScope += part.inScope
            sum.pooled += part.pooled
            sum.large += part.large
            sum.supplement += part.supplement
            sum.account += part.account
            sum.family += part.family
            sum.cash += part.cash
            if part.itemClass == .excluded { sum.excluded += part.amount }
        }
        guard sum.total == total, sum.fullSelfPay == fullSelfPay, sum.overLimit == overLimit,
            sum.firstSelfPay == firstSelfPay, sum.inScope == inScope, sum.pooled == pooled,
            sum.large == large, sum.supplement == supplement, sum.account == account,
            sum.family == family, sum.cash == cash, sum.excluded == excluded
        else { return "each column sums to its total" }
        guard plans.reduce(Money.zero, { $0 + $1.amount }) == supplement else {
            return "supplement = sum of plans"
        }
        guard owners.reduce(Money.zero, { $0 + $1.amount }) == family else {
            return "family = sum of owners"
        }
        return nil
    }
}
