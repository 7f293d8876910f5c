import SettlementDomain

/// Writes the lines of a recording.
///
/// - Source: Protocol/Recording.md.
public enum RecordingLine {
    /// The line that gives a terminal its number and role.
    public static func terminal(_ number: UInt32, _ role: Role) -> String {
        "terminal \(number) \(role.name)"
    }

    /// The line of a request.
    public static func request(_ request: RecordedRequest) -> String {
        let who = request.name.map(name) ?? "\(request.terminal)"
        return "\(request.offset) \(who) \(content(request.content))"
    }

    private static func content(_ content: RecordedRequest.Content) -> String {
        switch content {
        case .echo: "echo"
        case .status(let back): "status \(back)"
        case .inquiry(let card): "inquiry \(self.card(card))"
        case .quote(let sale): "quote \(self.sale(sale))"
        case .settle(let sale): "settle \(self.sale(sale))"
        case .statusOf(let original): "status \(name(original))"
        case .void(let undoing): "void \(self.undoing(undoing))"
        case .refund(let undoing): "refund \(self.undoing(undoing))"
        case .reversal(let undoing): "reversal \(self.undoing(undoing))"
        case .copy(let original): "copy \(name(original))"
        }
    }

    private static func name(_ name: RecordedName) -> String {
        "\(name.terminal)/\(name.key.day).\(name.key.stan)"
    }

    private static func undoing(_ undoing: RecordedUndoing) -> String {
        let words =
            [
                name(undoing.original), "\(undoing.card)",
                undoing.total.map { "\($0.fen)" } ?? "-",
            ]
            + undoing.lines.map { line in
                let quantity = line.quantity.map { "\($0.thousandths)" } ?? "-"
                return "\(line.line),\(quantity),\(line.traceCodes)"
            }
        return words.joined(separator: " ")
    }

    private static func card(_ card: RecordedCard) -> String {
        card.hasPIN ? "\(card.number)" : "\(card.number)/nopin"
    }

    private static func sale(_ sale: RecordedSale) -> String {
        var options: [String] = []
        if sale.partialAllowed { options.append("partial") }
        if let limit = sale.accountLimit { options.append("limit=\(limit.fen)") }
        if sale.serviceDaysBefore > 0 { options.append("before=\(sale.serviceDaysBefore)") }
        let words =
            [
                card(sale.card), sale.visitType.name,
                options.isEmpty ? "-" : options.joined(separator: ","),
            ] + sale.lines.map(line)
        return words.joined(separator: " ")
    }

    private static func line(_ line: RecordedLine) -> String {
        [
            "\(line.quantity.thousandths)", "\(line.unitPrice.tenThousandths)",
            "\(line.amount.fen)", "\(line.courseDays)", "\(line.traceCodes)", line.code.text,
        ].joined(separator: ",")
    }
}
