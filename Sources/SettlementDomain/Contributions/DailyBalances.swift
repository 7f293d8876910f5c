/// Sums a year's balances day by day, as banks reckon interest.
///
/// Changes are taken in the order of their days; each balance counts for every day from its own to
/// the day before the next change.
public struct DailyBalances: Sendable {
    private let firstDay: CivilDate
    private let endDay: CivilDate
    private var balance: Money
    private var since: CivilDate
    /// Fen × days.
    private var sum: Int128

    /// Starts a calendar year with the balance at the end of the year before.
    public init(year: Int, opening: Money) {
        firstDay = CivilDate(year: year, month: 1, day: 1) ?? .first
        endDay = CivilDate(year: year + 1, month: 1, day: 1) ?? .last
        balance = opening
        since = firstDay
        sum = 0
    }

    /// Takes over the balance after a change; days outside the year and going back are held to it.
    public mutating func change(to balance: Money, on day: CivilDate) {
        advance(to: day)
        self.balance = balance
    }

    /// The year's interest.
    ///
    /// round(sum of the days' balances × ratio ÷ days of the year), half away from zero to the fen,
    /// once. Balances are never below zero.
    public func interest(_ ratio: Ratio) -> Money {
        var whole = self
        whole.advance(to: endDay)
        let days = Int128(firstDay.days(to: endDay))
        let divisor = days * 10_000
        let product = whole.sum * Int128(ratio.tenThousandths)
        let (quotient, rest) = product.quotientAndRemainder(dividingBy: divisor)
        return Money(fen: Int64(clamping: rest * 2 >= divisor ? quotient + 1 : quotient))
    }

    private mutating func advance(to day: CivilDate) {
        let day = min(max(day, since), endDay)
        sum += Int128(balance.fen) * Int128(since.days(to: day))
        since = day
    }
}
