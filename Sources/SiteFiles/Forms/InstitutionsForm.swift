import Ledger
import SettlementDomain

/// institutions.csv.
struct InstitutionsForm: SiteForm {
    static let columns = [id, name, kind, level, region, contract, visitTypes, vaccinates]
    private static let id = Column(0, "institution", required: .always)
    private static let name = Column(1, "name", required: .always)
    private static let kind = Column(2, "kind", required: .always)
    private static let level = Column(3, "level", required: .always)
    private static let region = Column(4, "region", required: .always)
    private static let contract = Column(5, "contract", required: .whereKnown)
    private static let visitTypes = Column(6, "visit_types", required: .whereKnown)
    private static let vaccinates = Column(7, "vaccinates", required: .whereKnown)

    private let kinds = CodeNames<InstitutionKind>()
    private let levels = CodeNames<InstitutionLevel>()
    private let contracts = CodeNames<ContractState>()
    private let visits = CodeNames<VisitType>()
    private var seen: [InstitutionID: Int] = [:]

    mutating func row(of line: inout FormLine) -> Registration? {
        let id = line.value(
            Self.id, "a capital letter and eleven capitals or digits", InstitutionID.init)
        let name = line.name(Self.name, bytesMax: 200)
        let kind = line.code(Self.kind, kinds)
        let level = line.code(Self.level, levels)
        let region = line.value(Self.region, "a region's six digits", RegionCode.init(_:))
        let contract = line.code(Self.contract, contracts, default: .active)
        let visitTypes = line.value(
            Self.visitTypes, default: .all,
            "none, or visit types with ; between them: \(visits.list)", types)
        let vaccinates = line.flag(Self.vaccinates, default: kind == .vaccinationClinic)
        if let id { line.unique(id, Self.id, in: &seen) }
        guard let id, let name, let kind, let level, let region, let contract, let visitTypes,
            let vaccinates
        else { return nil }
        if kind == .hospital && level == .unrated {
            line.refuse(Self.level, isNot: "a hospital's level; write level1, level2 or level3")
        }
        if vaccinates && !kind.treats && kind != .vaccinationClinic {
            line.refuse(Self.vaccinates, "a \(kind.name) does not vaccinate")
        }
        return Registration(
            .institution(
                InstitutionRow(
                    institution: Institution(
                        id: id, name: name, kind: kind, level: level, contract: contract,
                        permittedVisitTypes: visitTypes, vaccinates: vaccinates, region: region))),
            unwritten: line.unwritten([
                (Self.contract, .contract), (Self.visitTypes, .visitTypes),
                (Self.vaccinates, .vaccinates),
            ]))
    }

    private func types(_ text: String) -> VisitTypes? {
        if text == "none" { return [] }
        var types: [VisitType] = []
        for part in text.split(separator: ";", omittingEmptySubsequences: false) {
            guard let type = visits[String(part)], !types.contains(type) else { return nil }
            types.append(type)
        }
        return VisitTypes(types)
    }
}
