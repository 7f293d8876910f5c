/// How much of a line the course and frequency limits of its entry leave in scope.
///
/// - Source: Protocol/Sorting.md, "Course and frequency".
struct UsageLimits {
    private let entry: CatalogEntry
    private let day: CivilDate
    private let history: UsageHistory
    private var quantityOfBill: Int64 = 0
    private var daysOfBill: Int64 = 0

    /// Creates limits from what was given before and from the bill's earlier parts in scope.
    init(
        entry: CatalogEntry, day: CivilDate, history: UsageHistory?,
        earlier: some Sequence<SortedLine>
    ) {
        self.entry = entry
        self.day = day
        self.history = history ?? UsageHistory()
        for part in earlier {
            quantityOfBill += part.quantity.thousandths
            daysOfBill += part.courseDays
        }
    }

    /// The part within all limits and the part beyond; nil for a part without quantity.
    ///
    /// Quantities, amounts and course days of both sum to the line's.
    func divide(_ line: SortedLine) -> (kept: SortedLine?, rest: SortedLine?) {
        let (covered, reason) = tightest(line)
        let whole = line.quantity.thousandths
        guard covered < whole, let reason else { return (line, nil) }
        var rest = line
        rest.reason = reason
        rest.itemClass = reason.itemClass
        rest.priceCeiling = nil
        rest.firstSelfPay = .zero
        rest.needsHistory = false
        guard covered > 0 else { return (nil, rest) }
        var kept = line
        kept.quantity = Quantity(thousandths: covered)
        let amount = FullWidth.scaled(line.amount.fen, by: covered, over: whole) ?? 0
        kept.amount = Money(fen: amount)
        kept.courseDays = FullWidth.scaledUp(line.courseDays, by: covered, over: whole) ?? 1
        rest.quantity = Quantity(thousandths: whole - covered)
        rest.amount = line.amount - kept.amount
        rest.courseDays = line.courseDays - kept.courseDays
        return (kept, rest)
    }

    /// The least quantity that a limit leaves in scope, and whose limit it is: course before
    /// frequency where both leave the same.
    private func tightest(_ line: SortedLine) -> (covered: Int64, reason: SortingReason?) {
        var covered = line.quantity.thousandths
        var reason: SortingReason?
        for restriction in entry.restrictions {
            guard let left = left(by: restriction, of: line), left <= covered else { continue }
            guard left < line.quantity.thousandths else { continue }
            if left == covered, let reason, reason.rawValue <= restriction.reason.rawValue {
                continue
            }
            covered = left
            reason = restriction.reason
        }
        return (covered, reason)
    }

    /// The quantity of the line that this limit leaves in scope; nil for another restriction.
    private func left(by restriction: Restriction, of line: SortedLine) -> Int64? {
        guard let window = restriction.windowDays else { return nil }
        switch restriction {
        case .maxDays(let days):
            let used = history.fullest(window, around: day) { $0.days }
            let left = remaining(Int64(days), used, daysOfBill)
            guard left < line.courseDays else { return line.quantity.thousandths }
            return FullWidth.floored(left, by: line.quantity.thousandths, over: line.courseDays)?
                .quotient
        case .maxQuantity(let quantity, _):
            let used = history.fullest(window, around: day) { $0.quantity.thousandths }
            return remaining(quantity.thousandths, used, quantityOfBill)
        case .maxHoursPerDay(let hours):
            let used = history.fullest(window, around: day) { $0.quantity.thousandths }
            return remaining(Int64(hours) * 1000, used, quantityOfBill)
        case .sex, .ageGroup, .institutionLevelAtLeast, .visitType, .insuranceType:
            return nil
        }
    }

    private func remaining(_ limit: Int64, _ used: Int64, _ usedByBill: Int64) -> Int64 {
        let (sum, overflow) = used.addingReportingOverflow(usedByBill)
        return overflow ? 0 : max(0, limit - sum)
    }
}
