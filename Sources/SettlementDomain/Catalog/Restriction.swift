/// A condition under which the pooled fund pays for an item; unmet, the item falls to the patient.
///
/// Text form: `name=value`, as catalog files and Protocol/Sorting.md write it.
public enum Restriction: Sendable, Hashable {
    /// Paid for this sex only.
    case sex(Sex)
    /// Paid at this age only.
    case ageGroup(AgeGroup)
    /// Paid at institutions of this level or above.
    case institutionLevelAtLeast(InstitutionLevel)
    /// Paid for this visit type only.
    case visitType(VisitType)
    /// Paid by this insurance only.
    case insuranceType(InsuranceType)
    /// Paid for so many days of a course, 1...366.
    case maxDays(Int)
    /// Paid up to this quantity in any `perDays` days running, 1...366.
    case maxQuantity(Quantity, perDays: Int)
    /// Paid up to so many hours a day; the quantity of an hourly service is in hours.
    case maxHoursPerDay(Int)

    /// A course is over after 30 days, or after as many as are payable where they are more.
    public static let courseWindowDays = 30

    /// The days of the window in which past use counts; nil for a restriction without history.
    public var windowDays: Int? {
        switch self {
        case .maxDays(let days): max(days, Self.courseWindowDays)
        case .maxQuantity(_, let perDays): perDays
        case .maxHoursPerDay: 1
        case .sex, .ageGroup, .institutionLevelAtLeast, .visitType, .insuranceType: nil
        }
    }

    /// The reason of a line that does not meet it.
    public var reason: SortingReason {
        switch self {
        case .sex: .restrictedSex
        case .ageGroup: .restrictedAge
        case .institutionLevelAtLeast: .restrictedInstitutionLevel
        case .visitType: .restrictedVisitType
        case .insuranceType: .restrictedInsuranceType
        case .maxDays: .restrictedCourse
        case .maxQuantity, .maxHoursPerDay: .restrictedFrequency
        }
    }
}

extension Restriction: CustomStringConvertible {
    /// Reads `name=value`; nil for an unknown name or value.
    public init?(_ text: String) {
        let parts = text.split(separator: "=", omittingEmptySubsequences: false)
        guard parts.count == 2 else { return nil }
        self.init(name: String(parts[0]), value: String(parts[1]))
    }

    /// Reads a restriction of its name and value: `max_days` and `14`; nil for an unknown one.
    ///
    /// The age groups are also read in Chinese, as the published rules write some of them.
    public init?(name: String, value: String) {
        switch (name, value) {
        case ("sex", "male"): self = .sex(.male)
        case ("sex", "female"): self = .sex(.female)
        case ("age_group", "newborn"), ("age_group", "新生儿"): self = .ageGroup(.newborn)
        case ("age_group", "infant"), ("age_group", "婴儿"): self = .ageGroup(.infant)
        case ("age_group", "toddler"), ("age_group", "婴幼儿"): self = .ageGroup(.toddler)
        case ("age_group", "child"), ("age_group", "儿童"): self = .ageGroup(.child)
        case ("institution_level", "level_1_or_above"): self = .institutionLevelAtLeast(.level1)
        case ("institution_level", "level_2_or_above"): self = .institutionLevelAtLeast(.level2)
        case ("institution_level", "level_3"): self = .institutionLevelAtLeast(.level3)
        case ("insurance_type", "employee"): self = .insuranceType(.employee)
        case ("insurance_type", "resident"): self = .insuranceType(.resident)
        case ("insurance_type", "work_injury"): self = .insuranceType(.workInjury)
        case ("insurance_type", "maternity"): self = .insuranceType(.maternity)
        case ("visit_type", let value):
            guard let type = VisitType.allCases.first(where: { $0.snakeName == value }) else {
                return nil
            }
            self = .visitType(type)
        case ("max_days", let value):
            guard let days = Int(value), (1...366).contains(days) else { return nil }
            self = .maxDays(days)
        case ("max_hours_per_day", let value):
            guard let hours = Int(value), (1...24).contains(hours) else { return nil }
            self = .maxHoursPerDay(hours)
        default:
            guard let days = Self.perDays(of: name), let quantity = Quantity(units: value),
                quantity > .zero, quantity <= .limit
            else { return nil }
            self = .maxQuantity(quantity, perDays: days)
        }
    }

    /// `name=value`.
    public var description: String {
        switch self {
        case .sex(let sex): "sex=\(sex.name)"
        case .ageGroup(let group): "age_group=\(group.name)"
        case .institutionLevelAtLeast(let level):
            "institution_level=level_\(level.rawValue)" + (level == .level3 ? "" : "_or_above")
        case .visitType(let type): "visit_type=\(type.snakeName)"
        case .insuranceType(let type):
            "insurance_type=\(type == .workInjury ? "work_injury" : type.name)"
        case .maxDays(let days): "max_days=\(days)"
        case .maxQuantity(let quantity, perDays: 1): "max_per_day=\(quantity)"
        case .maxQuantity(let quantity, let days): "max_per_\(days)_days=\(quantity)"
        case .maxHoursPerDay(let hours): "max_hours_per_day=\(hours)"
        }
    }

    /// The days in `max_per_day` and `max_per_7_days`.
    private static func perDays(of name: String) -> Int? {
        if name == "max_per_day" { return 1 }
        guard name.hasPrefix("max_per_"), name.hasSuffix("_days"), name.utf8.count > 13,
            let days = Int(name.dropFirst(8).dropLast(5)), (2...366).contains(days)
        else { return nil }
        return days
    }
}

extension VisitType {
    /// The name as restrictions write it: `pharmacy_purchase`.
    var snakeName: String {
        switch self {
        case .pharmacyPurchase: "pharmacy_purchase"
        case .chronicOutpatient: "chronic_outpatient"
        case .outpatient, .emergency, .inpatient, .vaccination, .checkup: name
        }
    }
}
