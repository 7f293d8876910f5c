import Ledger
import SettlementDomain

extension ClearingStatement {
    /// The statement as a page for print: A4 landscape, no scripts, nothing from elsewhere.
    public var html: String {
        let header = HTML.definitions([
            ("Institution", institution.text), ("Business date", date.description),
            ("Transactions", String(rows.count)), ("Owed by the agency", "\(books.owed) yuan"),
            ("In words", AmountInWords.of(books.owed)),
        ])
        return HTML.page(
            title: "Clearing statement \(date) \(institution)", heading: "Clearing statement",
            header + sums + transactions
                + HTML.signatures(["For the institution", "For the agency", "Date"]))
    }

    private var sums: String {
        var table = "<table>\n<thead><tr><th>Kind</th>\(HTML.amountHeadings)</tr></thead>\n"
        table += "<tbody>\n"
        for (kind, sums) in books.kinds {
            table += "<tr><td>\(Self.name(of: kind))</td>\(HTML.cells(sums))</tr>\n"
        }
        return table + "<tr class=\"net\"><td>net</td>\(HTML.cells(books.net))</tr>\n"
            + "</tbody>\n</table>\n"
    }

    private var transactions: String {
        var table = "<table>\n<thead><tr><th>Kind</th><th>Terminal</th><th>Key date</th>"
        table += "<th class=\"n\">STAN</th><th>Settlement</th><th>Time (UTC)</th>"
        table += HTML.columnHeadings + "</tr></thead>\n<tbody>\n"
        for row in rows {
            table += "<tr><td>\(Self.name(of: row.kind))</td><td>\(row.key.terminal)</td>"
            table += "<td>\(row.key.date)</td><td class=\"n\">\(row.key.stan)</td>"
            table += "<td>\(row.settlement)</td><td>\(UTCText.of(milliseconds: row.time))</td>"
            table += HTML.cells(Self.amounts(row)) + "</tr>\n"
        }
        return table + "</tbody>\n</table>\n"
    }
}
