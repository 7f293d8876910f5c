import Ledger
import SettlementDomain

/// A person's annual statement for print.
///
/// - Source: Social Insurance Law, article 74.
public struct AnnualStatementPage: Sendable {
    /// Whose.
    public let person: PersonRow
    /// The year.
    public let statement: AnnualStatement

    /// Creates a page.
    public init(person: PersonRow, statement: AnnualStatement) {
        self.person = person
        self.statement = statement
    }

    /// The file's name, with its folder: so that no folder has more than 10,000 files.
    public var fileName: String {
        "\(person.person.id.rawValue / 10_000)/statement-\(statement.year)-\(person.person.id).html"
    }

    /// The page: A4 landscape, no scripts, nothing from elsewhere.
    ///
    /// Of an ended year the same whenever it is made, while the person's name is the same.
    public var html: String {
        let header = HTML.definitions([
            ("Name", person.name), ("ID number", person.idNumber.description),
            ("Insured person", person.person.id.description), ("Year", String(statement.year)),
            ("Account at the beginning", "\(statement.opening) yuan"),
            ("Account at the end", "\(statement.closing) yuan"),
            ("In words", AmountInWords.of(statement.closing)),
        ])
        return HTML.page(
            title: "Annual statement \(statement.year) \(person.person.id)",
            heading: "Annual statement of rights",
            header + months + contributions + visits + use + claims + remark)
    }

    private var months: String {
        let columns: [(title: String, path: KeyPath<MonthlyEntry, Money>)] = [
            ("Credited", \.credited), ("Interest", \.interest), ("Spent", \.spent),
            ("Family use", \.familyUse),
        ]
        var rows = statement.months.map { month in
            let amounts = [month.opening] + columns.map { month[keyPath: $0.path] }
            return (month.month.description.prefix(7).description, amounts + [month.closing])
        }
        rows.append(
            (
                "Year",
                [statement.opening] + columns.map { statement.sum($0.path) } + [statement.closing]
            ))
        return Self.table(
            "Individual account", ["Month", "Opening"] + columns.map(\.title) + ["Closing"], rows)
    }

    private var contributions: String {
        let paid = statement.contributions
        return Self.table(
            "Contributions paid in the year",
            ["Periods", "Employer", "Person", "Credited to the account"],
            [(String(paid.periods), [paid.employerPart, paid.individualPart, paid.credited])])
    }

    private var visits: String {
        Self.table(
            "Bills, less what was given back",
            [
                "Benefit", "Total", "Pooled fund", "Large-amount assistance", "Supplementary plans",
                "Own account", "Relatives' accounts", "Cash",
            ],
            statement.visits.map { visits in
                let split = visits.split
                return (
                    "\(visits.category?.name ?? "without pooled benefit") (\(visits.bills))",
                    [
                        split.total, split.pooled, split.large, split.supplement, split.account,
                        split.family, split.cash,
                    ]
                )
            })
    }

    private var use: String {
        Self.table(
            "Used of the year's limits",
            ["Benefit", "Deductible", "Pooled fund", "Large-amount assistance"],
            statement.use.map { ($0.category.name, [$0.deductible, $0.pooled, $0.large]) })
    }

    private var claims: String {
        guard statement.claims.count > 0 else { return "" }
        return Self.table(
            "Claims approved in the year", ["Claims", "Bills", "Paid by the funds"],
            [(String(statement.claims.count), [statement.claims.total, statement.claims.approved])])
    }

    private var remark: String {
        "<p>\(HTML.text("Made of the bookings of the year. Each of them can be asked for at the agency, and whatever is wrong be put right there."))</p>\n"
    }

    /// Nothing where there are no rows.
    private static func table(
        _ caption: String, _ headings: [String], _ rows: [(name: String, amounts: [Money])]
    ) -> String {
        guard !rows.isEmpty else { return "" }
        var table = "<table>\n<caption>\(HTML.text(caption))</caption>\n<thead><tr>"
        for (position, heading) in headings.enumerated() {
            table += position == 0 ? "<th>" : "<th class=\"n\">"
            table += HTML.text(heading) + "</th>"
        }
        table += "</tr></thead>\n<tbody>\n"
        for row in rows {
            table += "<tr><td>\(HTML.text(row.name))</td>\(HTML.cells(row.amounts))</tr>\n"
        }
        return table + "</tbody>\n</table>\n"
    }
}
