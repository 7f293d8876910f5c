/// What each payer pays of a line, or of one of the two parts of a line.
public struct LinePart: Sendable, Hashable {
    /// The line's position in the bill, from 0.
    public var line: Int
    /// Who may pay it.
    public var itemClass: ItemClass
    /// Why.
    public var reason: SortingReason
    /// How much of the item.
    public var quantity: Quantity
    /// What is charged for it.
    public var amount: Money
    /// Not covered at all; the whole amount of a part that is not `catalog`.
    public var fullSelfPay = Money.zero
    /// Above the price ceiling.
    public var overLimit = Money.zero
    /// The patient's first part of a level b item.
    public var firstSelfPay = Money.zero
    /// What deductible and ratio apply to.
    public var inScope = Money.zero
    /// Paid by the pooled fund.
    public var pooled = Money.zero
    /// Paid by large-amount assistance.
    public var large = Money.zero
    /// Paid by supplementary plans.
    public var supplement = Money.zero
    /// Paid by the own account.
    public var account = Money.zero
    /// Paid by relatives' accounts.
    public var family = Money.zero
    /// Left to be paid in cash.
    public var cash = Money.zero

    /// Creates a part of which nobody has paid anything yet.
    public init(
        line: Int, itemClass: ItemClass, reason: SortingReason, quantity: Quantity, amount: Money
    ) {
        self.line = line
        self.itemClass = itemClass
        self.reason = reason
        self.quantity = quantity
        self.amount = amount
    }

    /// What pooled fund, large-amount assistance and plans leave to the patient.
    public var personal: Money { amount - pooled - large - supplement }
}
