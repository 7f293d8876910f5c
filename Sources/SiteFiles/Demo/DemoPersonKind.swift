import SettlementDomain

/// What the n-th person of a demo site is to the insurance, by the place in the household.
struct DemoPersonKind {
    let insuranceType: InsuranceType
    let category: PersonCategory
    /// Completed years.
    let ages: ClosedRange<Int>

    init(index: Int, _ draw: inout DemoDraw) {
        let isFlexible = draw.isOne(in: 5)
        switch index % 10 {
        case 1, 2, 5, 7:
            insuranceType = .employee
            category = isFlexible && index % 10 != 5 ? .flexibleEmployment : .active
            ages = 24...58
        case 3, 6:
            (insuranceType, category, ages) = (.employee, .retired, 61...88)
        case 4, 8:
            (insuranceType, category, ages) = (.resident, .adultResident, 20...80)
        case 9:
            (insuranceType, category, ages) = (.resident, .minor, 0...16)
        default:
            (insuranceType, category, ages) = (.employee, .active, 24...55)
        }
    }
}
