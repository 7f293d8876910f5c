/// A person's sex, as the ID document says.
public enum Sex: UInt8, NamedCode {
    case male = 1
    case female = 2
}

/// A kind of social insurance.
///
/// Persons have one of the first two; the others occur in restrictions.
public enum InsuranceType: UInt8, NamedCode {
    case employee = 1
    case resident = 2
    case workInjury = 3
    case maternity = 4

    /// Whether persons of this category have this insurance.
    public func admits(_ category: PersonCategory) -> Bool {
        switch (self, category) {
        case (.employee, .active), (.employee, .retired), (.employee, .flexibleEmployment),
            (.resident, .adultResident), (.resident, .minor):
            true
        default: false
        }
    }
}

/// What a person is to the insurance: decides ratio and deductible.
public enum PersonCategory: UInt8, NamedCode {
    case active = 1
    case retired = 2
    case flexibleEmployment = 3
    case adultResident = 4
    case minor = 5
}

/// Whether the pooled fund pays for a person; suspended while contributions are in arrears.
public enum CoverageStatus: UInt8, NamedCode {
    case active = 1
    case suspended = 2
}

/// What an institution is; decides what it may supply.
public enum InstitutionKind: UInt8, NamedCode {
    case pharmacy = 1
    /// A community clinic.
    case clinic = 2
    case hospital = 3
    case vaccinationClinic = 4
    case agency = 5
    case bank = 6
    case employer = 7

    /// Whether it treats patients: hospital or community clinic.
    public var treats: Bool { self == .hospital || self == .clinic }
}

/// A hospital's grade; pharmacies and others have none.
public enum InstitutionLevel: UInt8, NamedCode, Comparable {
    case unrated = 0
    case level1 = 1
    case level2 = 2
    case level3 = 3

    /// Whether the left level is the lower.
    public static func < (left: InstitutionLevel, right: InstitutionLevel) -> Bool {
        left.rawValue < right.rawValue
    }
}

/// Whether an institution may settle.
public enum ContractState: UInt8, NamedCode {
    case active = 1
    case suspended = 2
    case terminated = 3
}

/// What a terminal may do.
public enum Role: UInt8, NamedCode {
    case pharmacy = 1
    case hospital = 2
    case vaccination = 3
    case counter = 4
    case gateway = 5
    case collector = 6
    case employer = 7
    case `operator` = 8
}

/// What a relative is to the owner of an account.
public enum Relationship: UInt8, NamedCode {
    case spouse = 1
    case parent = 2
    case child = 3
    case grandparent = 4
    case grandchild = 5
    case sibling = 6
}
