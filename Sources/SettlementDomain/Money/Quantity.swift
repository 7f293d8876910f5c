/// How much of an item: a whole number of thousandths of the item's unit.
public struct Quantity: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// The quantity in thousandths; 1000 is one unit.
    public var thousandths: Int64

    /// Nothing.
    public static let zero = Quantity(thousandths: 0)

    /// One unit.
    public static let one = Quantity(thousandths: 1000)

    /// The largest quantity of a line: 10^12 thousandths, a thousand million units.
    public static let limit = Quantity(thousandths: 1_000_000_000_000)

    /// Creates a quantity of so many thousandths.
    @inlinable
    public init(thousandths: Int64) {
        self.thousandths = thousandths
    }

    /// Reads units with at most three decimals: `2`, `0.5`; nil for anything else.
    public init?(units: String) {
        guard let value = FixedPoint.parse(units, decimals: 3) else { return nil }
        thousandths = value
    }

    /// How many whole units are in it; zero for a negative quantity.
    @inlinable
    public var wholeUnits: Int64 { max(0, thousandths / 1000) }

    /// Whether the left quantity is the smaller.
    @inlinable
    public static func < (left: Quantity, right: Quantity) -> Bool {
        left.thousandths < right.thousandths
    }

    /// Units with the decimals that are needed: `2`, `0.5`.
    public var description: String {
        FixedPoint.shortText(thousandths, decimals: 3)
    }
}

/// The price of one unit: a whole number of ten-thousandths of a yuan.
public struct UnitPrice: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// The price in ten-thousandths of a yuan; 10000 is one yuan, 100 is one fen.
    public var tenThousandths: Int64

    /// Creates a price of so many ten-thousandths of a yuan.
    @inlinable
    public init(tenThousandths: Int64) {
        self.tenThousandths = tenThousandths
    }

    /// Reads yuan with at most four decimals: `25.8`, `0.0125`; nil for anything else.
    public init?(yuan: String) {
        guard let value = FixedPoint.parse(yuan, decimals: 4) else { return nil }
        tenThousandths = value
    }

    /// The amount for a quantity, rounded half away from zero to the fen; nil on overflow.
    @inlinable
    public func amount(for quantity: Quantity) -> Money? {
        guard tenThousandths >= 0 else { return nil }
        // 10^-3 unit times 10^-4 yuan is 10^-5 fen.
        return FullWidth.scaled(quantity.thousandths, by: tenThousandths, over: 100_000)
            .map(Money.init(fen:))
    }

    /// Whether the left price is the lower.
    @inlinable
    public static func < (left: UnitPrice, right: UnitPrice) -> Bool {
        left.tenThousandths < right.tenThousandths
    }

    /// Yuan with four decimals: `25.8000`.
    public var description: String {
        FixedPoint.text(tenThousandths, decimals: 4)
    }
}

/// A share of a whole: a whole number of ten-thousandths, 0...10000.
public struct Ratio: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// The ratio in ten-thousandths; 7000 is 70 %.
    public let tenThousandths: Int64

    /// Nothing.
    public static let zero = Ratio(unchecked: 0)

    /// The whole.
    public static let one = Ratio(unchecked: 10_000)

    /// Creates a ratio of so many ten-thousandths; nil outside 0...10000.
    @inlinable
    public init?(tenThousandths: Int64) {
        guard (0...10_000).contains(tenThousandths) else { return nil }
        self.tenThousandths = tenThousandths
    }

    /// Reads a percentage with at most two decimals: `70`, `12.5`; nil outside 0...100.
    public init?(percent: String) {
        guard let value = FixedPoint.parse(percent, decimals: 2) else { return nil }
        self.init(tenThousandths: value)
    }

    private init(unchecked: Int64) {
        tenThousandths = unchecked
    }

    /// So much of this ratio, rounded half up to the ten-thousandth.
    public func reduced(to share: Ratio) -> Ratio {
        Ratio(unchecked: (tenThousandths * share.tenThousandths + 5_000) / 10_000)
    }

    /// Whether the left ratio is the smaller.
    @inlinable
    public static func < (left: Ratio, right: Ratio) -> Bool {
        left.tenThousandths < right.tenThousandths
    }

    /// A percentage with the decimals that are needed: `70 %`.
    public var description: String {
        FixedPoint.shortText(tenThousandths, decimals: 2) + " %"
    }
}
