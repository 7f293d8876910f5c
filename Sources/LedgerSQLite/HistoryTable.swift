import Ledger
import SettlementDomain

/// What each entry did to each person; the newest part in memory, threaded by person.
final class HistoryTable: SweptTable {
    /// Rows added between two passes, each with the one before it of the same person.
    private struct Generation {
        var rows: [(row: HistoryMark, before: Int32)] = []
        var newest: [PersonID: Int32] = [:]

        mutating func add(_ row: HistoryMark) {
            let number = Int32(rows.count)
            let before = newest.updateValue(number, forKey: row.key.person) ?? -1
            rows.append((row, before))
        }

        func newestFirst(of person: PersonID) -> [HistoryMark] {
            var result: [HistoryMark] = []
            var next = newest[person] ?? -1
            while next >= 0 {
                result.append(rows[Int(next)].row)
                next = rows[Int(next)].before
            }
            return result
        }
    }

    private let rows = AddedRows<HistoryMark>()
    private var current = Generation()
    private var pass = Generation()

    var waiting: Int { rows.waiting }
    var leftInPass: Int { rows.leftInPass }

    func attach(to handle: OpaquePointer) throws {
        try rows.attach(to: handle)
    }

    func detach() {
        rows.detach()
    }

    func forget() {
        rows.forget()
        current = Generation()
        pass = Generation()
    }

    func take(_ row: HistoryMark) {
        rows.add(row, sequence: row.key.sequence)
        current.add(row)
    }

    /// The rows of a person in memory, newest first; some of them may be in the table already.
    func inMemory(of person: PersonID) -> [HistoryMark] {
        current.newestFirst(of: person) + pass.newestFirst(of: person)
    }

    func beginPass() {
        rows.beginPass()
        pass = current
        current = Generation()
    }

    func sweep(_ budget: inout Int) throws {
        try rows.sweep(&budget)
    }

    func confirm() {
        rows.confirm()
        if rows.pass.isEmpty { pass = Generation() }
    }

    func abandon() {
        rows.abandon()
    }
}
