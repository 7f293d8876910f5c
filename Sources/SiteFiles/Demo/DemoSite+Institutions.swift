import Ledger
import SettlementDomain

extension DemoSite {
    /// Every kind and level of institution once, then one more for each ten terminals.
    ///
    /// The last of the first twelve is a pharmacy whose contract is suspended; it has no terminal.
    public var institutions: [InstitutionRow] {
        Self.fixed + (0..<(terminals / 10)).map { InstitutionRow(institution: Self.branch($0)) }
    }

    /// The n-th terminal, 0..<`terminals`, counted round beyond.
    ///
    /// The first ten stand at a pharmacy, the level-3 hospital, the vaccination clinic, a
    /// community clinic, the level-2 and the level-1 hospital, the agency's counter, its gateway,
    /// a bank and an employer, in this order; later ones where patients pay.
    public func terminal(at index: Int) -> TerminalRow {
        let rest = index % terminals
        let index = rest < 0 ? rest + terminals : rest
        let id = invented(TerminalID("DM" + Self.digits(index + 1, 6)))
        let (institution, role): (Institution, Role)
        if index < Self.first.count {
            institution = Self.fixed[Self.first[index].institution].institution
            role = Self.first[index].role
        } else {
            let place = index % (Self.serving.count + terminals / 10)
            institution =
                place < Self.serving.count
                ? Self.fixed[Self.serving[place]].institution
                : Self.branch(place - Self.serving.count)
            role = Self.role(at: institution.kind)
        }
        return TerminalRow(id: id, institution: institution.id, role: role, blocked: false)
    }

    /// The n-th institution beyond the fixed ones.
    private static func branch(_ number: Int) -> Institution {
        var institution = fixed[serving[number % serving.count]].institution
        let prefix = institution.id.text.prefix(1)
        institution.id = invented(InstitutionID(prefix + digits(99_010_001_000 + number, 11)))
        institution.name += "第\(number + 1)分部"
        return institution
    }

    private static func role(at kind: InstitutionKind) -> Role {
        switch kind {
        case .pharmacy: .pharmacy
        case .vaccinationClinic: .vaccination
        case .hospital, .clinic: .hospital
        case .agency: .counter
        case .bank: .collector
        case .employer: .employer
        }
    }

    static func digits(_ number: Int, _ count: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, count - text.utf8.count)) + text
    }

    /// Places in `fixed`, in the order of terminals.
    private static let first: [(institution: Int, role: Role)] = [
        (0, .pharmacy), (1, .hospital), (2, .vaccination), (3, .hospital), (4, .hospital),
        (5, .hospital), (6, .counter), (6, .gateway), (7, .collector), (8, .employer),
    ]

    /// Places in `fixed` where patients pay.
    private static let serving = [0, 1, 0, 3, 4, 0, 5, 2, 9, 10]

    private static let fixed: [InstitutionRow] = [
        row("P99010000001", "示例大药房城东店", .pharmacy, .unrated, [.pharmacyPurchase]),
        row("H99010000001", "示例市第一医院", .hospital, .level3, treating + [.vaccination]),
        row("H99010000002", "示例市预防接种门诊", .vaccinationClinic, .unrated, [.vaccination]),
        row("H99010000003", "示例市城南社区卫生服务中心", .clinic, .level1, treating + [.vaccination]),
        row("H99010000004", "示例市第二医院", .hospital, .level2, treating),
        row("H99010000005", "示例市城北医院", .hospital, .level1, treating),
        row("A99010000001", "示例市医疗保险经办中心", .agency, .unrated, []),
        row("B99010000001", "示例银行城东支行", .bank, .unrated, []),
        row("E99010000001", "示例制造有限公司", .employer, .unrated, []),
        row("P99010000002", "示例大药房城西店", .pharmacy, .unrated, [.pharmacyPurchase]),
        row(
            "H99010000006", "示例市城西诊所", .clinic, .unrated,
            [.outpatient, .emergency, .chronicOutpatient]),
        row(
            "P99010000003", "示例大药房城北店", .pharmacy, .unrated, [.pharmacyPurchase],
            contract: .suspended),
    ]

    private static let treating: [VisitType] = [
        .outpatient, .emergency, .chronicOutpatient, .inpatient, .checkup,
    ]

    private static func row(
        _ id: String, _ name: String, _ kind: InstitutionKind, _ level: InstitutionLevel,
        _ visits: [VisitType], contract: ContractState = .active
    ) -> InstitutionRow {
        InstitutionRow(
            institution: Institution(
                id: invented(InstitutionID(id)), name: name, kind: kind, level: level,
                contract: contract, permittedVisitTypes: VisitTypes(visits),
                vaccinates: visits.contains(.vaccination), region: region))
    }
}
