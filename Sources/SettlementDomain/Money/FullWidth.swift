/// Products and quotients by way of 128 bits, so that no intermediate overflows.
@usableFromInline
enum FullWidth {
    /// value × factor ÷ divisor, rounded half away from zero.
    ///
    /// `factor` is not negative, `divisor` is positive. Nil where the result does not fit 64 bits.
    @inlinable
    static func scaled(_ value: Int64, by factor: Int64, over divisor: Int64) -> Int64? {
        guard factor >= 0, divisor > 0 else { return nil }
        let (product, overflow) = value.multipliedReportingOverflow(by: factor)
        if !overflow {
            let (quotient, rest) = product.quotientAndRemainder(dividingBy: divisor)
            // The rest has the product's sign; twice its magnitude fits an unsigned word.
            guard rest.magnitude * 2 >= divisor.magnitude else { return quotient }
            let (rounded, tooLarge) = quotient.addingReportingOverflow(product < 0 ? -1 : 1)
            return tooLarge ? nil : rounded
        }
        let (high, low) = value.magnitude.multipliedFullWidth(by: factor.magnitude)
        guard high < divisor.magnitude else { return nil }
        var (magnitude, rest) = divisor.magnitude.dividingFullWidth((high, low))
        if rest >= divisor.magnitude - rest {
            guard magnitude < UInt64.max else { return nil }
            magnitude += 1
        }
        guard let result = Int64(exactly: magnitude) else { return nil }
        return value < 0 ? -result : result
    }

    /// value × factor ÷ divisor, rounded up; for values and factors that are not negative.
    @inlinable
    static func scaledUp(_ value: Int64, by factor: Int64, over divisor: Int64) -> Int64? {
        guard value >= 0, factor >= 0, divisor > 0 else { return nil }
        let (high, low) = value.magnitude.multipliedFullWidth(by: factor.magnitude)
        guard high < divisor.magnitude else { return nil }
        let (quotient, rest) = divisor.magnitude.dividingFullWidth((high, low))
        guard let result = Int64(exactly: quotient) else { return nil }
        guard rest > 0 else { return result }
        return result == Int64.max ? nil : result + 1
    }

    /// value × factor ÷ divisor rounded down, and the remainder; for a value of at most `divisor`.
    @inlinable
    static func floored(
        _ value: Int64, by factor: Int64, over divisor: Int64
    ) -> (quotient: Int64, remainder: UInt64)? {
        guard value >= 0, factor >= 0, divisor > 0, value <= divisor else { return nil }
        let (high, low) = value.magnitude.multipliedFullWidth(by: factor.magnitude)
        // As value <= divisor, the quotient is at most the factor and the high word below divisor.
        let (quotient, rest) = divisor.magnitude.dividingFullWidth((high, low))
        return (Int64(truncatingIfNeeded: quotient), rest)
    }
}
