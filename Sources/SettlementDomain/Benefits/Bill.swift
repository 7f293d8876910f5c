/// One line of a bill, its item by national code.
public struct BillLine: Sendable, Hashable {
    /// The item.
    public var code: ItemCode
    /// How much of it.
    public var quantity: Quantity
    /// The price of one unit.
    public var unitPrice: UnitPrice
    /// What is charged.
    public var amount: Money
    /// Days for which it is prescribed; nil: not given, counted as one.
    public var courseDays: UInt32?
    /// One per whole unit, where the policy wants them.
    public var traceCodes: [TraceCode]
    /// The day on which it was given, of a stay's bill; nil: on the bill's service date.
    public var day: CivilDate?

    /// Creates a line of its parts.
    public init(
        code: ItemCode, quantity: Quantity, unitPrice: UnitPrice, amount: Money,
        courseDays: UInt32? = nil, traceCodes: [TraceCode] = [], day: CivilDate? = nil
    ) {
        self.code = code
        self.quantity = quantity
        self.unitPrice = unitPrice
        self.amount = amount
        self.courseDays = courseDays
        self.traceCodes = traceCodes
        self.day = day
    }

    /// What is wrong with the line's amount; nil for a valid line.
    public var problem: InvalidAmount.Problem? {
        guard quantity > .zero, quantity <= .limit else { return .quantityOutOfRange }
        guard unitPrice.tenThousandths >= 0 else { return .unitPriceOutOfRange }
        guard amount > .zero, amount <= .limit else { return .amountOutOfRange }
        guard let product = unitPrice.amount(for: quantity) else { return .overflow }
        // Both are between zero and Int64.max, so the difference fits.
        return (amount - product).fen.magnitude <= 1 ? nil : .amountDiffers(expected: product)
    }
}

/// Why a bill is refused with response 13.
public enum InvalidAmount: Error, Sendable, Hashable {
    /// What is wrong with one line.
    public enum Problem: Sendable, Hashable {
        /// Not above zero, or above `Quantity.limit`.
        case quantityOutOfRange
        /// Below zero.
        case unitPriceOutOfRange
        /// Not above zero, or above `Money.limit`.
        case amountOutOfRange
        /// More than one fen away from the rounded product of quantity and unit price.
        case amountDiffers(expected: Money)
        /// Quantity times unit price does not fit.
        case overflow
    }

    /// A line is wrong; lines count from zero.
    case line(Int, Problem)
    /// The lines sum to something else than the request's total.
    case totalDiffers(sum: Money)
    /// The sum is above `Money.limit`.
    case totalOutOfRange
}

/// The amounts of a whole request.
public enum Bill {
    /// The first thing that is wrong, lines before the total; nil for a valid bill.
    ///
    /// - Source: Protocol/Splitting.md, "A valid bill".
    public static func problem(of lines: [BillLine], total: Money) -> InvalidAmount? {
        var sum = Money.zero
        for index in lines.indices {
            if let problem = lines[index].problem { return .line(index, problem) }
            // Both are within the limit here, so that their sum fits.
            sum += lines[index].amount
            guard sum <= .limit else { return .totalOutOfRange }
        }
        return sum == total ? nil : .totalDiffers(sum: sum)
    }
}
