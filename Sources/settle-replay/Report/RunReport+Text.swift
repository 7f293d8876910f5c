import Ledger
import SettlementClient

extension RunReport {
    /// The table that is printed at the end.
    var text: String {
        var text = Self.row(
            "", ["answers", "per second", "p50 ms", "p90 ms", "p99 ms", "p99.9 ms", "max ms"])
        for kind in TransactionKind.allCases.map(\.name) + ["all"] {
            if let row = latency[kind] { text += Self.row(kind, row) }
        }
        text += Self.row("of it, after sending", service)
        text += "\n"
        for (code, count) in codes.sorted(by: { $0.key < $1.key }) {
            let words = UInt8(code).flatMap(ResponseCode.init(rawValue:))?.words ?? "unknown code"
            text += Self.right(Self.grouped(count), 12) + "  \(code) \(words)\(kinds(code))\n"
        }
        text +=
            "\n\(Self.decimals(seconds, 2)) s, \(connections) connections, \(depth) in flight on each"
        if let rate { text += ", open loop at \(Self.decimals(rate, 0)) a second" }
        text += "\nsent again \(resent), replayed \(replayed), connections cut \(connectionsCut)"
        text += ", without answer \(unanswered), unreadable \(unreadable)\n"
        for (fault, count) in faults.sorted(by: { $0.key < $1.key }) {
            let ends = (endings[fault] ?? [:]).sorted { $0.value > $1.value }
                .map { "\($0.key) \(Self.grouped($0.value))" }
            text += "struck: \(fault) \(Self.grouped(count)): \(ends.joined(separator: ", "))\n"
        }
        if unexpected > 0 { text += "FAIL  \(unexpected) answers were not what they had to be\n" }
        for surprise in surprises { text += "      \(surprise)\n" }
        for check in checks {
            text += "\(check.holds ? "ok  " : "FAIL")  \(check.what): \(check.detail)\n"
        }
        return text
    }

    /// Of which kinds the answers with a code were; nothing where there is one kind only.
    private func kinds(_ code: String) -> String {
        guard codesByKind.count > 1 else { return "" }
        let counts = TransactionKind.allCases.compactMap { kind in
            codesByKind[kind.name]?[code].map { "\(kind.name) \(Self.grouped($0))" }
        }
        return ": " + counts.joined(separator: ", ")
    }

    private static func row(_ name: String, _ latency: Latency) -> String {
        row(
            name,
            [grouped(latency.answers), grouped(UInt64(latency.perSecond.rounded()))]
                + [latency.p50, latency.p90, latency.p99, latency.p999, latency.max].map {
                    decimals($0 / 1000, 3)
                })
    }

    private static func row(_ name: String, _ columns: [String]) -> String {
        let head = name + String(repeating: " ", count: max(0, 20 - name.count))
        return head + columns.map { right($0, 11) }.joined() + "\n"
    }

    static func right(_ text: String, _ columns: Int) -> String {
        String(repeating: " ", count: max(0, columns - text.count)) + text
    }

    /// `1,234,567`.
    static func grouped(_ number: UInt64) -> String {
        var text = ""
        for (position, digit) in String(number).reversed().enumerated() {
            if position > 0, position % 3 == 0 { text.append(",") }
            text.append(digit)
        }
        return String(text.reversed())
    }

    /// A number above or equal to zero with so many decimals.
    static func decimals(_ value: Double, _ count: Int) -> String {
        var scale = 1.0
        for _ in 0..<count { scale *= 10 }
        guard value >= 0, value * scale < 9e15 else { return "-" }
        let whole = UInt64((value * scale).rounded())
        guard count > 0 else { return String(whole) }
        let digits = String(whole)
        let padded = String(repeating: "0", count: max(0, count + 1 - digits.count)) + digits
        return padded.dropLast(count) + "." + padded.suffix(count)
    }
}
