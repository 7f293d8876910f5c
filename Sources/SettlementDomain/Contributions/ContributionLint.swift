/// Says what in a policy's contributions is missing, contradictory or out of range.
enum ContributionLint {
    /// Every finding, in the order of the section's keys.
    static func check(_ terms: ContributionTerms) -> [Finding] {
        checkRates(terms) + checkBases(terms) + checkCredits(terms) + checkRetirees(terms)
            + checkResidents(terms) + checkArrears(terms)
    }

    private static func error(_ path: String, _ message: String) -> Finding {
        Finding(.error, "contributions.\(path)", message)
    }

    private static func checkRates(_ terms: ContributionTerms) -> [Finding] {
        var findings: [Finding] = []
        for (index, rate) in terms.rates.enumerated() {
            let path = "rates[\(index)]"
            if !InsuranceType.employee.admits(rate.category) || rate.category == .retired {
                findings.append(
                    error("\(path).category", "\(rate.category.name) pays no share of a base"))
            }
            if terms.rates.prefix(index).contains(where: { $0.category == rate.category }) {
                findings.append(error("\(path).category", "\(rate.category.name) occurs twice"))
            }
            if rate.category == .flexibleEmployment, rate.employer > .zero {
                findings.append(
                    error("\(path).employer", "flexibleEmployment has no employer: it pays all"))
            }
            if rate.employer == .zero, rate.individual == .zero {
                findings.append(error(path, "nobody pays: both parts are 0 %"))
            }
        }
        return findings
    }

    private static func checkBases(_ terms: ContributionTerms) -> [Finding] {
        var findings: [Finding] = []
        if !(0...24).contains(terms.payableAheadMonths) {
            findings.append(
                error("payableAheadMonths", "\(terms.payableAheadMonths) is not in 0...24"))
        }
        if terms.baseFloor < .zero || terms.baseFloor > .limit {
            findings.append(error("baseFloor", "\(terms.baseFloor) is out of range"))
        }
        if terms.baseCeiling < terms.baseFloor || terms.baseCeiling > .limit {
            findings.append(
                error("baseCeiling", "\(terms.baseCeiling) is below baseFloor or out of range"))
        }
        return findings
    }

    private static func checkCredits(_ terms: ContributionTerms) -> [Finding] {
        var findings: [Finding] = []
        for (index, band) in terms.credits.enumerated() {
            let path = "credits[\(index)]"
            guard let rate = terms.rates.first(where: { $0.category == band.category }) else {
                findings.append(
                    error("\(path).category", "\(band.category.name) has no rate above"))
                continue
            }
            let paid = rate.employer.tenThousandths + rate.individual.tenThousandths
            if band.ofBase.tenThousandths > paid {
                findings.append(error("\(path).ofBase", "\(band.ofBase) is more than is paid"))
            }
            if !(0...150).contains(band.ageFrom) {
                findings.append(error("\(path).ageFrom", "\(band.ageFrom) is not in 0...150"))
            }
            if terms.credits.prefix(index).contains(where: {
                $0.category == band.category && $0.ageFrom == band.ageFrom
            }) {
                findings.append(error(path, "names the same category and age as one before"))
            }
        }
        return findings
    }

    private static func checkRetirees(_ terms: ContributionTerms) -> [Finding] {
        var findings: [Finding] = []
        for (index, band) in terms.retirees.enumerated() {
            let path = "retirees[\(index)]"
            if !(0...150).contains(band.ageFrom) {
                findings.append(error("\(path).ageFrom", "\(band.ageFrom) is not in 0...150"))
            }
            if band.monthly <= .zero || band.monthly > .limit {
                findings.append(error("\(path).monthly", "\(band.monthly) is out of range"))
            }
            if terms.retirees.prefix(index).contains(where: { $0.ageFrom == band.ageFrom }) {
                findings.append(error("\(path).ageFrom", "\(band.ageFrom) occurs twice"))
            }
        }
        return findings
    }

    private static func checkResidents(_ terms: ContributionTerms) -> [Finding] {
        var findings: [Finding] = []
        for (index, amount) in terms.residents.enumerated() {
            let path = "residents[\(index)]"
            if !InsuranceType.resident.admits(amount.category) {
                findings.append(
                    error("\(path).category", "\(amount.category.name) is no resident"))
            }
            if amount.yearly <= .zero || amount.yearly > .limit {
                findings.append(error("\(path).yearly", "\(amount.yearly) is out of range"))
            }
            if terms.residents.prefix(index).contains(where: { $0.category == amount.category }) {
                findings.append(error("\(path).category", "\(amount.category.name) occurs twice"))
            }
        }
        return findings
    }

    private static func checkArrears(_ terms: ContributionTerms) -> [Finding] {
        guard let arrears = terms.arrears else { return [] }
        var findings: [Finding] = []
        if !(1...60).contains(arrears.suspendedAfterMonths) {
            findings.append(
                error(
                    "arrears.suspendedAfterMonths",
                    "\(arrears.suspendedAfterMonths) is not in 1...60"))
        }
        if !(2000...2099).contains(arrears.countedFrom.year) {
            findings.append(
                error(
                    "arrears.countedFrom",
                    "\(arrears.countedFrom) is not in the years 2000 to 2099"))
        }
        return findings
    }
}
