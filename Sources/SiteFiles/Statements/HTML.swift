import Ledger
import SettlementDomain

/// Pages for print: one file, no scripts, nothing from elsewhere.
enum HTML {
    private static let style = """
        @page { size: A4 landscape; margin: 12mm; }
        body { font: 10pt/1.35 "Noto Sans CJK SC", "Noto Sans", sans-serif; color: #000; }
        h1 { font-size: 15pt; margin: 0 0 2mm; }
        dl { display: grid; grid-template-columns: max-content auto; gap: 0 4mm; margin: 0 0 5mm; }
        dt { font-weight: bold; } dd { margin: 0; }
        caption { text-align: left; font-weight: bold; padding: 1mm 0; }
        table { border-collapse: collapse; width: 100%; margin-bottom: 6mm; }
        th, td { border: 0.3pt solid #555; padding: 0.6mm 1.5mm; text-align: left; }
        th { background: #eee; } td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; }
        thead { display: table-header-group; } tr { break-inside: avoid; }
        tr.net td { font-weight: bold; }
        .signatures { display: flex; gap: 20mm; margin-top: 14mm; break-inside: avoid; }
        .signatures div { flex: 1; border-top: 0.5pt solid #000; padding-top: 1mm; }
        """

    /// A whole page; the body is HTML already.
    static func page(title: String, heading: String, _ body: String) -> String {
        """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <title>\(text(title))</title>
        <style>
        \(style)
        </style>
        </head>
        <body>
        <h1>\(text(heading))</h1>
        \(body)</body>
        </html>

        """
    }

    /// Terms and what they are.
    static func definitions(_ pairs: [(term: String, text: String)]) -> String {
        "<dl>\n"
            + pairs.map { "<dt>\(text($0.term))</dt><dd>\(text($0.text))</dd>\n" }.joined()
            + "</dl>\n"
    }

    /// Lines to sign on.
    static func signatures(_ names: [String]) -> String {
        "<div class=\"signatures\">" + names.map { "<div>\(text($0))</div>" }.joined() + "</div>\n"
    }

    /// The headings of a count and of each column of money.
    static var amountHeadings: String { "<th class=\"n\">Count</th>" + columnHeadings }

    /// The headings of each column of money.
    static var columnHeadings: String {
        ClearingStatement.columns.map { "<th class=\"n\">\(text($0.title))</th>" }.joined()
    }

    /// A count and each column of money.
    static func cells(_ sums: ClearingSums) -> String {
        "<td class=\"n\">\(sums.count)</td>" + cells(ClearingStatement.amounts(sums))
    }

    /// Amounts.
    static func cells(_ amounts: [Money]) -> String {
        amounts.map { "<td class=\"n\">\($0)</td>" }.joined()
    }

    /// The text with what HTML gives a meaning escaped.
    static func text(_ text: String) -> String {
        var result = ""
        for character in text.unicodeScalars {
            switch character {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            default: result.unicodeScalars.append(character)
            }
        }
        return result
    }
}
