import SettlementDomain
import SettlementProtocol

/// The lines of a receipt while they are put together.
struct ReceiptPage {
    let columns: Int
    private(set) var text = ""

    private static let amountColumns = 14

    init(columns: Int) {
        self.columns = columns
    }

    /// One line, cut to the page; line breaks and control characters become blanks.
    mutating func line(_ content: String) {
        let clean = String(content.map { $0.isNewline || Self.isControl($0) ? " " : $0 })
        var end = DisplayWidth.clipped(clean, to: columns)
        while end.last == " " { end.removeLast() }
        text += end
        text += "\n"
    }

    mutating func rule(_ character: Character) {
        line(String(repeating: character, count: columns))
    }

    mutating func centered(_ content: String) {
        let blanks = max(0, columns - DisplayWidth.of(content)) / 2
        line(String(repeating: " ", count: blanks) + content)
    }

    /// One or two labelled values on a line.
    mutating func pair(
        _ label: String, _ value: String, _ label2: String = "", _ value2: String = ""
    ) {
        let left = DisplayWidth.padded(label, to: 11) + " " + value
        if label2.isEmpty { return line(left) }
        line(
            DisplayWidth.padded(left, to: columns / 2) + DisplayWidth.padded(label2, to: 15)
                + value2)
    }

    mutating func columnHeads() {
        item("#", "Item", "Quantity", "Price", "Amount")
    }

    mutating func item(_ index: Int, _ line: Receipt.Line) {
        item(
            "\(index + 1)", line.name, line.quantity.description, line.unitPrice.description,
            line.amount.description)
    }

    /// A remark below an item.
    mutating func note(_ content: String) {
        line("      " + content)
    }

    /// The amounts above zero, on one line below an item; nothing where all are zero.
    mutating func amounts(_ label: String, _ amounts: [(String, Money)]) {
        let shown = amounts.filter { $0.1 != .zero }.map { "\($0.0) \($0.1)" }
        if !shown.isEmpty {
            note(DisplayWidth.padded(label, to: 8) + shown.joined(separator: ", "))
        }
    }

    /// A labelled amount at the right edge.
    mutating func amount(_ label: String, _ amount: Money, depth: Int = 0) {
        let indented = String(repeating: "  ", count: depth) + label
        line(
            DisplayWidth.padded(indented, to: columns - Self.amountColumns)
                + DisplayWidth.rightAligned(amount.description, in: Self.amountColumns))
    }

    mutating func yearlyUse(_ use: YearlyUse) {
        line("Used in \(use.year), \(use.category.words):")
        amount("deductible", use.deductibleUsed, depth: 1)
        amount("pooled fund", use.pooledUsed, depth: 1)
        if use.largeUsed != .zero { amount("large-amount assistance", use.largeUsed, depth: 1) }
    }

    private mutating func item(
        _ number: String, _ name: String, _ quantity: String, _ price: String, _ amount: String
    ) {
        line(
            DisplayWidth.rightAligned(number, in: 3) + "  "
                + DisplayWidth.padded(name, to: columns - 43)
                + DisplayWidth.rightAligned(quantity, in: 11)
                + DisplayWidth.rightAligned(price, in: 13)
                + DisplayWidth.rightAligned(amount, in: Self.amountColumns))
    }

    private static func isControl(_ character: Character) -> Bool {
        character.unicodeScalars.contains { $0.properties.generalCategory == .control }
    }
}

/// Times on receipts.
enum ReceiptTime {
    /// `2026-11-23 00:30:12 UTC`.
    static func text(milliseconds: Int64) -> String {
        let seconds = floor(milliseconds, 1000)
        let day = floor(seconds, 86_400)
        guard let date = CivilDate(daysSinceEpoch: Int(day)) else { return "-" }
        let rest = seconds - day * 86_400
        let parts = [rest / 3600, rest / 60 % 60, rest % 60].map { $0 < 10 ? "0\($0)" : "\($0)" }
        return "\(date) \(parts.joined(separator: ":")) UTC"
    }

    /// The quotient rounded down, for any number.
    private static func floor(_ number: Int64, _ divisor: Int64) -> Int64 {
        let (quotient, rest) = number.quotientAndRemainder(dividingBy: divisor)
        return rest < 0 ? quotient - 1 : quotient
    }
}
