/// What an item is; decides who may supply it.
public enum ItemKind: UInt8, NamedCode {
    case westernMedicine = 1
    case chinesePatentMedicine = 2
    case chineseMedicineSlice = 3
    case device = 4
    case consumable = 5
    case disinfectant = 6
    case vaccineCategory1 = 7
    case vaccineCategory2 = 8
    case service = 9
    case facility = 10
    case healthProduct = 11
    case nonTreatment = 12

    /// Whether its packages carry trace codes: western and Chinese patent medicines.
    public var hasTraceCodes: Bool { self == .westernMedicine || self == .chinesePatentMedicine }

    /// Whether it is a vaccine of either category.
    public var isVaccine: Bool { self == .vaccineCategory1 || self == .vaccineCategory2 }
}

/// How far the pooled fund pays for an item.
public enum PaymentLevel: UInt8, NamedCode {
    /// Wholly in scope.
    case a = 1
    /// In scope after the patient's first self-pay.
    case b = 2
    /// Not at all.
    case none = 3
}

/// Why an item is no treatment of a disease.
public enum NonTreatmentCategory: UInt8, NamedCode {
    case cosmetic = 1
    case fitness = 2
    case plasticSurgery = 3
    case appearanceCorrection = 4
    case weightControl = 5
    case heightIncrease = 6
    case other = 7
}
