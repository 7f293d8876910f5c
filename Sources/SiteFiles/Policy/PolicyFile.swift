import SettlementDomain
import Yams

/// A region's policy as an operator writes it; `Config/policies/` shows every key.
///
/// - Source: `Config/README.md`, "Policies".
public struct PolicyFile: Sendable {
    /// What the file says.
    public let policy: Policy
    /// What the linter says of it; a policy with a finding of severity `error` cannot be used.
    public let findings: [Finding]

    /// Whether no finding is an error.
    public var isUsable: Bool { !findings.contains { $0.severity == .error } }

    /// Reads a file.
    ///
    /// - Throws: every wrong or unknown key, with its path, line and column.
    public init(path: String) throws(SiteFileFault) {
        try self.init(name: path, root: YAMLFile.root(path: path))
    }

    /// Reads YAML that is in memory, under a name for errors.
    ///
    /// - Throws: every wrong or unknown key, with its path, line and column.
    public init(name: String, bytes: [UInt8]) throws(SiteFileFault) {
        try self.init(name: name, root: YAMLFile.root(name: name, bytes: bytes))
    }

    private init(name: String, root: Node) throws(SiteFileFault) {
        var reading = PolicyReading(file: name)
        guard let policy = reading.policy(root), reading.defects.isEmpty else {
            throw .refused(reading.defects)
        }
        self.policy = policy
        findings = PolicyLint.check(policy)
    }
}

/// One reading of a policy, with what was found wrong so far.
private struct PolicyReading {
    private static let money = "an amount in yuan with at most two decimals, not negative"
    private static let percent = "a percentage of 0...100 with at most two decimals"

    var defects: DefectList
    private let benefits = CodeNames<BenefitCategory>()
    private let types = CodeNames<InsuranceType>([.employee, .resident])
    private let categories = CodeNames<PersonCategory>()
    private let levels = CodeNames<InstitutionLevel>()

    init(file: String) {
        defects = DefectList(file: file)
    }

    mutating func policy(_ node: Node) -> Policy? {
        let root = YAMLSection(
            node, path: "",
            keys: [
                "region", "version", "effectiveFrom", "visitBenefits", "benefits", "caps", "plans",
                "traceCodesRequiredFrom", "practice", "contributions", "adultAge",
                "chronicDiseases", "claims",
            ], &defects)
        let region = root.value("region", "six digits", &defects, RegionCode.init(_:))
        let version = root.value("version", "a whole number of 1...4294967295", &defects) {
            UInt32($0).flatMap { $0 > 0 ? PolicyVersion(rawValue: $0) : nil }
        }
        let from = root.value("effectiveFrom", "a day as 2026-11-23", &defects, FormLine.day)
        let visits = visitBenefits(root)
        let benefits = benefitRules(root)
        let caps = capRules(root)
        let plans = plans(root)
        let traceCodes = root.valueIfWritten(
            "traceCodesRequiredFrom", "a day as 2026-11-23", &defects, FormLine.day)
        let practice = practice(root)
        let contributions = root.node("contributions").flatMap {
            ContributionReading.terms($0, &defects)
        }
        let adultAge = root.valueIfWritten("adultAge", "years, 14...25", &defects) {
            Int($0).flatMap { (14...25).contains($0) ? $0 : nil }
        }
        let diseases = root.valueIfWritten(
            "chronicDiseases", "codes of 1 to 20 letters, digits, - or . with spaces between",
            &defects, Self.diseases)
        guard let region, let version, let from else { return nil }
        return Policy(
            region: region, version: version, effectiveFrom: from, visitBenefits: visits,
            benefits: benefits, caps: caps, plans: plans, traceCodesRequiredFrom: traceCodes,
            practice: practice, contributions: contributions,
            adultAge: adultAge ?? Policy.adultAgeDefault, chronicDiseases: diseases,
            claims: claims(root))
    }

    private mutating func claims(_ root: YAMLSection) -> ClaimTerms {
        guard let node = root.node("claims") else { return .standard }
        let section = YAMLSection(
            node, path: "claims", keys: ["submitDays", "documentDays", "decisionDays"], &defects)
        func days(_ key: String, _ fallback: Int) -> Int {
            section.valueIfWritten(key, "days, 1...\(ClaimTerms.daysMax)", &defects) { text in
                Int(text).flatMap { (1...ClaimTerms.daysMax).contains($0) ? $0 : nil }
            } ?? fallback
        }
        let standard = ClaimTerms.standard
        return ClaimTerms(
            submitDays: days("submitDays", standard.submitDays),
            documentDays: days("documentDays", standard.documentDays),
            decisionDays: days("decisionDays", standard.decisionDays))
    }

    private mutating func visitBenefits(_ root: YAMLSection) -> [VisitType: BenefitCategory] {
        guard let node = root.node("visitBenefits") else {
            root.refuse("visitBenefits", "is missing; write visit types", &defects)
            return [:]
        }
        let section = YAMLSection(
            node, path: "visitBenefits", keys: VisitType.allCases.map(\.name), &defects)
        var result: [VisitType: BenefitCategory] = [:]
        for visit in VisitType.allCases {
            result[visit] = section.codeIfWritten(visit.name, benefits, &defects)
        }
        return result
    }

    private mutating func benefitRules(_ root: YAMLSection) -> [BenefitRule] {
        let sections = root.sections(
            "benefits",
            keys: [
                "benefit", "insuranceType", "category", "level", "deductible", "ratio",
                "laterDeductibles",
            ], &defects)
        if sections.isEmpty { root.refuse("benefits", "needs at least one rule", &defects) }
        return sections.compactMap { section in
            let benefit = section.codeIfWritten("benefit", benefits, &defects)
            let type = section.codeIfWritten("insuranceType", types, &defects)
            let category = section.codeIfWritten("category", categories, &defects)
            let level = section.codeIfWritten("level", levels, &defects)
            let deductible = section.value("deductible", Self.money, &defects, Self.amount)
            let ratio = section.value("ratio", Self.percent, &defects) { Ratio(percent: $0) }
            let later = section.valueIfWritten(
                "laterDeductibles", "amounts in yuan with spaces between", &defects, Self.amounts)
            guard let deductible, let ratio else { return nil }
            return BenefitRule(
                benefit: benefit, insuranceType: type, category: category, level: level,
                deductible: deductible, ratio: ratio, laterDeductibles: later ?? [])
        }
    }

    private mutating func capRules(_ root: YAMLSection) -> [CapRule] {
        let sections = root.sections(
            "caps", keys: ["benefit", "insuranceType", "pooledCap", "largeRatio", "largeCap"],
            &defects)
        if sections.isEmpty { root.refuse("caps", "needs at least one rule", &defects) }
        return sections.compactMap { section in
            let benefit = section.codeIfWritten("benefit", benefits, &defects)
            let type = section.codeIfWritten("insuranceType", types, &defects)
            let pooled = section.value("pooledCap", Self.money, &defects, Self.amount)
            let ratio = section.valueIfWritten("largeRatio", Self.percent, &defects) {
                Ratio(percent: $0)
            }
            let large = section.valueIfWritten("largeCap", Self.money, &defects, Self.amount)
            guard let pooled else { return nil }
            return CapRule(
                benefit: benefit, insuranceType: type, pooledCap: pooled,
                largeRatio: ratio ?? .zero, largeCap: large ?? .zero)
        }
    }

    private mutating func plans(_ root: YAMLSection) -> [SupplementaryPlan] {
        let sections = root.sections("plans", keys: ["id", "ratio", "annualCap"], &defects)
        return sections.compactMap { section in
            let id = section.value(
                "id", "1 to 15 letters, digits, - _ or .", &defects, PlanID.init)
            let ratio = section.value("ratio", Self.percent, &defects) { Ratio(percent: $0) }
            let cap = section.value("annualCap", Self.money, &defects, Self.amount)
            guard let id, let ratio, let cap else { return nil }
            return SupplementaryPlan(id: id, ratio: ratio, annualCap: cap)
        }
    }

    private mutating func practice(_ root: YAMLSection) -> Practice {
        guard let node = root.node("practice") else { return .standard }
        let section = YAMLSection(
            node, path: "practice",
            keys: [
                "accountPaysOverLimitAtHospitals", "accountPaysNonCatalogAtHospitals",
                "accountPaysDisinfectants", "accountPaysHealthProducts", "accountPaysCheckups",
                "familyPaysVaccines", "familyHasGrandparents", "familyHasSiblings",
            ], &defects)
        var practice = Practice.standard
        func read(_ key: String, _ flag: WritableKeyPath<Practice, Bool>) {
            practice[keyPath: flag] = section.flag(
                key, default: practice[keyPath: flag], &defects)
        }
        read("accountPaysOverLimitAtHospitals", \.accountPaysOverLimitAtHospitals)
        read("accountPaysNonCatalogAtHospitals", \.accountPaysNonCatalogAtHospitals)
        read("accountPaysDisinfectants", \.accountPaysDisinfectants)
        read("accountPaysHealthProducts", \.accountPaysHealthProducts)
        read("accountPaysCheckups", \.accountPaysCheckups)
        read("familyPaysVaccines", \.familyPaysVaccines)
        read("familyHasGrandparents", \.familyHasGrandparents)
        read("familyHasSiblings", \.familyHasSiblings)
        return practice
    }

    private static func amounts(_ text: String) -> [Money]? {
        let words = text.split(separator: " ")
        let amounts = words.compactMap { amount(String($0)) }
        return amounts.count == words.count && !amounts.isEmpty ? amounts : nil
    }

    private static func diseases(_ text: String) -> [DiseaseCode]? {
        let words = text.split(separator: " ")
        let codes = Set(words.compactMap { DiseaseCode(String($0)) })
        return codes.count == words.count && !codes.isEmpty ? codes.sorted() : nil
    }

    private static func amount(_ text: String) -> Money? {
        Money(yuan: text).flatMap { $0 >= .zero ? $0 : nil }
    }
}
