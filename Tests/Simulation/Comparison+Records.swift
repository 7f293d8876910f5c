import Ledger
import SettlementDomain
import SettlementProtocol

// A person's records, in the model's words.
extension Comparison {
    /// Nil: something else was answered.
    static func records(_ payload: TerminalResponse.Payload) -> ModelRecords? {
        switch payload {
        case .transactions(let list):
            ModelRecords(
                sums: [Int(list.opening.fen), Int(list.closing.fen)], rows: list.lines.map(row),
                hasMore: list.next != nil)
        case .months(let list): ModelRecords(rows: list.months.map(row))
        case .contributionRecords(let list):
            ModelRecords(
                rows: list.records.map { record in
                    "\(record.period.yyyymm) \(record.base.fen) \(record.employerPart.fen) "
                        + "\(record.individualPart.fen) \(record.credited.fen) "
                        + "day \(record.paidDate.map(Town.day) ?? 0) "
                        + "collector \(Town.institutionNumber(record.collector))"
                }, hasMore: list.next != nil)
        case .familyList(let list):
            ModelRecords(
                rows: list.members.map { "may draw: " + row($0) }.sorted()
                    + list.owners.map { "draws on: " + row($0) } + list.lines.map(row),
                hasMore: list.next != nil)
        case .accesses(let list):
            ModelRecords(
                rows: list.lines.map { line in
                    "\(line.kind?.rawValue ?? 0) by \(Town.terminalNumber(line.terminal))"
                }, hasMore: list.next != nil)
        default: nil
        }
    }

    private static func row(_ month: MonthlyEntry) -> String {
        "\(month.month.year * 12 + month.month.month - 1) \(month.opening.fen) "
            + "\(month.credited.fen) \(month.interest.fen) \(month.spent.fen) "
            + "\(month.familyUse.fen) \(month.closing.fen)"
    }

    private static func row(_ link: FamilyMember) -> String {
        "\(number(link.nameMasked)) \(link.yearlyLimit?.fen ?? -1) "
            + "\(link.dailyLimit?.fen ?? -1) at \(link.position)"
    }

    /// The town's names end with the person's number, which a mask leaves to be seen.
    private static func number(_ masked: String) -> String { String(masked.suffix(1)) }

    private static func row(_ line: AccountLine) -> String {
        var words = ["\(line.kind?.rawValue ?? 0) day \(Town.day(line.bookedDate))"]
        if let amount = line.amount { words.append("\(amount.fen) to \(line.balance.fen)") }
        if let settlement = line.settlement {
            words.append("settlement \(Town.modelKey(settlement.key))")
        }
        if let standing = line.standing {
            words.append(
                [
                    standing.total, standing.pooled, standing.large, standing.supplement,
                    standing.account, standing.family, standing.cash,
                ].map { "\($0.fen)" }.joined(separator: " "))
        } else if !line.relativeMasked.isEmpty {
            words.append("of \(number(line.relativeMasked))")
        }
        return words.joined(separator: ", ")
    }
}
