import Ledger
import SettlementDomain

/// What all institutions are owed for an ended business date.
///
/// Made of the statements alone, and so the same whenever it is made again.
public struct ClearingSummary: Sendable {
    /// The business date of booking.
    public let date: CivilDate
    /// What is owed in all.
    public let net: ClearingSums
    /// One of each institution, in the order of ids.
    private let statements: [ClearingStatement]

    /// Creates the summary of a date's statements, in any order.
    public init(date: CivilDate, statements: [ClearingStatement]) {
        self.date = date
        self.statements = statements.sorted { $0.institution < $1.institution }
        net = statements.map(\.books.net).reduce(ClearingSums(), +)
    }

    /// The name of its file, without the extension.
    public var fileName: String { "clearing-\(date)-summary" }

    /// Writes the summary as CSV: a record an institution, then one of all.
    ///
    /// - Source: Config/README.md, "Business date and clearing".
    public func writeCSV(to path: String) throws(SiteFileFault) {
        var file = try CSVWriter(
            path: path,
            columns: ["record", "business_date", "institution", "count"]
                + ClearingStatement.columns.map(\.name))
        for statement in statements {
            try file.write(
                ["institution", date.description, statement.institution.text]
                    + Self.fields(statement.books.net))
        }
        try file.write(["all", date.description, ""] + Self.fields(net))
        try file.finish()
    }

    private static func fields(_ sums: ClearingSums) -> [String] {
        [String(sums.count)] + ClearingStatement.amounts(sums).map(\.description)
    }

    /// The summary as a page for print: A4 landscape, no scripts, nothing from elsewhere.
    public var html: String {
        var body = HTML.definitions([
            ("Business date", date.description), ("Institutions", String(statements.count)),
            ("Transactions", String(net.count)), ("Owed by the agency", "\(net.insured) yuan"),
            ("In words", AmountInWords.of(net.insured)),
        ])
        body += "<table>\n<thead><tr><th>Institution</th>\(HTML.amountHeadings)</tr></thead>\n"
        body += "<tbody>\n"
        for statement in statements {
            body += "<tr><td>\(statement.institution)</td>"
            body += HTML.cells(statement.books.net) + "</tr>\n"
        }
        body += "<tr class=\"net\"><td>all</td>\(HTML.cells(net))</tr>\n</tbody>\n</table>\n"
        body += HTML.signatures(["Prepared by", "Checked by", "Date"])
        return HTML.page(title: "Clearing summary \(date)", heading: "Clearing summary", body)
    }
}
