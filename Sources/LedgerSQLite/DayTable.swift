import Ledger
import SettlementDomain

/// The books of every business date, the newest rows in memory.
final class DayTable: SweptTable {
    private var current = DayBooks()
    private var pass = DayBooks()
    /// The pass's books in the order of the table, once it is sorted.
    private var order: [Int]?
    private var swept = Place()
    private var tentative = Place()
    private var putStatement: Statement?
    private var page: Statement?

    /// How far a pass has come.
    private struct Place {
        /// Rows in all.
        var rows = 0
        /// Position in `order`.
        var book = 0
        /// Position in that book.
        var row = 0
    }

    var waiting: Int { current.count + pass.count - swept.rows }
    var leftInPass: Int { pass.count - tentative.rows }

    func attach(to handle: OpaquePointer) throws {
        putStatement = try Statement(DayMark.putSQL, on: handle)
        page = try Statement(
            "SELECT \(DayMark.allColumns) FROM day WHERE booked_date = ? AND institution = ? "
                + "AND (terminal, date, stan) > (?, ?, ?) "
                + "AND (terminal, date, stan) <= (?, ?, ?) "
                + "ORDER BY terminal, date, stan LIMIT ?", on: handle)
    }

    func detach() {
        putStatement = nil
        page = nil
    }

    func forget() {
        current = DayBooks()
        endPass()
    }

    func take(_ row: DayRow) {
        current.add(row)
    }

    /// The first rows of a range, in the order of their keys, as of the last commit.
    func rows(in range: DayRange, limit: Int) throws -> [DayRow] {
        guard limit > 0, range.lower < range.upper else { return [] }
        var result = try stored(range, limit: limit)
        for waiting in [pass.rows(in: range, limit: limit), current.rows(in: range, limit: limit)]
        where !waiting.isEmpty {
            result = Self.merged(result, waiting, limit: limit)
        }
        return result
    }

    func beginPass() {
        pass = current
        current = DayBooks()
        order = nil
        swept = Place()
        tentative = Place()
    }

    func sweep(_ budget: inout Int) throws {
        guard budget > 0, leftInPass > 0, let putStatement else { return }
        let order = order ?? pass.sort()
        self.order = order
        while budget > 0, tentative.book < order.count {
            let rows = pass[order[tentative.book]]
            while budget > 0, tentative.row < rows.count {
                let row = rows[tentative.row]
                try DayMark(row).put(sequence: row.sequence, with: putStatement)
                tentative.row += 1
                tentative.rows += 1
                budget -= 1
            }
            guard tentative.row == rows.count else { break }
            tentative.book += 1
            tentative.row = 0
        }
    }

    func confirm() {
        swept = tentative
        if swept.rows == pass.count { endPass() }
    }

    func abandon() {
        tentative = swept
    }

    private func endPass() {
        pass = DayBooks()
        order = nil
        swept = Place()
        tentative = Place()
    }

    private func stored(_ range: DayRange, limit: Int) throws -> [DayRow] {
        guard let page else { return [] }
        page.bind { binder in
            binder.date(range.date)
            binder.institution(range.institution)
            for bound in [range.lower, range.upper] {
                binder.text(bound.terminal)
                binder.integer(Int64(bound.date))
                binder.integer(bound.stan)
            }
            binder.integer(Int64(limit))
        }
        return try page.all { reader in
            let mark = try DayMark(from: &reader)
            return mark.row(sequence: reader.unsigned())
        }
    }

    /// Two lists in the order of their keys as one; a row that is in both is taken once.
    private static func merged(_ left: [DayRow], _ right: [DayRow], limit: Int) -> [DayRow] {
        var result: [DayRow] = []
        result.reserveCapacity(min(limit, left.count + right.count))
        var (l, r) = (0, 0)
        while result.count < limit, l < left.count || r < right.count {
            guard l < left.count else {
                result.append(right[r])
                r += 1
                continue
            }
            guard r < right.count, right[r].key <= left[l].key else {
                result.append(left[l])
                l += 1
                continue
            }
            if right[r].key == left[l].key { l += 1 }
            result.append(right[r])
            r += 1
        }
        return result
    }
}
