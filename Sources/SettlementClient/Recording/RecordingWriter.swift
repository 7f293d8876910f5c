import Ledger
import SettlementDomain

/// Turns live requests into the lines of a recording, with terminals, cards and trace codes replaced.
///
/// Not safe for two threads at once. Needs some 40 bytes of memory a card that it has met.
public struct RecordingWriter {
    private var terminals: [TerminalID: UInt32] = [:]
    private var cards: [CardNumber: UInt32] = [:]
    private let start: Int64
    private var last: UInt64 = 0

    /// Creates a writer.
    ///
    /// - Parameter start: when the recording begins, microseconds of any clock.
    public init(start: Int64) {
        self.start = start
    }

    /// The recording's first line, with its newline.
    public static let heading = Recording.heading + "\n"

    /// The lines of a request, each with its newline; empty for one that is not recorded.
    ///
    /// Not recorded: operator's requests, a card whose check digit is wrong, and a sale with an item
    /// that the catalog does not have.
    ///
    /// - Parameters:
    ///   - command: what was asked.
    ///   - key: under which key; of a status, its own.
    ///   - role: the terminal's.
    ///   - hasPIN: whether it carried a PIN block.
    ///   - time: when it came, in the clock of `start`; an earlier time counts as `start`.
    ///   - code: the national code of an index in a catalog version.
    /// - Returns: the request's line, after that of its terminal where it is the first.
    public mutating func lines(
        _ command: Command, key: RequestKey, role: Role, hasPIN: Bool, time: Int64,
        code: (UInt32, CatalogVersion?) -> ItemCode?
    ) -> String {
        guard let content = content(command, key, hasPIN, code) else { return "" }
        var text = ""
        let terminal: UInt32
        if let known = terminals[key.terminal] {
            terminal = known
        } else {
            terminal = UInt32(terminals.count + 1)
            terminals[key.terminal] = terminal
            text = RecordingLine.terminal(terminal, role) + "\n"
        }
        // Loops take turns at being a little late; in the file, time does not go back.
        last = max(last, UInt64(max(0, time - start)))
        let request = RecordedRequest(offset: last, terminal: terminal, content: content)
        return text + RecordingLine.request(request) + "\n"
    }

    private mutating func content(
        _ command: Command, _ key: RequestKey, _ hasPIN: Bool,
        _ code: (UInt32, CatalogVersion?) -> ItemCode?
    ) -> RecordedRequest.Content? {
        switch command {
        case .settle(let sale): self.sale(sale, key, hasPIN, code).map { .settle($0) }
        case .quote(let sale): self.sale(sale, key, hasPIN, code).map { .quote($0) }
        case .inquire(let inquiry): inquiry.card.map { .inquiry(number(of: $0, hasPIN)) }
        case .status: .status(back: 1)
        default: nil
        }
    }

    private mutating func sale(
        _ sale: SettleCommand, _ key: RequestKey, _ hasPIN: Bool,
        _ code: (UInt32, CatalogVersion?) -> ItemCode?
    ) -> RecordedSale? {
        guard let card = sale.card else { return nil }
        var lines: [RecordedLine] = []
        lines.reserveCapacity(sale.lines.count)
        for line in sale.lines {
            let item: ItemCode? =
                switch line.item {
                case .code(let named): named
                case .index(let index): code(index, sale.catalogVersion)
                }
            guard let item else { return nil }
            lines.append(
                RecordedLine(
                    code: item, quantity: line.quantity, unitPrice: line.unitPrice,
                    amount: line.amount, courseDays: line.courseDays ?? 0,
                    traceCodes: UInt32(clamping: line.traceCodes.count)))
        }
        guard !lines.isEmpty else { return nil }
        let before = sale.serviceDate.map { max(0, $0.days(to: key.date)) } ?? 0
        return RecordedSale(
            card: number(of: card, hasPIN), visitType: sale.visitType,
            partialAllowed: sale.partialAllowed, accountLimit: sale.accountLimit,
            serviceDaysBefore: UInt32(clamping: before), lines: lines)
    }

    private mutating func number(of card: CardNumber, _ hasPIN: Bool) -> RecordedCard {
        if let known = cards[card] { return RecordedCard(number: known, hasPIN: hasPIN) }
        let number = UInt32(cards.count + 1)
        cards[card] = number
        return RecordedCard(number: number, hasPIN: hasPIN)
    }
}
