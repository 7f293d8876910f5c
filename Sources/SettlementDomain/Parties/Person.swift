/// The facts about an insured person that sorting and splitting ask for.
public struct Person: Sendable, Hashable {
    /// Who.
    public var id: PersonID
    /// As the ID document says.
    public var sex: Sex
    /// As the ID document says.
    public var birthDate: CivilDate
    /// `employee` or `resident`.
    public var insuranceType: InsuranceType
    /// Decides ratio and deductible.
    public var category: PersonCategory
    /// The home pooling region, whose policy applies.
    public var region: RegionCode
    /// Whether the pooled fund pays.
    public var coverage: CoverageStatus
    /// The supplementary plans in which the person is enrolled; the policy says their order.
    public var plans: [PlanID]
    /// Whether an individual account exists.
    public var hasAccount: Bool
    /// The chronic diseases for which the person is registered, in the order of their codes.
    public var chronicDiseases: [ChronicDisease]

    /// Creates a person of its facts.
    public init(
        id: PersonID, sex: Sex, birthDate: CivilDate, insuranceType: InsuranceType,
        category: PersonCategory, region: RegionCode, coverage: CoverageStatus = .active,
        plans: [PlanID] = [], hasAccount: Bool = true, chronicDiseases: [ChronicDisease] = []
    ) {
        self.id = id
        self.sex = sex
        self.birthDate = birthDate
        self.insuranceType = insuranceType
        self.category = category
        self.region = region
        self.coverage = coverage
        self.plans = plans
        self.hasAccount = hasAccount
        self.chronicDiseases = chronicDiseases
    }
}
