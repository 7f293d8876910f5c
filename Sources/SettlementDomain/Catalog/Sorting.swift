/// Sorts each line of a bill into exactly one class with exactly one reason.
///
/// - Source: Protocol/Sorting.md, "The questions".
public enum Sorting {
    /// Gives every line its class and reason.
    ///
    /// - Parameters:
    ///   - lines: the bill; its amounts are valid (`Bill.problem`).
    ///   - visit: patient, institution, visit type, service date.
    ///   - catalog: the catalog in force on the service date.
    ///   - policy: the policy of the patient's region in force on the service date.
    ///   - history: what the patient was given of an item with a course or frequency limit.
    ///   - isSold: whether a trace code is taken by a settlement that stands.
    /// - Returns: the lines in their order; a line that a course or frequency limit divides as two
    ///   parts, the part within the limit first.
    public static func sort(
        _ lines: [BillLine], visit: Visit, catalog: Catalog, policy: Policy,
        history: (ItemCode) -> UsageHistory? = { _ in nil },
        isSold: (TraceCode) -> Bool = { _ in false }
    ) -> [SortedLine] {
        let questions = Questions(visit: visit, policy: policy)
        var result: [SortedLine] = []
        result.reserveCapacity(lines.count)
        var codesOfBill: Set<TraceCode> = []
        // Of a stay's lines, what each item has been given by the lines before, on their days.
        var given: [ItemCode: UsageHistory] = [:]
        for position in lines.indices {
            let line = lines[position]
            let day = line.day ?? visit.serviceDate
            guard let index = catalog.index(of: line.code, on: day) else {
                result.append(whole(line, position, .unknownItem))
                continue
            }
            let entry = catalog.entries[index]
            if let reason = questions.beforeTraceCodes(entry) {
                result.append(whole(line, position, reason, index))
                continue
            }
            if questions.traceCodesNeeded, entry.kind.hasTraceCodes,
                let reason = traceCodeReason(line, &codesOfBill, isSold)
            {
                result.append(whole(line, position, reason, index))
                continue
            }
            if let reason = questions.beforeLimits(entry) {
                result.append(whole(line, position, reason, index))
                continue
            }
            let reason = questions.withinLimits(entry)
            let within = covered(line, position, reason, entry, index)
            guard entry.needsHistory else {
                result.append(within)
                continue
            }
            let limits: UsageLimits
            if line.day == nil {
                limits = UsageLimits(
                    entry: entry, day: day, history: history(line.code),
                    earlier: result.lazy.filter {
                        $0.entryIndex == index && $0.itemClass == .catalog
                    })
            } else {
                limits = UsageLimits(
                    entry: entry, day: day, history: given[line.code] ?? history(line.code),
                    earlier: EmptyCollection())
            }
            let (kept, rest) = limits.divide(within)
            if let kept {
                result.append(kept)
                if line.day != nil, kept.itemClass == .catalog {
                    let known = given[line.code] ?? history(line.code) ?? UsageHistory()
                    given[line.code] = known.adding(
                        UsageRecord(date: day, quantity: kept.quantity, days: kept.courseDays))
                }
            }
            if var rest {
                rest.reason = questions.onAccount(entry, rest.reason)
                rest.itemClass = rest.reason.itemClass
                result.append(rest)
            }
        }
        return result
    }

    /// A line of which nothing is in scope.
    private static func whole(
        _ line: BillLine, _ position: Int, _ reason: SortingReason, _ index: Int? = nil
    ) -> SortedLine {
        SortedLine(
            line: position, quantity: line.quantity, amount: line.amount,
            courseDays: line.countedDays, reason: reason, entryIndex: index)
    }

    private static func covered(
        _ line: BillLine, _ position: Int, _ reason: SortingReason, _ entry: CatalogEntry,
        _ index: Int
    ) -> SortedLine {
        SortedLine(
            line: position, quantity: line.quantity, amount: line.amount,
            courseDays: line.countedDays, reason: reason, entryIndex: index,
            priceCeiling: entry.priceCeiling,
            firstSelfPay: entry.level == .b ? entry.firstSelfPay : .zero,
            needsHistory: entry.needsHistory && reason.itemClass == .catalog)
    }

    /// Why a medicine's trace codes keep insurance money away; nil where they are in order.
    private static func traceCodeReason(
        _ line: BillLine, _ codesOfBill: inout Set<TraceCode>, _ isSold: (TraceCode) -> Bool
    ) -> SortingReason? {
        let codes = line.traceCodes
        guard Int64(codes.count) >= line.quantity.wholeUnits else { return .traceCodeMissing }
        for position in codes.indices {
            let code = codes[position]
            if codesOfBill.contains(code) || codes[..<position].contains(code) || isSold(code) {
                return .traceCodeUsed
            }
        }
        codesOfBill.formUnion(codes)
        return nil
    }
}

extension BillLine {
    /// The course days of the line: what it says, else one.
    var countedDays: Int64 { max(1, Int64(courseDays ?? 1)) }
}
