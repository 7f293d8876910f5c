import Ledger
import SettlementDomain

/// Which journal entry holds the recorded answer of which request, or the reversal that came before
/// the request did.
///
/// Nearly every key that is looked for is new, and a terminal's STANs rise within a date. So the
/// highest STAN of each terminal's latest dates is kept: a key above it was never answered, and
/// its table is not asked. The highest STAN is the greater of the table's, read when a terminal and
/// date are first asked for, and of those taken since; what is swept only moves from one to the
/// other. After a restart it is read anew.
final class AnswerTable: SweptTable {
    private struct Day {
        var date: CivilDate
        /// The highest STAN in the table when it was asked; nil: not asked yet.
        var stored: UInt32?
        /// The highest STAN taken since this day was first heard of.
        var taken: UInt32
    }

    private let rows = AddedRows<AnswerMark>()
    /// The two latest dates of each terminal, the newest first.
    private var days: [TerminalID: (Day, Day?)] = [:]
    private var highest: Statement?

    var waiting: Int { rows.waiting }
    var leftInPass: Int { rows.leftInPass }

    func attach(to handle: OpaquePointer) throws {
        try rows.attach(to: handle)
        highest = try Statement(
            "SELECT stan FROM answer WHERE terminal = ? AND date = ? ORDER BY stan DESC LIMIT 1",
            on: handle)
    }

    func detach() {
        rows.detach()
        highest = nil
    }

    func forget() {
        rows.forget()
        days = [:]
    }

    /// The entry that holds the answer; nil where there is none.
    func find(_ key: RequestKey) throws -> UInt64? {
        guard key.stan <= (try highestStan(key)) else { return nil }
        if let sequence = rows.newestSequence(of: key) { return sequence }
        guard let select = rows.select else { return nil }
        select.bind { AnswerMark.bind(key, to: &$0) }
        return try select.first { reader in
            _ = try AnswerMark(from: &reader)
            return reader.unsigned()
        }
    }

    /// Takes over an answer, or what stands for it until the request arrives.
    func take(_ mark: AnswerMark, sequence: UInt64) {
        rows.add(mark, sequence: sequence)
        withDay(mark.key) { $0.taken = max($0.taken, mark.key.stan) }
    }

    func beginPass() {
        rows.beginPass()
    }

    func sweep(_ budget: inout Int) throws {
        try rows.sweep(&budget)
    }

    func confirm() {
        rows.confirm()
    }

    func abandon() {
        rows.abandon()
    }

    private func highestStan(_ key: RequestKey) throws -> UInt32 {
        guard let day = withDay(key, { $0 }) else { return .max }
        if let stored = day.stored { return max(stored, day.taken) }
        guard let highest else { return .max }
        highest.bind { binder in
            binder.terminal(key.terminal)
            binder.date(key.date)
        }
        let stored: UInt32 = try highest.first { try $0.number("stan") } ?? 0
        withDay(key) { $0.stored = stored }
        return max(stored, day.taken)
    }

    /// Changes what is kept of the key's day; nil for a date older than the two latest.
    @discardableResult
    private func withDay<Result>(_ key: RequestKey, _ body: (inout Day) -> Result) -> Result? {
        let new = Day(date: key.date, stored: nil, taken: 0)
        guard let known = days[key.terminal] else {
            var day = new
            let result = body(&day)
            days[key.terminal] = (day, nil)
            return result
        }
        var (latest, before) = known
        var result: Result?
        if key.date == latest.date {
            result = body(&latest)
        } else if key.date > latest.date {
            before = latest
            latest = new
            result = body(&latest)
        } else if before == nil || before.map({ key.date >= $0.date }) == true {
            var day = before.flatMap { $0.date == key.date ? $0 : nil } ?? new
            result = body(&day)
            before = day
        }
        days[key.terminal] = (latest, before)
        return result
    }
}
