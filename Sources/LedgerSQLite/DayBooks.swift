import Ledger
import SettlementDomain

/// Rows of the day's books that came between two passes, by book.
///
/// A book's rows nearly always come in the order of their keys, so that they need no sorting.
struct DayBooks {
    private struct Book {
        var rows: [DayRow]
        var isSorted = true

        mutating func add(_ row: DayRow) {
            if let last = rows.last, row.key < last.key { isSorted = false }
            rows.append(row)
        }

        mutating func sort() {
            guard !isSorted else { return }
            rows.sort { $0.key < $1.key }
            isSorted = true
        }
    }

    private struct Shelf: Hashable {
        var date: CivilDate
        var institution: InstitutionID
    }

    private(set) var count = 0
    private var places: [DayBook: Int] = [:]
    private var books: [Book] = []
    /// The terminals that have a book, by date and institution; sorted when asked for.
    private var shelves: [Shelf: (terminals: [TerminalID], isSorted: Bool)] = [:]

    mutating func add(_ row: DayRow) {
        let book = DayBook(row)
        count += 1
        if let place = places[book] {
            books[place].add(row)
            return
        }
        places[book] = books.count
        books.append(Book(rows: [row]))
        let shelf = Shelf(date: book.date, institution: book.institution)
        shelves[shelf, default: ([], true)].terminals.append(book.terminal)
        shelves[shelf]?.isSorted = false
    }

    /// The first rows of a range, in the order of their keys.
    mutating func rows(in range: DayRange, limit: Int) -> [DayRow] {
        let shelf = Shelf(date: range.date, institution: range.institution)
        if shelves[shelf]?.isSorted == false {
            shelves[shelf]?.terminals.sort()
            shelves[shelf]?.isSorted = true
        }
        guard let terminals = shelves[shelf]?.terminals else { return [] }
        var result: [DayRow] = []
        for terminal in terminals[terminals.firstPlace { $0.text >= range.lower.terminal }...] {
            guard terminal.text <= range.upper.terminal, result.count < limit else { break }
            let book = DayBook(
                date: range.date, institution: range.institution, terminal: terminal)
            guard let place = places[book] else { continue }
            books[place].sort()
            let rows = books[place].rows
            let start = rows.firstPlace { range.lower < DayRange.Bound($0.key) }
            let end = rows.firstPlace { range.upper < DayRange.Bound($0.key) }
            guard start < end else { continue }
            result.append(contentsOf: rows[start..<end].prefix(limit - result.count))
        }
        return result
    }

    /// The places of the books in the order of the table's keys; each is sorted from then on.
    mutating func sort() -> [Int] {
        for place in books.indices { books[place].sort() }
        return places.sorted { $0.key < $1.key }.map(\.value)
    }

    /// The rows of the book at a place.
    subscript(place: Int) -> [DayRow] { books[place].rows }
}
