/// A designated institution, or the agency or a partner of it.
public struct Institution: Sendable, Hashable {
    /// National code.
    public var id: InstitutionID
    /// Name, for receipts.
    public var name: String
    /// Decides what it may supply.
    public var kind: InstitutionKind
    /// A hospital's grade; `unrated` for pharmacies.
    public var level: InstitutionLevel
    /// Whether it may settle.
    public var contract: ContractState
    /// What patients may come for under the contract.
    public var permittedVisitTypes: VisitTypes
    /// Whether the contract of a hospital or clinic says that it vaccinates.
    public var vaccinates: Bool
    /// Where it stands.
    public var region: RegionCode

    /// Creates an institution of its facts.
    public init(
        id: InstitutionID, name: String, kind: InstitutionKind, level: InstitutionLevel,
        contract: ContractState = .active, permittedVisitTypes: VisitTypes = .all,
        vaccinates: Bool = false, region: RegionCode
    ) {
        self.id = id
        self.name = name
        self.kind = kind
        self.level = level
        self.contract = contract
        self.permittedVisitTypes = permittedVisitTypes
        self.vaccinates = vaccinates
        self.region = region
    }
}
