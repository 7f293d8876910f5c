import Ledger
import SettlementDomain

extension ClearingStatement {
    /// Writes the statement as CSV: a record a transaction, then a record a kind, then the net.
    ///
    /// Amounts are yuan with two decimals; of void, refund and reversal they are what was given
    /// back. Times are UTC.
    /// - Source: Config/README.md, "Clearing statements".
    public func writeCSV(to path: String) throws(SiteFileFault) {
        var file = try CSVWriter(
            path: path,
            columns: [
                "record", "institution", "business_date", "kind", "count", "terminal", "key_date",
                "stan", "settlement", "time",
            ] + Self.columns.map(\.name))
        let own = [institution.text, date.description]
        for row in rows {
            try file.write(
                ["transaction"] + own + [
                    Self.name(of: row.kind), "", row.key.terminal.text, row.key.date.description,
                    String(row.key.stan), row.settlement.description,
                    UTCText.of(milliseconds: row.time),
                ] + Self.amounts(row).map(\.description))
        }
        for (kind, sums) in books.kinds {
            try file.write(
                ["sum"] + own + [Self.name(of: kind), String(sums.count), "", "", "", "", ""]
                    + Self.amounts(sums).map(\.description))
        }
        let net = books.net
        try file.write(
            ["net"] + own + ["", String(net.count), "", "", "", "", ""]
                + Self.amounts(net).map(\.description))
        try file.finish()
    }
}

/// Moments as text.
enum UTCText {
    /// `2026-11-23T05:20:09Z`, the milliseconds left out.
    static func of(milliseconds: Int64) -> String {
        let seconds = Int((milliseconds - (milliseconds < 0 ? 999 : 0)) / 1000)
        let days = seconds >= 0 ? seconds / 86_400 : (seconds - 86_399) / 86_400
        let rest = seconds - days * 86_400
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let day = (CivilDate(daysSinceEpoch: days) ?? .first).description
        return "\(day)T\(two(rest / 3600)):\(two(rest / 60 % 60)):\(two(rest % 60))Z"
    }
}
