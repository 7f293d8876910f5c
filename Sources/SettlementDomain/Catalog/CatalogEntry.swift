/// What the catalog says of one item in one period.
public struct CatalogEntry: Sendable, Hashable {
    /// National code; several entries may share it with different periods.
    public var code: ItemCode
    /// Name, for receipts.
    public var name: String
    /// What it is.
    public var kind: ItemKind
    /// How far the pooled fund pays.
    public var level: PaymentLevel
    /// What the patient pays before the fund; of level b only, zero otherwise.
    public var firstSelfPay: Ratio
    /// The highest price of a unit that counts; nil: none.
    public var priceCeiling: UnitPrice?
    /// Whether the individual account may pay it; asked of level `none` only.
    public var accountAllowed: Bool
    /// Why it is no treatment, where its kind is `nonTreatment`.
    public var nonTreatment: NonTreatmentCategory?
    /// Under which conditions the pooled fund pays; all must hold.
    public var restrictions: [Restriction]
    /// The first day of the entry.
    public var effectiveFrom: CivilDate
    /// The last day of the entry; nil: open.
    public var effectiveTo: CivilDate?

    /// Creates an entry of its facts.
    public init(
        code: ItemCode, name: String, kind: ItemKind, level: PaymentLevel,
        firstSelfPay: Ratio = .zero, priceCeiling: UnitPrice? = nil, accountAllowed: Bool = true,
        nonTreatment: NonTreatmentCategory? = nil, restrictions: [Restriction] = [],
        effectiveFrom: CivilDate, effectiveTo: CivilDate? = nil
    ) {
        self.code = code
        self.name = name
        self.kind = kind
        self.level = level
        self.firstSelfPay = firstSelfPay
        self.priceCeiling = priceCeiling
        self.accountAllowed = accountAllowed
        self.nonTreatment = nonTreatment
        self.restrictions = restrictions
        self.effectiveFrom = effectiveFrom
        self.effectiveTo = effectiveTo
    }

    /// Whether the entry is in force on that day.
    public func isEffective(on day: CivilDate) -> Bool {
        guard effectiveFrom <= day else { return false }
        guard let effectiveTo else { return true }
        return day <= effectiveTo
    }

    /// Whether a restriction looks at what the person was paid for before.
    public var needsHistory: Bool { restrictions.contains { $0.windowDays != nil } }
}
