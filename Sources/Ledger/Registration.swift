import SettlementDomain

/// One thing that an operator registers or changes.
public enum Registration: Sendable, Hashable {
    /// Adds an institution or changes its contract.
    case institution(InstitutionRow)
    /// Adds a terminal or changes it.
    case terminal(TerminalRow)
    /// Adds a person or changes what is known of them; opens the account where `Person.hasAccount`.
    case person(PersonRow)
    /// Adds a card, or changes its state, expiry and, where given, PIN; the try counter is kept
    /// unless a PIN is given.
    case card(CardRow)
    /// Credits an account once per reference.
    case credit(CreditRow)
    /// Replaces the family links of a member; what was drawn under a link that stays is kept.
    case family(FamilyRow)
    /// Adds a catalog version.
    case catalog(CatalogRow)
    /// Adds a region's policy version.
    case policy(PolicyRow)
    /// Pays an institution for an ended business date what its books say, once.
    case clearing(ClearingRow)
    /// Does to a person what a run over all of them does.
    case periodic(PeriodicRow)
    /// Registers a person for a chronic disease, or changes the days of a registration.
    case chronic(ChronicRegistration)
    /// Ends a claim whose wanted documents did not come in time.
    case lapse(ClaimID)
    /// Adds or changes a row of which some columns are not given: where a row stands, it keeps those.
    case partial(PartialRow, Unwritten)

    /// Creates the registration of a row of which some columns may not be given.
    public init(_ row: PartialRow, unwritten: Unwritten) {
        self = unwritten.isEmpty ? row.whole : .partial(row, unwritten)
    }
}

/// A person's registration for a chronic disease.
public struct ChronicRegistration: Sendable, Hashable {
    /// Whose.
    public var person: PersonID
    /// For which disease, from and until when.
    public var disease: ChronicDisease

    /// Creates a registration of its parts.
    public init(person: PersonID, disease: ChronicDisease) {
        self.person = person
        self.disease = disease
    }
}

/// What became of one registration.
public enum RegistrationResult: Sendable, Hashable {
    case added
    case changed
    case unchanged
    /// Nothing of the whole request was done; the text says why this one cannot be.
    case refused(String)
}

/// A catalog version with the first day on which it is in force.
public struct CatalogRow: Sendable, Hashable {
    /// The day from which it is the catalog, until a newer version's day.
    public var effectiveFrom: CivilDate
    /// The version and its entries.
    public var catalog: Catalog

    /// Creates a catalog's row.
    public init(effectiveFrom: CivilDate, catalog: Catalog) {
        self.effectiveFrom = effectiveFrom
        self.catalog = catalog
    }
}

/// A policy version of a pooling region.
public struct PolicyRow: Sendable, Hashable {
    /// The policy; it names its region, version and first day.
    public var policy: Policy

    /// Creates a policy's row.
    public init(policy: Policy) {
        self.policy = policy
    }
}
