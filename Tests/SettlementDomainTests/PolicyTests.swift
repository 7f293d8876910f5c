import SettlementDomain
import Testing

@Suite("Policies")
struct PolicyTests {
    private func policy(
        benefits: [BenefitRule]? = nil, caps: [CapRule]? = nil, plans: [SupplementaryPlan] = [],
        visits: [VisitType: BenefitCategory] = [.outpatient: .outpatient, .inpatient: .inpatient],
        version: UInt32 = 1, from: Int32 = 2026_01_01
    ) throws -> Policy {
        Policy(
            region: try #require(Fixtures.region), version: PolicyVersion(rawValue: version),
            effectiveFrom: Fixtures.date(from), visitBenefits: visits,
            benefits: benefits ?? [rule(180_000, 7000), rule(130_000, 8500, .retired)],
            caps: caps ?? [
                CapRule(
                    pooledCap: Money(fen: 2_000_000), largeRatio: Fixtures.ratio(6000),
                    largeCap: Money(fen: 20_000_000))
            ],
            plans: plans)
    }

    private func rule(
        _ deductible: Int64, _ ratio: Int64, _ category: PersonCategory? = nil,
        _ level: InstitutionLevel? = nil, benefit: BenefitCategory? = nil,
        insurance: InsuranceType? = nil
    ) -> BenefitRule {
        BenefitRule(
            benefit: benefit, insuranceType: insurance, category: category, level: level,
            deductible: Money(fen: deductible), ratio: Fixtures.ratio(ratio))
    }

    private func paths(_ policy: Policy) -> [String] { PolicyLint.check(policy).map(\.path) }

    @Test("the rule with the most keys holds; among equals the first")
    func resolution() throws {
        let policy = try policy(benefits: [
            rule(1, 1000), rule(2, 2000, .retired), rule(3, 3000, nil, .level3),
            rule(4, 4000, .retired, .level3, benefit: .inpatient),
        ])
        let deductible = { (benefit: BenefitCategory, category, level) in
            policy.terms(benefit, .employee, category, level)?.deductible.fen
        }
        #expect(deductible(.outpatient, .active, .level1) == 1)
        #expect(deductible(.outpatient, .retired, .level1) == 2)
        #expect(deductible(.outpatient, .active, .level3) == 3)
        #expect(deductible(.outpatient, .retired, .level3) == 2)
        #expect(deductible(.inpatient, .retired, .level3) == 4)
    }

    @Test("every slot of the table is its own")
    func slots() throws {
        var rules: [BenefitRule] = []
        for benefit in BenefitCategory.allCases {
            for insurance in InsuranceType.allCases {
                for category in PersonCategory.allCases {
                    for level in InstitutionLevel.allCases {
                        let number = Int64(rules.count)
                        rules.append(
                            rule(
                                number, 1, category, level, benefit: benefit, insurance: insurance))
                    }
                }
            }
        }
        let policy = try policy(benefits: rules)
        for rule in rules {
            guard let benefit = rule.benefit, let insurance = rule.insuranceType,
                let category = rule.category, let level = rule.level
            else { continue }
            let terms = policy.terms(benefit, insurance, category, level)
            #expect(terms?.deductible == rule.deductible)
        }
    }

    @Test("without caps there are no terms; policies are equal by what they say")
    func equality() throws {
        let bare = try policy(caps: [CapRule(benefit: .inpatient, pooledCap: .limit)])
        #expect(bare.terms(.outpatient, .employee, .active, .level1) == nil)
        #expect(bare.terms(.inpatient, .employee, .active, .level1) != nil)
        #expect(try policy() == policy())
        #expect(try policy() != policy(version: 2))
        #expect(try policy() != bare)
    }

    @Test("a sound policy has no findings")
    func sound() throws {
        #expect(PolicyLint.check(try policy()).isEmpty)
    }

    @Test("a higher level is not better paid: ratio and deductible are named with their path")
    func levels() throws {
        let policy = try policy(benefits: [
            rule(100, 7000), rule(100, 8000, .retired, .level3), rule(100, 7500, .retired),
            rule(50, 7000, .active, .level2),
        ])
        let found = paths(policy)
        #expect(found.contains("benefits.outpatient.employee.retired.level3.ratio"))
        #expect(found.contains("benefits.outpatient.employee.active.level2.deductible"))
        #expect(found.contains("benefits.inpatient.employee.retired.level3.ratio"))
        let finding = try #require(PolicyLint.check(policy).first)
        #expect(finding.description.hasPrefix("error: benefits.outpatient.employee."))
    }

    @Test("the retired are not worse off than the active")
    func retired() throws {
        let found = paths(try policy(benefits: [rule(100, 7000), rule(200, 6000, .retired)]))
        for level in ["level1", "level2", "level3"] {
            #expect(found.contains("benefits.outpatient.employee.retired.\(level).ratio"))
            #expect(found.contains("benefits.outpatient.employee.retired.\(level).deductible"))
        }
    }

    @Test("what is missing is named")
    func missing() throws {
        let rules = paths(try policy(benefits: [rule(100, 7000, insurance: .employee)]))
        #expect(rules.contains("benefits.outpatient.resident.minor.level1"))
        #expect(!rules.contains { $0.hasPrefix("benefits.outpatient.employee") })
        let caps = paths(
            try policy(caps: [CapRule(insuranceType: .resident, pooledCap: .limit)]))
        #expect(caps == ["caps.outpatient.employee", "caps.inpatient.employee"])
        #expect(paths(try policy(visits: [:])).contains("visitBenefits"))
    }

    @Test("caps are positive and grow with their layer and with the benefit")
    func caps() throws {
        let found = paths(
            try policy(caps: [
                CapRule(
                    benefit: .outpatient, pooledCap: Money(fen: 5000),
                    largeRatio: Fixtures.ratio(5000), largeCap: Money(fen: 4000)),
                CapRule(benefit: .inpatient, pooledCap: Money(fen: 4000)),
                CapRule(
                    benefit: .chronicOutpatient, pooledCap: .zero,
                    largeRatio: Fixtures.ratio(5000)),
                CapRule(benefit: .inpatient, pooledCap: .limit, largeCap: .limit),
            ]))
        #expect(
            found == [
                "caps[0].largeCap", "caps[2].pooledCap", "caps[2].largeCap", "caps[3].largeRatio",
                "caps[3]", "caps.inpatient.employee.pooledCap", "caps.inpatient.resident.pooledCap",
            ])
    }

    @Test("rules that contradict each other or decide for nobody are named by their place")
    func rules() throws {
        let found = paths(
            try policy(benefits: [
                rule(100, 7000), rule(100, 7500, .retired), rule(100, 7000, nil, .level2),
                rule(100, 7000, nil, nil, insurance: .workInjury), rule(-1, 7000, .minor),
            ]))
        #expect(found.contains("benefits[2]"))
        #expect(found.contains("benefits[3]"))
        #expect(found.contains("benefits[4].deductible"))
    }

    @Test("plans and dates")
    func plansAndDates() throws {
        let plan = SupplementaryPlan(
            id: try #require(PlanID("CORP-A")), ratio: .zero, annualCap: .zero)
        let found = paths(try policy(plans: [plan, plan], version: 0, from: 1999_12_31))
        #expect(
            found == [
                "version", "effectiveFrom", "plans.CORP-A.ratio", "plans.CORP-A.annualCap",
                "plans.CORP-A.ratio", "plans.CORP-A.annualCap", "plans.CORP-A",
            ])
        let (first, second) = (try policy(), try policy(version: 2, from: 2025_01_01))
        #expect(PolicyLint.check(second, after: first).map(\.path) == ["effectiveFrom"])
        #expect(PolicyLint.check(first, after: first).map(\.path) == ["version"])
    }
    @Test("later stays, adult age, chronic diseases and claims are named with their place")
    func overTime() throws {
        let sound = try policy()
        let policy = Policy(
            region: sound.region, version: sound.version, effectiveFrom: sound.effectiveFrom,
            visitBenefits: [.outpatient: .outpatient],
            benefits: [
                BenefitRule(
                    benefit: .outpatient, deductible: Money(fen: 100), ratio: Fixtures.ratio(7000),
                    laterDeductibles: [Money(fen: 200), Money(fen: -1)])
            ], caps: sound.caps, adultAge: 13, chronicDiseases: [],
            claims: ClaimTerms(submitDays: 10, documentDays: 20, decisionDays: 0))
        let findings = PolicyLint.check(policy)
        #expect(
            findings.map(\.path) == [
                "adultAge", "benefits[0].laterDeductibles", "benefits[0].laterDeductibles",
                "benefits[0].laterDeductibles", "chronicDiseases", "chronicDiseases",
                "claims.decisionDays", "claims.documentDays",
            ])
        #expect(findings.filter { $0.severity == .error }.count == 5)
    }
}
