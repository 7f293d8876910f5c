/// Who may pay a line at all.
public enum ItemClass: UInt8, NamedCode {
    /// The pooled fund within scope; the account what remains with the patient.
    case catalog = 1
    /// The individual account.
    case account = 2
    /// The individual account, for a vaccine of category II.
    case vaccine = 3
    /// Cash only.
    case excluded = 4
}

/// Why a line has its class.
///
/// - Source: Protocol/Sorting.md, "Reasons"; the numbers are on the wire.
public enum SortingReason: UInt8, NamedCode {
    // catalog
    case levelA = 1
    case levelB = 2

    // account
    case notInPaymentScope = 10
    case visitTypeNotPooled = 11
    case coverageSuspended = 12
    case restrictedSex = 20
    case restrictedAge = 21
    case restrictedInstitutionLevel = 22
    case restrictedVisitType = 23
    case restrictedInsuranceType = 24
    case restrictedCourse = 25
    case restrictedFrequency = 26

    // vaccine
    case vaccineCategory2 = 30

    // excluded
    case unknownItem = 40
    case notSuppliedHere = 41
    case freeVaccine = 42
    case accountNotPermitted = 43
    case traceCodeMissing = 44
    case traceCodeUsed = 45
    case cosmetic = 50
    case fitness = 51
    case plasticSurgery = 52
    case appearanceCorrection = 53
    case weightControl = 54
    case heightIncrease = 55
    case healthProduct = 56
    case otherNonTreatment = 57
    /// Of a claim alone: the reviewer did not accept it.
    case notAccepted = 60

    /// The class that a line with this reason has.
    public var itemClass: ItemClass {
        switch rawValue {
        case 1...2: .catalog
        case 10...26: .account
        case 30: .vaccine
        default: .excluded
        }
    }
}
