/// Decimal text of integers that count fractions of a unit.
enum FixedPoint {
    /// Reads `-12.34` as a count of 10^-decimals; nil for anything else and on overflow.
    ///
    /// At least one digit comes before the point and, where there is a point, one to `decimals`
    /// after it.
    static func parse(_ text: String, decimals: Int) -> Int64? {
        var digits: UInt64 = 0
        var whole = 0
        var fraction = -1
        var negative = false
        for (position, byte) in text.utf8.enumerated() {
            switch byte {
            case UInt8(ascii: "-") where position == 0:
                negative = true
            case UInt8(ascii: ".") where fraction < 0 && whole > 0 && decimals > 0:
                fraction = 0
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                if fraction >= 0 { fraction += 1 } else { whole += 1 }
                guard whole <= 18, fraction <= decimals else { return nil }
                let (tenfold, overflow) = digits.multipliedReportingOverflow(by: 10)
                guard !overflow, tenfold <= UInt64.max - 9 else { return nil }
                digits = tenfold + UInt64(byte - UInt8(ascii: "0"))
            default:
                return nil
            }
        }
        guard whole > 0, fraction != 0 else { return nil }
        for _ in max(fraction, 0)..<decimals {
            let (tenfold, overflow) = digits.multipliedReportingOverflow(by: 10)
            guard !overflow else { return nil }
            digits = tenfold
        }
        guard let value = Int64(exactly: digits) else { return nil }
        return negative ? -value : value
    }

    /// Writes all decimals: `-12.30`.
    static func text(_ value: Int64, decimals: Int) -> String {
        let digits = String(value.magnitude)
        let missing = max(0, decimals + 1 - digits.utf8.count)
        let padded = String(repeating: "0", count: missing) + digits
        let sign = value < 0 ? "-" : ""
        return sign + padded.dropLast(decimals) + "." + padded.suffix(decimals)
    }

    /// Writes only the decimals that are needed: `2`, `0.5`.
    static func shortText(_ value: Int64, decimals: Int) -> String {
        var text = text(value, decimals: decimals)
        while text.hasSuffix("0") { text.removeLast() }
        if text.hasSuffix(".") { text.removeLast() }
        return text
    }
}
