/// Deductible and ratio for those whom the keys name; a key that is nil names everyone.
///
/// Of several rules that fit, the one with the most keys holds; among equals, the first.
public struct BenefitRule: Sendable, Hashable {
    /// For which benefit category; nil: all.
    public var benefit: BenefitCategory?
    /// For which insurance type; nil: all.
    public var insuranceType: InsuranceType?
    /// For which person category; nil: all.
    public var category: PersonCategory?
    /// At which institution level; nil: all.
    public var level: InstitutionLevel?
    /// What the patient pays of a year's sums in scope before the fund pays.
    public var deductible: Money
    /// What the pooled fund pays of the rest.
    public var ratio: Ratio
    /// Of inpatient stays: the deductibles of the second, third and later stays of a year.
    ///
    /// The last holds for all that follow. Empty: all stays of a year share one deductible.
    public var laterDeductibles: [Money]

    /// Creates a rule.
    public init(
        benefit: BenefitCategory? = nil, insuranceType: InsuranceType? = nil,
        category: PersonCategory? = nil, level: InstitutionLevel? = nil, deductible: Money,
        ratio: Ratio, laterDeductibles: [Money] = []
    ) {
        self.benefit = benefit
        self.insuranceType = insuranceType
        self.category = category
        self.level = level
        self.deductible = deductible
        self.ratio = ratio
        self.laterDeductibles = laterDeductibles
    }

    /// How many keys it names.
    var keys: Int {
        (benefit == nil ? 0 : 1) + (insuranceType == nil ? 0 : 1) + (category == nil ? 0 : 1)
            + (level == nil ? 0 : 1)
    }
}

/// The yearly caps of the pooled fund and of large-amount assistance for those the keys name.
///
/// Of several that fit, the one with the most keys holds; among equals, the first.
public struct CapRule: Sendable, Hashable {
    /// For which benefit category; nil: all.
    public var benefit: BenefitCategory?
    /// For which insurance type; nil: all.
    public var insuranceType: InsuranceType?
    /// The most that the pooled fund pays in a year.
    public var pooledCap: Money
    /// What large-amount assistance pays of what the pooled cap cut off.
    public var largeRatio: Ratio
    /// The most that large-amount assistance pays in a year.
    public var largeCap: Money

    /// Creates a rule.
    public init(
        benefit: BenefitCategory? = nil, insuranceType: InsuranceType? = nil, pooledCap: Money,
        largeRatio: Ratio = .zero, largeCap: Money = .zero
    ) {
        self.benefit = benefit
        self.insuranceType = insuranceType
        self.pooledCap = pooledCap
        self.largeRatio = largeRatio
        self.largeCap = largeCap
    }

    /// How many keys it names.
    var keys: Int { (benefit == nil ? 0 : 1) + (insuranceType == nil ? 0 : 1) }
}

/// What holds for one person at one institution in one benefit category.
public struct BenefitTerms: Sendable, Hashable {
    /// Of the year.
    public var deductible: Money
    /// The pooled fund's.
    public var ratio: Ratio
    /// The pooled fund's, of the year.
    public var pooledCap: Money
    /// Large-amount assistance's.
    public var largeRatio: Ratio
    /// Large-amount assistance's, of the year.
    public var largeCap: Money
    /// Of inpatient stays: what `BenefitRule.laterDeductibles` says.
    public var laterDeductibles: [Money]

    /// Creates terms of their parts.
    public init(
        deductible: Money, ratio: Ratio, pooledCap: Money, largeRatio: Ratio = .zero,
        largeCap: Money = .zero, laterDeductibles: [Money] = []
    ) {
        self.deductible = deductible
        self.ratio = ratio
        self.pooledCap = pooledCap
        self.largeRatio = largeRatio
        self.largeCap = largeCap
        self.laterDeductibles = laterDeductibles
    }

    /// These terms with the fund's shares reduced to so much of them.
    public func reduced(to ratio: Ratio) -> BenefitTerms {
        guard ratio != .one else { return self }
        var terms = self
        terms.ratio = terms.ratio.reduced(to: ratio)
        terms.largeRatio = terms.largeRatio.reduced(to: ratio)
        return terms
    }

    /// What is left of the deductible for a visit, by what the year's visits before it have used.
    ///
    /// Where stays have deductibles of their own it is the next stay's whole, whatever was used.
    public func deductibleLeft(after used: Accumulators) -> Money {
        guard let last = laterDeductibles.last else {
            return deductible.remaining(after: used.deductibleUsed)
        }
        guard used.stays > 0 else { return deductible }
        let position = Int(used.stays) - 1
        return laterDeductibles.indices.contains(position) ? laterDeductibles[position] : last
    }
}

/// A supplementary plan as a policy knows it.
public struct SupplementaryPlan: Sendable, Hashable {
    /// Which plan.
    public var id: PlanID
    /// What it pays of what is left with the patient in scope.
    public var ratio: Ratio
    /// The most that it pays in a year, in one benefit category.
    public var annualCap: Money

    /// Creates a plan.
    public init(id: PlanID, ratio: Ratio, annualCap: Money) {
        self.id = id
        self.ratio = ratio
        self.annualCap = annualCap
    }
}
