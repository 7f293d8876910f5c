/// What a supplementary plan has paid, or pays.
public struct PlanShare: Sendable, Hashable {
    /// Which plan.
    public var plan: PlanID
    /// How much.
    public var amount: Money

    /// Creates a share.
    public init(plan: PlanID, amount: Money) {
        self.plan = plan
        self.amount = amount
    }
}

/// What one person has used of the yearly limits of one benefit category.
public struct Accumulators: Sendable, Hashable {
    /// Of the deductible.
    public var deductibleUsed: Money
    /// Of the pooled fund's cap.
    public var pooledUsed: Money
    /// Of large-amount assistance's cap.
    public var largeUsed: Money
    /// Of each supplementary plan's cap, in the order of ids; plans that paid nothing are left out.
    public var planUsed: [PlanShare]
    /// Of the inpatient category: how many stays were settled and stand.
    public var stays: UInt32

    /// Creates accumulators; of a new year, all zero.
    public init(
        deductibleUsed: Money = .zero, pooledUsed: Money = .zero, largeUsed: Money = .zero,
        planUsed: [PlanShare] = [], stays: UInt32 = 0
    ) {
        self.deductibleUsed = deductibleUsed
        self.pooledUsed = pooledUsed
        self.largeUsed = largeUsed
        self.planUsed = planUsed
        self.stays = stays
    }

    /// What a plan has paid.
    public func used(by plan: PlanID) -> Money {
        planUsed.first { $0.plan == plan }?.amount ?? .zero
    }

    /// Adds what a settlement took of the limits.
    public mutating func add(_ split: Split) {
        deductibleUsed += split.deductible
        pooledUsed += split.pooled
        largeUsed += split.large
        for share in split.plans { change(share.plan, by: share.amount) }
    }

    /// Takes off exactly what a settlement took, for its reversal, void or refund.
    public mutating func remove(_ split: Split) {
        deductibleUsed -= split.deductible
        pooledUsed -= split.pooled
        largeUsed -= split.large
        for share in split.plans { change(share.plan, by: -share.amount) }
    }

    /// Counts a settled stay, or one that stands no more.
    ///
    /// Only the inpatient category has stays.
    public mutating func countStay(_ category: BenefitCategory, was: Bool, is stands: Bool) {
        guard category == .inpatient, was != stands else { return }
        if stands { stays += 1 } else if stays > 0 { stays -= 1 }
    }

    private mutating func change(_ plan: PlanID, by amount: Money) {
        guard amount != .zero else { return }
        let position = planUsed.firstIndex { $0.plan >= plan } ?? planUsed.endIndex
        guard position < planUsed.endIndex, planUsed[position].plan == plan else {
            planUsed.insert(PlanShare(plan: plan, amount: amount), at: position)
            return
        }
        planUsed[position].amount += amount
        if planUsed[position].amount == .zero { planUsed.remove(at: position) }
    }
}

/// What the own account may give.
public struct AccountFunds: Sendable, Hashable {
    /// The balance; zero where there is no account.
    public var balance: Money
    /// The most that the request wants from it; nil: no limit.
    public var limit: Money?

    /// Creates funds.
    public init(balance: Money, limit: Money? = nil) {
        self.balance = balance
        self.limit = limit
    }

    /// The most that can be taken, never below zero.
    public var available: Money {
        max(.zero, limit.map { min($0, balance) } ?? balance)
    }
}

/// What a relative's account may give: the least of its balance and of what the link's limits leave.
public struct FamilyFund: Sendable, Hashable {
    /// Whose account.
    public var owner: PersonID
    /// How much; never below zero.
    public var available: Money

    /// Creates a fund.
    public init(owner: PersonID, available: Money) {
        self.owner = owner
        self.available = available
    }
}

/// What a relative's account pays.
public struct FamilyShare: Sendable, Hashable {
    /// Whose account.
    public var owner: PersonID
    /// How much; above zero.
    public var amount: Money

    /// Creates a share.
    public init(owner: PersonID, amount: Money) {
        self.owner = owner
        self.amount = amount
    }
}
