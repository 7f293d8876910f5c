import Ledger
import SettlementDomain

/// persons.csv.
struct PersonsForm: SiteForm {
    static let columns = [
        id, name, idNumber, insuranceType, category, region, sex, birthDate, coverage, plans,
        hasAccount, frozen, employer,
    ]
    private static let id = Column(0, "person", required: .always)
    private static let name = Column(1, "name", required: .always, text: .secret)
    private static let idNumber = Column(2, "id_number", required: .always, text: .secret)
    private static let insuranceType = Column(3, "insurance_type", required: .always)
    private static let category = Column(4, "category", required: .always)
    private static let region = Column(5, "region", required: .always)
    private static let sex = Column(6, "sex", required: .whereKnown)
    private static let birthDate = Column(7, "birth_date", required: .whereKnown, text: .secret)
    private static let coverage = Column(8, "coverage", required: .whereKnown)
    private static let plans = Column(9, "plans", required: .whereKnown)
    private static let hasAccount = Column(10, "has_account", required: .whereKnown)
    private static let frozen = Column(11, "frozen", required: .whereKnown)
    private static let employer = Column(12, "employer", required: .whereKnown)

    /// The most supplementary plans of one person.
    static let plansMax = 8

    private let types = CodeNames<InsuranceType>([.employee, .resident])
    private let categories = CodeNames<PersonCategory>()
    private let coverages = CodeNames<CoverageStatus>()
    private let sexes = CodeNames<Sex>()
    private var seen: [PersonID: Int] = [:]
    private var seenNumbers: [IDNumber: Int] = [:]

    mutating func row(of line: inout FormLine) -> Registration? {
        let id = line.value(Self.id, "a whole number of 1...10^18", PersonID.init(_:))
        let name = line.name(Self.name, bytesMax: 90)
        let number = line.value(
            Self.idNumber, "an ID number of 18 characters with its check character",
            IDNumber.init(_:))
        let type = line.code(Self.insuranceType, types)
        let category = line.code(Self.category, categories)
        let region = line.value(Self.region, "a region's six digits", RegionCode.init(_:))
        let sex = line.isEmpty(Self.sex) ? number?.sex : line.code(Self.sex, sexes)
        let birthDate = line.isEmpty(Self.birthDate) ? number?.birthDate : line.day(Self.birthDate)
        let coverage = line.code(Self.coverage, coverages, default: .active)
        let plans = line.value(
            Self.plans, default: [],
            "none, or at most \(Self.plansMax) plans' ids with ; between them",
            Self.plans)
        // Residents have no account of their own unless one is opened for family sharing.
        let hasAccount = line.flag(Self.hasAccount, default: type == .employee)
        let frozen = line.flag(Self.frozen, default: false)
        let employer = line.value(
            Self.employer, default: nil, "an institution's code"
        ) { InstitutionID($0).map(Optional.some) }
        if let id { line.unique(id, Self.id, in: &seen) }
        if let number { line.unique(number, Self.idNumber, in: &seenNumbers) }
        guard let id, let name, let number, let type, let category, let region, let sex,
            let birthDate, let coverage, let plans, let hasAccount, let frozen, let employer
        else { return nil }
        if sex != number.sex {
            line.refuse(Self.sex, "the ID number says \(number.sex.name)")
        }
        if birthDate != number.birthDate {
            line.refuse(Self.birthDate, "the ID number says another birth date")
        }
        if !type.admits(category) {
            line.refuse(Self.category, "\(category.name) is no category of \(type.name)s")
        }
        return Registration(
            .person(
                PersonRow(
                    person: Person(
                        id: id, sex: sex, birthDate: birthDate, insuranceType: type,
                        category: category, region: region, coverage: coverage, plans: plans,
                        hasAccount: hasAccount),
                    name: name, idNumber: number, frozen: frozen,
                    standing: ContributionStanding(employer: employer))),
            unwritten: line.unwritten([
                (Self.coverage, .coverage), (Self.plans, .plans), (Self.hasAccount, .hasAccount),
                (Self.frozen, .frozen),
            ]))
    }

    private static func plans(_ text: String) -> [PlanID]? {
        if text == "none" { return [] }
        var plans: [PlanID] = []
        for part in text.split(separator: ";", omittingEmptySubsequences: false) {
            guard plans.count < plansMax, let plan = PlanID(String(part)), !plans.contains(plan)
            else { return nil }
            plans.append(plan)
        }
        return plans
    }
}
