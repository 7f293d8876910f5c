/// Where regional practice differs; every default is the text of Protocol/Sorting.md.
public struct Practice: Sendable, Hashable {
    /// Whether accounts pay, at hospitals and clinics, the part of a price above the ceiling.
    public var accountPaysOverLimitAtHospitals: Bool
    /// Whether accounts pay, at hospitals and clinics, items of payment level `none`.
    public var accountPaysNonCatalogAtHospitals: Bool
    /// Whether accounts pay disinfectants.
    public var accountPaysDisinfectants: Bool
    /// Whether accounts pay health products, and pharmacies may supply them.
    public var accountPaysHealthProducts: Bool
    /// Whether accounts pay what a check-up visit costs.
    public var accountPaysCheckups: Bool
    /// Whether relatives' accounts pay vaccines.
    public var familyPaysVaccines: Bool
    /// Whether grandparents and grandchildren may be linked as relatives.
    public var familyHasGrandparents: Bool
    /// Whether brothers and sisters may be linked as relatives.
    public var familyHasSiblings: Bool

    /// The text's own answers.
    public static let standard = Practice()

    /// Creates a practice; what is not named is as the text says.
    public init(
        accountPaysOverLimitAtHospitals: Bool = true,
        accountPaysNonCatalogAtHospitals: Bool = true, accountPaysDisinfectants: Bool = true,
        accountPaysHealthProducts: Bool = false, accountPaysCheckups: Bool = true,
        familyPaysVaccines: Bool = true, familyHasGrandparents: Bool = false,
        familyHasSiblings: Bool = false
    ) {
        self.accountPaysOverLimitAtHospitals = accountPaysOverLimitAtHospitals
        self.accountPaysNonCatalogAtHospitals = accountPaysNonCatalogAtHospitals
        self.accountPaysDisinfectants = accountPaysDisinfectants
        self.accountPaysHealthProducts = accountPaysHealthProducts
        self.accountPaysCheckups = accountPaysCheckups
        self.familyPaysVaccines = familyPaysVaccines
        self.familyHasGrandparents = familyHasGrandparents
        self.familyHasSiblings = familyHasSiblings
    }

    /// Whether an owner may link such a relative.
    public func admits(_ relationship: Relationship) -> Bool {
        switch relationship {
        case .spouse, .parent, .child: true
        case .grandparent, .grandchild: familyHasGrandparents
        case .sibling: familyHasSiblings
        }
    }
}
