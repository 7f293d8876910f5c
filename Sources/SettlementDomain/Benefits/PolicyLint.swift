/// Says what in a policy is missing, contradictory or against its purpose.
public enum PolicyLint {
    /// Every finding, in the order of the policy's sections; empty for a sound policy.
    public static func check(_ policy: Policy) -> [Finding] {
        var lint = Lint(policy: policy)
        lint.checkHead()
        lint.checkVisits()
        lint.checkBenefits()
        lint.checkRules()
        lint.checkCaps()
        lint.checkPlans()
        lint.checkChronic()
        lint.checkClaims()
        return lint.findings + (policy.contributions.map(ContributionLint.check) ?? [])
    }

    /// What is wrong with a policy as the successor of another of the same region.
    public static func check(_ policy: Policy, after previous: Policy) -> [Finding] {
        var findings: [Finding] = []
        if policy.region != previous.region {
            findings.append(
                Finding(.error, "region", "\(policy.region), before it \(previous.region)"))
        }
        if policy.version <= previous.version {
            findings.append(
                Finding(
                    .error, "version", "\(policy.version) is not above \(previous.version)"))
        }
        if policy.effectiveFrom < previous.effectiveFrom {
            findings.append(
                Finding(
                    .error, "effectiveFrom",
                    "\(policy.effectiveFrom) is before \(previous.effectiveFrom)"))
        }
        return findings
    }
}

extension InsuranceType {
    /// The person categories that occur with it; none for insurances that pay no benefits here.
    var categories: [PersonCategory] {
        switch self {
        case .employee: [.active, .retired, .flexibleEmployment]
        case .resident: [.adultResident, .minor]
        case .workInjury, .maternity: []
        }
    }
}

private struct Lint {
    let policy: Policy
    var findings: [Finding] = []

    private static let levels: [InstitutionLevel] = [.level1, .level2, .level3]

    private var used: [BenefitCategory] {
        BenefitCategory.allCases.filter { policy.visitBenefits.values.contains($0) }
    }

    mutating func error(_ path: String, _ message: String) {
        findings.append(Finding(.error, path, message))
    }

    mutating func warning(_ path: String, _ message: String) {
        findings.append(Finding(.warning, path, message))
    }

    mutating func checkHead() {
        if policy.version.rawValue == 0 { error("version", "is 0; versions count from 1") }
        if !(2000...2099).contains(policy.effectiveFrom.year) {
            error("effectiveFrom", "\(policy.effectiveFrom) is not in the years 2000 to 2099")
        }
        if let day = policy.traceCodesRequiredFrom, !(2000...2099).contains(day.year) {
            error("traceCodesRequiredFrom", "\(day) is not in the years 2000 to 2099")
        }
        if !(14...25).contains(policy.adultAge) {
            error("adultAge", "\(policy.adultAge) is not in 14...25")
        }
    }

    mutating func checkVisits() {
        if policy.visitBenefits.isEmpty {
            error("visitBenefits", "no visit type gives a pooled benefit")
        }
        for visit in [VisitType.vaccination, .checkup] where policy.benefit(of: visit) != nil {
            warning("visitBenefits.\(visit.name)", "the pooled fund pays no \(visit.name)")
        }
    }

    /// Every combination that can occur has terms, and the terms keep their order.
    mutating func checkBenefits() {
        for benefit in used {
            for type in [InsuranceType.employee, .resident] {
                let path = "\(benefit.name).\(type.name)"
                if !policy.caps.contains(where: {
                    $0.benefit ?? benefit == benefit && $0.insuranceType ?? type == type
                }) {
                    error("caps.\(path)", "is missing")
                    continue
                }
                for category in type.categories { checkLevels(benefit, type, category) }
                if type == .employee { checkRetired(benefit) }
            }
        }
    }

    private mutating func checkLevels(
        _ benefit: BenefitCategory, _ type: InsuranceType, _ category: PersonCategory
    ) {
        var lower: (level: InstitutionLevel, terms: BenefitTerms)?
        for level in Self.levels {
            let path = "benefits.\(benefit.name).\(type.name).\(category.name).\(level.name)"
            guard let terms = policy.terms(benefit, type, category, level) else {
                error(path, "is missing")
                continue
            }
            if terms.ratio == .zero { warning("\(path).ratio", "is 0 %: nothing is paid") }
            if let lower {
                if terms.ratio > lower.terms.ratio {
                    error(
                        "\(path).ratio",
                        "\(terms.ratio) is above \(lower.level.name)'s \(lower.terms.ratio)")
                }
                if terms.deductible < lower.terms.deductible {
                    error(
                        "\(path).deductible",
                        "\(terms.deductible) is below \(lower.level.name)'s "
                            + "\(lower.terms.deductible)")
                }
            }
            lower = (level, terms)
        }
    }

    private mutating func checkRetired(_ benefit: BenefitCategory) {
        for level in Self.levels {
            guard let active = policy.terms(benefit, .employee, .active, level),
                let retired = policy.terms(benefit, .employee, .retired, level)
            else { continue }
            let path = "benefits.\(benefit.name).employee.retired.\(level.name)"
            if retired.ratio < active.ratio {
                error("\(path).ratio", "\(retired.ratio) is below active's \(active.ratio)")
            }
            if retired.deductible > active.deductible {
                error(
                    "\(path).deductible",
                    "\(retired.deductible) is above active's \(active.deductible)")
            }
        }
    }

    /// Each rule's own values, and whether it decides anything.
    mutating func checkRules() {
        var decides = [Bool](repeating: false, count: policy.benefits.count)
        var rivals: Set<[Int]> = []
        for benefit in used {
            for type in [InsuranceType.employee, .resident] {
                for category in type.categories {
                    for level in InstitutionLevel.allCases {
                        let fitting = policy.benefits.indices.filter {
                            let rule = policy.benefits[$0]
                            return rule.benefit ?? benefit == benefit
                                && rule.insuranceType ?? type == type
                                && rule.category ?? category == category
                                && rule.level ?? level == level
                        }
                        let most = fitting.map { policy.benefits[$0].keys }.max() ?? 0
                        let best = fitting.filter { policy.benefits[$0].keys == most }
                        if let first = best.first { decides[first] = true }
                        if best.count > 1 { rivals.insert([best[0], best[1]]) }
                    }
                }
            }
        }
        for pair in rivals.sorted(by: { $0.lexicographicallyPrecedes($1) }) {
            let (first, second) = (policy.benefits[pair[0]], policy.benefits[pair[1]])
            guard first.deductible != second.deductible || first.ratio != second.ratio else {
                continue
            }
            error(
                "benefits[\(pair[1])]",
                "fits some persons as closely as benefits[\(pair[0])]: name one more key")
        }
        for (index, rule) in policy.benefits.enumerated() {
            if !decides[index] { warning("benefits[\(index)]", "decides for nobody") }
            if rule.deductible < .zero || rule.deductible > .limit {
                error("benefits[\(index)].deductible", "\(rule.deductible) is out of range")
            }
            checkLater(rule, "benefits[\(index)].laterDeductibles")
        }
    }

    /// Later stays' deductibles never rise, and only stays have them.
    private mutating func checkLater(_ rule: BenefitRule, _ path: String) {
        guard !rule.laterDeductibles.isEmpty else { return }
        if let benefit = rule.benefit, benefit != .inpatient {
            error(path, "only stays have them, not \(benefit.name)")
        }
        var before = rule.deductible
        for later in rule.laterDeductibles {
            if later < .zero || later > .limit { error(path, "\(later) is out of range") }
            if later > before { warning(path, "\(later) is above the stay's before, \(before)") }
            before = later
        }
    }

    /// Diseases and the visits that need them.
    mutating func checkChronic() {
        let isPaid = policy.visitBenefits.values.contains(.chronicOutpatient)
        if policy.chronicDiseases != nil, !isPaid {
            warning("chronicDiseases", "no visit counts as chronicOutpatient")
        }
        if policy.chronicDiseases?.isEmpty == true {
            error("chronicDiseases", "names none: no chronic visit can be paid")
        }
    }

    mutating func checkClaims() {
        let terms = policy.claims
        for (name, days) in [
            ("submitDays", terms.submitDays), ("documentDays", terms.documentDays),
            ("decisionDays", terms.decisionDays),
        ] where !(1...ClaimTerms.daysMax).contains(days) {
            error("claims.\(name)", "\(days) is not in 1...\(ClaimTerms.daysMax)")
        }
        if terms.documentDays > terms.submitDays {
            warning("claims.documentDays", "is longer than submitDays")
        }
    }

    mutating func checkCaps() {
        for (index, cap) in policy.caps.enumerated() {
            let path = "caps[\(index)]"
            if cap.pooledCap <= .zero || cap.pooledCap > .limit {
                error("\(path).pooledCap", "\(cap.pooledCap) is out of range")
            }
            if cap.largeCap < .zero || cap.largeCap > .limit {
                error("\(path).largeCap", "\(cap.largeCap) is out of range")
            }
            if cap.largeRatio > .zero, cap.largeCap == .zero {
                error("\(path).largeCap", "is 0 where largeRatio is \(cap.largeRatio)")
            }
            if cap.largeRatio == .zero, cap.largeCap > .zero {
                error("\(path).largeRatio", "is 0 % where largeCap is \(cap.largeCap)")
            }
            if cap.largeCap > .zero, cap.largeCap < cap.pooledCap {
                error("\(path).largeCap", "\(cap.largeCap) is below pooledCap \(cap.pooledCap)")
            }
            let same = policy.caps.prefix(index).firstIndex {
                $0.benefit == cap.benefit && $0.insuranceType == cap.insuranceType
            }
            if let same { error(path, "names the same keys as caps[\(same)]") }
        }
        for type in [InsuranceType.employee, .resident]
        where used.contains(.outpatient) && used.contains(.inpatient) {
            guard let category = type.categories.first,
                let outpatient = policy.terms(.outpatient, type, category, .level3),
                let inpatient = policy.terms(.inpatient, type, category, .level3)
            else { continue }
            if inpatient.pooledCap < outpatient.pooledCap {
                error(
                    "caps.inpatient.\(type.name).pooledCap",
                    "\(inpatient.pooledCap) is below outpatient's \(outpatient.pooledCap)")
            }
        }
    }

    mutating func checkPlans() {
        for (index, plan) in policy.plans.enumerated() {
            let path = "plans.\(plan.id)"
            if plan.ratio == .zero { error("\(path).ratio", "is 0 %") }
            if plan.annualCap <= .zero || plan.annualCap > .limit {
                error("\(path).annualCap", "\(plan.annualCap) is out of range")
            }
            if policy.plans.prefix(index).contains(where: { $0.id == plan.id }) {
                error(path, "occurs twice")
            }
        }
    }
}
