/// An amount of money: a whole number of fen (0.01 yuan), never floating point.
///
/// Amounts that come from outside are held to `limit` before anything is added to them, so that the
/// sums of a bill cannot overflow.
public struct Money: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// The amount in fen; negative for what is given back.
    public var fen: Int64

    /// Nothing.
    public static let zero = Money(fen: 0)

    /// The largest amount of business: 10^15 fen, ten trillion yuan; the smallest is its negative.
    public static let limit = Money(fen: 1_000_000_000_000_000)

    /// Creates an amount of so many fen.
    @inlinable
    public init(fen: Int64) {
        self.fen = fen
    }

    /// Reads yuan with at most two decimals: `12`, `12.3`, `-12.34`; nil for anything else and for
    /// amounts beyond `limit`.
    public init?(yuan: String) {
        guard let fen = FixedPoint.parse(yuan, decimals: 2), fen.magnitude <= 1_000_000_000_000_000
        else { return nil }
        self.fen = fen
    }

    /// Whether the amount lies within `limit` on both sides.
    @inlinable
    public var isInRange: Bool { fen.magnitude <= 1_000_000_000_000_000 }

    /// The sum; nil where it does not fit 64 bits.
    @inlinable
    public func checkedAdding(_ other: Money) -> Money? {
        let (sum, overflow) = fen.addingReportingOverflow(other.fen)
        return overflow ? nil : Money(fen: sum)
    }

    /// The sum, held to the largest and smallest number of 64 bits: for sums of what nothing bounds together,
    /// such as the cash that terminals say they took.
    @inlinable
    public func addingHeld(_ other: Money) -> Money {
        checkedAdding(other) ?? Money(fen: other.fen < 0 ? .min : .max)
    }

    /// The difference, held as a sum is.
    @inlinable
    public func subtractingHeld(_ other: Money) -> Money {
        let (difference, overflow) = fen.subtractingReportingOverflow(other.fen)
        return Money(fen: overflow ? (other.fen < 0 ? .max : .min) : difference)
    }

    /// The share that a ratio gives, rounded half away from zero to the fen.
    @inlinable
    public func share(_ ratio: Ratio) -> Money {
        // A ratio is at most one, so the share fits whatever the amount is.
        Money(fen: FullWidth.scaled(fen, by: ratio.tenThousandths, over: 10_000) ?? 0)
    }

    /// The smallest amount, rounded up to the fen, of which this amount is the given ratio; nil for
    /// a ratio of zero and where the result does not fit.
    @inlinable
    public func wholeOf(_ ratio: Ratio) -> Money? {
        FullWidth.scaledUp(fen, by: 10_000, over: ratio.tenThousandths).map(Money.init(fen:))
    }

    /// What is left of this limit after `used`: never negative, never above the limit.
    @inlinable
    public func remaining(after used: Money) -> Money {
        used.fen <= 0 ? max(self, .zero) : Money(fen: used >= self ? 0 : fen - used.fen)
    }

    /// The sum of two amounts known to be in range.
    @inlinable
    public static func + (left: Money, right: Money) -> Money {
        Money(fen: left.fen + right.fen)
    }

    /// The difference of two amounts known to be in range.
    @inlinable
    public static func - (left: Money, right: Money) -> Money {
        Money(fen: left.fen - right.fen)
    }

    /// The amount with the other sign.
    @inlinable
    public static prefix func - (amount: Money) -> Money {
        Money(fen: -amount.fen)
    }

    /// Adds an amount known to be in range.
    @inlinable
    public static func += (left: inout Money, right: Money) {
        left.fen += right.fen
    }

    /// Takes away an amount known to be in range.
    @inlinable
    public static func -= (left: inout Money, right: Money) {
        left.fen -= right.fen
    }

    /// Whether the left amount is the smaller.
    @inlinable
    public static func < (left: Money, right: Money) -> Bool {
        left.fen < right.fen
    }

    /// Yuan with two decimals: `1234.56`.
    public var description: String {
        FixedPoint.text(fen, decimals: 2)
    }
}
