/// What the patient came for.
public enum VisitType: UInt8, NamedCode {
    case pharmacyPurchase = 1
    case outpatient = 2
    case emergency = 3
    case chronicOutpatient = 4
    case inpatient = 5
    case vaccination = 6
    case checkup = 7
}

/// What yearly limits are kept for.
public enum BenefitCategory: UInt8, NamedCode {
    case outpatient = 1
    case chronicOutpatient = 2
    case inpatient = 3
}

/// A set of visit types: bit n stands for the visit type numbered n.
public struct VisitTypes: OptionSet, Sendable, Hashable {
    /// One bit a visit type.
    public let rawValue: UInt16

    /// Every visit type.
    public static let all = VisitTypes(VisitType.allCases)

    /// Creates a set of its bits.
    public init(rawValue: UInt16) {
        self.rawValue = rawValue
    }

    /// Creates the set of these visit types.
    public init(_ types: some Sequence<VisitType>) {
        rawValue = types.reduce(0) { $0 | 1 << UInt16($1.rawValue) }
    }

    /// Whether this visit type is in the set.
    public func contains(_ type: VisitType) -> Bool {
        rawValue & 1 << UInt16(type.rawValue) != 0
    }

    /// The visit types in the set, in the order of their numbers.
    public var members: [VisitType] { VisitType.allCases.filter(contains) }
}
