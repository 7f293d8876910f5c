import Ledger
import SettlementDomain

extension ClearingStatement {
    /// The statement as a page for print: A4 landscape, no scripts, nothing from elsewhere.
    public var html: String {
        var page = """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <title>Clearing statement \(date) \(institution)</title>
            <style>
            @page { size: A4 landscape; margin: 12mm; }
            body { font: 10pt/1.35 "Noto Sans CJK SC", "Noto Sans", sans-serif; color: #000; }
            h1 { font-size: 15pt; margin: 0 0 2mm; }
            dl { display: grid; grid-template-columns: max-content auto; gap: 0 4mm; margin: 0 0 5mm; }
            dt { font-weight: bold; } dd { margin: 0; }
            table { border-collapse: collapse; width: 100%; margin-bottom: 6mm; }
            th, td { border: 0.3pt solid #555; padding: 0.6mm 1.5mm; text-align: left; }
            th { background: #eee; } td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; }
            thead { display: table-header-group; } tr { break-inside: avoid; }
            tr.net td { font-weight: bold; }
            .signatures { display: flex; gap: 20mm; margin-top: 14mm; break-inside: avoid; }
            .signatures div { flex: 1; border-top: 0.5pt solid #000; padding-top: 1mm; }
            </style>
            </head>
            <body>
            <h1>Clearing statement</h1>
            <dl>
            <dt>Institution</dt><dd>\(institution)</dd>
            <dt>Business date</dt><dd>\(date)</dd>
            <dt>Transactions</dt><dd>\(rows.count)</dd>
            <dt>Owed by the agency</dt><dd>\(books.owed) yuan</dd>
            </dl>

            """
        page += sums
        page += transactions
        page += """
            <div class="signatures"><div>For the institution</div><div>For the agency</div>\
            <div>Date</div></div>
            </body>
            </html>

            """
        return page
    }

    private var sums: String {
        var table = "<table>\n<thead><tr><th>Kind</th><th class=\"n\">Count</th>"
        for column in Self.columns { table += "<th class=\"n\">\(column.title)</th>" }
        table += "</tr></thead>\n<tbody>\n"
        for (kind, sums) in books.kinds {
            table += "<tr><td>\(Self.name(of: kind))</td>\(Self.cells(sums))</tr>\n"
        }
        return table + "<tr class=\"net\"><td>net</td>\(Self.cells(books.net))</tr>\n"
            + "</tbody>\n</table>\n"
    }

    private static func cells(_ sums: ClearingSums) -> String {
        "<td class=\"n\">\(sums.count)</td>"
            + amounts(sums).map { "<td class=\"n\">\($0)</td>" }.joined()
    }

    private var transactions: String {
        var table = "<table>\n<thead><tr><th>Kind</th><th>Terminal</th><th>Key date</th>"
        table += "<th class=\"n\">STAN</th><th>Settlement</th><th>Time (UTC)</th>"
        for column in Self.columns { table += "<th class=\"n\">\(column.title)</th>" }
        table += "</tr></thead>\n<tbody>\n"
        for row in rows {
            table += "<tr><td>\(Self.name(of: row.kind))</td><td>\(row.key.terminal)</td>"
            table += "<td>\(row.key.date)</td><td class=\"n\">\(row.key.stan)</td>"
            table += "<td>\(row.settlement)</td><td>\(UTCText.of(milliseconds: row.time))</td>"
            table += Self.amounts(row).map { "<td class=\"n\">\($0)</td>" }.joined() + "</tr>\n"
        }
        return table + "</tbody>\n</table>\n"
    }
}
