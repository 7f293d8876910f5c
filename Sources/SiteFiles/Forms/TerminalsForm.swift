import Ledger
import SettlementDomain

/// terminals.csv.
struct TerminalsForm: SiteForm {
    static let columns = [id, institution, role, blocked]
    private static let id = Column(0, "terminal", required: .always)
    private static let institution = Column(1, "institution", required: .always)
    private static let role = Column(2, "role", required: .always)
    private static let blocked = Column(3, "blocked", required: .whereKnown)

    private let roles = CodeNames<Role>(Role.allCases.filter { $0 != .operator })
    private var seen: [TerminalID: Int] = [:]

    mutating func row(of line: inout FormLine) -> Registration? {
        let id = line.value(Self.id, "eight characters of A-Z and 0-9", TerminalID.init)
        let institution = line.value(
            Self.institution, "a capital letter and eleven capitals or digits",
            InstitutionID.init)
        let role = line.code(Self.role, roles)
        let blocked = line.flag(Self.blocked, default: false)
        if let id { line.unique(id, Self.id, in: &seen) }
        guard let id, let institution, let role, let blocked else { return nil }
        return Registration(
            .terminal(TerminalRow(id: id, institution: institution, role: role, blocked: blocked)),
            unwritten: line.unwritten([(Self.blocked, .blocked)]))
    }
}
