import SettlementDomain
import Yams

/// Reads the section `contributions` of a policy.
enum ContributionReading {
    private static let money = "an amount in yuan with at most two decimals, not negative"
    private static let percent = "a percentage of 0...100 with at most two decimals"
    private static let path = "contributions"

    /// The terms; nil where something that must be there is missing or wrong, and noted.
    static func terms(_ node: Node, _ defects: inout DefectList) -> ContributionTerms? {
        let section = YAMLSection(
            node, path: path,
            keys: [
                "rates", "payableAheadMonths", "baseFloor", "baseCeiling", "credits", "retirees",
                "residents", "interest", "arrears",
            ], &defects)
        let rates = rates(section, &defects)
        let ahead = section.valueIfWritten(
            "payableAheadMonths", "a whole number of 0...24", &defects, whole(0...24))
        let floor = section.value("baseFloor", money, &defects, amount)
        let ceiling = section.value("baseCeiling", money, &defects, amount)
        let credits = credits(section, &defects)
        let retirees = retirees(section, &defects)
        let residents = residents(section, &defects)
        let interest = section.value("interest", percent, &defects) { Ratio(percent: $0) }
        let arrears = arrears(section, &defects)
        guard let floor, let ceiling, let interest else { return nil }
        return ContributionTerms(
            rates: rates, payableAheadMonths: ahead ?? 0, baseFloor: floor, baseCeiling: ceiling,
            credits: credits, retirees: retirees, residents: residents, interest: interest,
            arrears: arrears)
    }

    private static func rates(
        _ section: YAMLSection, _ defects: inout DefectList
    ) -> [ContributionRate] {
        section.sections("rates", keys: ["category", "employer", "individual"], &defects)
            .compactMap { section in
                let category = category(section, &defects)
                let employer = section.valueIfWritten("employer", percent, &defects) {
                    Ratio(percent: $0)
                }
                let individual = section.value("individual", percent, &defects) {
                    Ratio(percent: $0)
                }
                guard let category, let individual else { return nil }
                return ContributionRate(
                    category: category, employer: employer ?? .zero, individual: individual)
            }
    }

    private static func credits(
        _ section: YAMLSection, _ defects: inout DefectList
    ) -> [CreditBand] {
        section.sections("credits", keys: ["category", "ageFrom", "ofBase"], &defects)
            .compactMap { section in
                let category = category(section, &defects)
                let age = age(section, &defects)
                let share = section.value("ofBase", percent, &defects) { Ratio(percent: $0) }
                guard let category, let share else { return nil }
                return CreditBand(category: category, ageFrom: age, ofBase: share)
            }
    }

    private static func retirees(
        _ section: YAMLSection, _ defects: inout DefectList
    ) -> [RetireeBand] {
        section.sections("retirees", keys: ["ageFrom", "monthly"], &defects).compactMap {
            let age = age($0, &defects)
            guard let monthly = $0.value("monthly", money, &defects, amount) else { return nil }
            return RetireeBand(ageFrom: age, monthly: monthly)
        }
    }

    private static func residents(
        _ section: YAMLSection, _ defects: inout DefectList
    ) -> [ResidentAmount] {
        section.sections("residents", keys: ["category", "yearly"], &defects).compactMap {
            let category = category($0, &defects)
            let yearly = $0.value("yearly", money, &defects, amount)
            guard let category, let yearly else { return nil }
            return ResidentAmount(category: category, yearly: yearly)
        }
    }

    private static func arrears(
        _ section: YAMLSection, _ defects: inout DefectList
    ) -> ArrearsRule? {
        guard let node = section.node("arrears") else { return nil }
        let rule = YAMLSection(
            node, path: "\(path).arrears",
            keys: ["suspendedAfterMonths", "countedFrom", "restored"], &defects)
        let months = rule.value(
            "suspendedAfterMonths", "a whole number of 1...60", &defects, whole(1...60))
        let from = rule.value("countedFrom", "a day as 2026-11-23", &defects, FormLine.day)
        let restored = rule.value(
            "restored", "one of \(CodeNames<CoverageRestoration>().list)", &defects
        ) { CodeNames<CoverageRestoration>()[$0] }
        guard let months, let from, let restored else { return nil }
        return ArrearsRule(suspendedAfterMonths: months, countedFrom: from, restored: restored)
    }

    private static func category(
        _ section: YAMLSection, _ defects: inout DefectList
    ) -> PersonCategory? {
        let names = CodeNames<PersonCategory>()
        return section.value("category", "one of \(names.list)", &defects) { names[$0] }
    }

    private static func age(_ section: YAMLSection, _ defects: inout DefectList) -> Int {
        section.valueIfWritten("ageFrom", "a whole number of 0...150", &defects, whole(0...150))
            ?? 0
    }

    private static func whole(_ range: ClosedRange<Int>) -> (String) -> Int? {
        { text in Int(text).flatMap { range.contains($0) ? $0 : nil } }
    }

    private static func amount(_ text: String) -> Money? {
        Money(yuan: text).flatMap { $0 >= .zero ? $0 : nil }
    }
}
