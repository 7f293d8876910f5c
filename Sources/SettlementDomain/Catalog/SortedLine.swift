/// A line, or one of the two parts of a line, with its class, its reason and what the split needs.
public struct SortedLine: Sendable, Hashable {
    /// The line's position in the bill, from 0.
    public var line: Int
    /// The part's quantity.
    public var quantity: Quantity
    /// The part's amount.
    public var amount: Money
    /// The part's course days; of a line that names none, one.
    public var courseDays: Int64
    /// Who may pay it.
    public var itemClass: ItemClass
    /// Why.
    public var reason: SortingReason
    /// The index of the catalog entry that decided; nil for an unknown item.
    public var entryIndex: Int?
    /// Of a `catalog` part: the highest price of a unit that counts.
    public var priceCeiling: UnitPrice?
    /// Of a `catalog` part: what the patient pays first; zero for level a.
    public var firstSelfPay: Ratio
    /// Whether the entry limits course or frequency, so that a `catalog` part is to be remembered.
    public var needsHistory: Bool

    /// Creates a sorted line of its parts; the class follows from the reason.
    public init(
        line: Int, quantity: Quantity = .one, amount: Money, courseDays: Int64 = 1,
        reason: SortingReason, entryIndex: Int? = nil, priceCeiling: UnitPrice? = nil,
        firstSelfPay: Ratio = .zero, needsHistory: Bool = false
    ) {
        self.line = line
        self.quantity = quantity
        self.amount = amount
        self.courseDays = courseDays
        self.itemClass = reason.itemClass
        self.reason = reason
        self.entryIndex = entryIndex
        self.priceCeiling = priceCeiling
        self.firstSelfPay = firstSelfPay
        self.needsHistory = needsHistory
    }
}
