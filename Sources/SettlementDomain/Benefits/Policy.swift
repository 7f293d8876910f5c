/// One version of a pooling region's rules.
///
/// A class, as `Catalog` is: each settlement passes it through a dozen hands, and copying a dozen
/// arrays costs more than the split.
public final class Policy: Sendable, Hashable {
    /// Whose.
    public let region: RegionCode
    /// Which version; a newer one has a higher number.
    public let version: PolicyVersion
    /// The first day on which it is in force, until a newer version's.
    public let effectiveFrom: CivilDate
    /// The benefit category of each visit type that the pooled fund pays.
    public let visitBenefits: [VisitType: BenefitCategory]
    /// Deductibles and ratios.
    public let benefits: [BenefitRule]
    /// Yearly caps and the large-amount layer.
    public let caps: [CapRule]
    /// Supplementary plans in the order in which they pay.
    public let plans: [SupplementaryPlan]
    /// From this service date on, medicines need trace codes; nil: never.
    public let traceCodesRequiredFrom: CivilDate?
    /// Where regional practice differs.
    public let practice: Practice
    /// Contributions, interest and arrears; nil: none are taken under this policy.
    public let contributions: ContributionTerms?
    /// The age from which a resident is an adult, years.
    public let adultAge: Int
    /// The chronic diseases whose visits the pooled fund pays to those registered for them, in the
    /// order of codes; nil: chronic outpatient visits need neither diagnosis nor registration.
    public let chronicDiseases: [DiseaseCode]?
    /// The deadlines of reimbursement claims.
    public let claims: ClaimTerms

    /// Where a policy says nothing of the adult age.
    public static let adultAgeDefault = 18

    /// The rules above with every wildcard resolved: derived, so not part of equality.
    private let terms: [BenefitTerms?]
    private let categoryByVisit: [BenefitCategory?]

    /// Creates a policy of its parts; `PolicyLint` says whether they make sense.
    public init(
        region: RegionCode, version: PolicyVersion, effectiveFrom: CivilDate,
        visitBenefits: [VisitType: BenefitCategory], benefits: [BenefitRule], caps: [CapRule],
        plans: [SupplementaryPlan] = [], traceCodesRequiredFrom: CivilDate? = nil,
        practice: Practice = .standard, contributions: ContributionTerms? = nil,
        adultAge: Int = Policy.adultAgeDefault, chronicDiseases: [DiseaseCode]? = nil,
        claims: ClaimTerms = .standard
    ) {
        self.region = region
        self.version = version
        self.effectiveFrom = effectiveFrom
        self.visitBenefits = visitBenefits
        self.benefits = benefits
        self.caps = caps
        self.plans = plans
        self.traceCodesRequiredFrom = traceCodesRequiredFrom
        self.practice = practice
        self.contributions = contributions
        self.adultAge = adultAge
        self.chronicDiseases = chronicDiseases?.sorted()
        self.claims = claims
        terms = Self.resolve(benefits, caps)
        var byVisit = [BenefitCategory?](repeating: nil, count: VisitType.allCases.count + 1)
        for (visit, benefit) in visitBenefits { byVisit[Int(visit.rawValue)] = benefit }
        categoryByVisit = byVisit
    }

    /// The benefit category of a visit type; nil where it gives no pooled benefit.
    public func benefit(of visit: VisitType) -> BenefitCategory? {
        categoryByVisit[Int(visit.rawValue)]
    }

    /// What holds for such a person at such an institution; nil where no rule speaks of them, and
    /// so the pooled fund does not pay.
    public func terms(
        _ benefit: BenefitCategory, _ insuranceType: InsuranceType, _ category: PersonCategory,
        _ level: InstitutionLevel
    ) -> BenefitTerms? {
        terms[Self.slot(benefit, insuranceType, category, level)]
    }

    /// Whether all that the policy says is equal.
    public static func == (left: Policy, right: Policy) -> Bool {
        left === right
            || left.region == right.region && left.version == right.version
                && left.effectiveFrom == right.effectiveFrom
                && left.visitBenefits == right.visitBenefits && left.benefits == right.benefits
                && left.caps == right.caps && left.plans == right.plans
                && left.traceCodesRequiredFrom == right.traceCodesRequiredFrom
                && left.practice == right.practice && left.contributions == right.contributions
                && left.adultAge == right.adultAge
                && left.chronicDiseases == right.chronicDiseases && left.claims == right.claims
    }

    /// Feeds region and version, which are unique.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(region)
        hasher.combine(version)
    }

    private static func slot(
        _ benefit: BenefitCategory, _ insuranceType: InsuranceType, _ category: PersonCategory,
        _ level: InstitutionLevel
    ) -> Int {
        // Raw values: benefit 1...3, insurance 1...4, category 1...5, level 0...3.
        (((Int(benefit.rawValue) - 1) * 4 + Int(insuranceType.rawValue) - 1) * 5
            + Int(category.rawValue) - 1) * 4 + Int(level.rawValue)
    }

    private static func resolve(_ benefits: [BenefitRule], _ caps: [CapRule]) -> [BenefitTerms?] {
        var table = [BenefitTerms?](repeating: nil, count: 3 * 4 * 5 * 4)
        for benefit in BenefitCategory.allCases {
            for type in InsuranceType.allCases {
                guard let cap = Self.cap(caps, benefit, type) else { continue }
                for category in PersonCategory.allCases {
                    for level in InstitutionLevel.allCases {
                        let rule = Self.rule(benefits, benefit, type, category, level)
                        guard let rule else { continue }
                        table[slot(benefit, type, category, level)] = BenefitTerms(
                            deductible: rule.deductible, ratio: rule.ratio,
                            pooledCap: cap.pooledCap, largeRatio: cap.largeRatio,
                            largeCap: cap.largeCap,
                            laterDeductibles: benefit == .inpatient ? rule.laterDeductibles : [])
                    }
                }
            }
        }
        return table
    }

    private static func rule(
        _ rules: [BenefitRule], _ benefit: BenefitCategory, _ type: InsuranceType,
        _ category: PersonCategory, _ level: InstitutionLevel
    ) -> BenefitRule? {
        var best: BenefitRule?
        for rule in rules {
            guard rule.benefit ?? benefit == benefit, rule.insuranceType ?? type == type,
                rule.category ?? category == category, rule.level ?? level == level
            else { continue }
            if let found = best, rule.keys <= found.keys { continue }
            best = rule
        }
        return best
    }

    private static func cap(
        _ rules: [CapRule], _ benefit: BenefitCategory, _ type: InsuranceType
    ) -> CapRule? {
        var best: CapRule?
        for rule in rules {
            guard rule.benefit ?? benefit == benefit, rule.insuranceType ?? type == type else {
                continue
            }
            if let found = best, rule.keys <= found.keys { continue }
            best = rule
        }
        return best
    }
}
