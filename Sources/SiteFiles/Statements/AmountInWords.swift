import SettlementDomain

/// An amount in the characters in which vouchers name it beside the figures: 人民币壹拾贰元伍角整.
///
/// - Source: 支付结算办法, annex 1.
enum AmountInWords {
    private static let digits = ["零", "壹", "贰", "叁", "肆", "伍", "陆", "柒", "捌", "玖"]
    private static let places = ["仟", "佰", "拾", ""]

    /// The amount, below zero with 负 before it.
    static func of(_ amount: Money) -> String {
        let fen = amount.fen.magnitude
        let (yuan, jiao, rest) = (fen / 100, Int(fen / 10 % 10), Int(fen % 10))
        var words = yuan > 0 ? whole(yuan) + "元" : ""
        if jiao > 0 { words += digits[jiao] + "角" }
        if rest > 0 {
            if yuan > 0, jiao == 0 { words += digits[0] }
            words += digits[rest] + "分"
        } else {
            words += (fen == 0 ? digits[0] + "元" : "") + "整"
        }
        return "人民币" + (amount < .zero ? "负" : "") + words
    }

    /// A whole number, not 0.
    private static func whole(_ number: UInt64) -> String {
        for (unit, name) in [(100_000_000, "亿"), (10_000, "万")] as [(UInt64, String)]
        where number >= unit {
            let low = number % unit
            let words = whole(number / unit) + name
            guard low > 0 else { return words }
            return words + (low < unit / 10 ? digits[0] : "") + whole(low)
        }
        var words = ""
        var skipsZero = true
        var unit: UInt64 = 1_000
        for place in places {
            let digit = Int(number / unit % 10)
            // Zeros before the first digit and after the last are not named, others once.
            if digit > 0 {
                words += digits[digit] + place
                skipsZero = false
            } else if !skipsZero, number % unit > 0 {
                words += digits[0]
                skipsZero = true
            }
            unit /= 10
            if unit == 0 { break }
        }
        return words
    }
}
