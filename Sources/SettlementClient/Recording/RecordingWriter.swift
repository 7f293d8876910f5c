import Ledger
import SettlementDomain

/// Turns live requests into the lines of a recording, with terminals, cards and trace codes replaced.
///
/// Not safe for two threads at once. Needs some 40 bytes of memory a card that it has met.
public struct RecordingWriter {
    private var terminals: [TerminalID: UInt32] = [:]
    private var cards: [CardNumber: UInt32] = [:]
    /// The date of the first key: days are counted from it.
    private var firstDate: CivilDate?
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
    /// Not recorded: operator's requests, a card whose check digit is wrong, a sale with an item
    /// that the catalog does not have, and an undoing of what a terminal has made that has not asked
    /// for anything yet.
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
        let own = command.isRecorded ? recorded(key.date, key.stan) : nil
        let isNew = terminals[key.terminal] == nil
        let terminal = terminals[key.terminal] ?? UInt32(terminals.count + 1)
        terminals[key.terminal] = terminal
        guard let content = content(command, key, hasPIN, code) else {
            if isNew { terminals[key.terminal] = nil }
            return ""
        }
        let text = isNew ? RecordingLine.terminal(terminal, role) + "\n" : ""
        // Loops take turns at being a little late; in the file, time does not go back.
        last = max(last, UInt64(max(0, time - start)))
        let request = RecordedRequest(
            offset: last, terminal: terminal, key: own, content: content)
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
        case .status(let original): name(original).map { .statusOf($0) }
        case .void(let void):
            undoing(void.settlement.key, void.card, void.total).map { .void($0) }
        case .refund(let refund): self.refund(refund).map { .refund($0) }
        case .reverse(let reversal):
            undoing(reversal.original, reversal.card, reversal.total).map { .reversal($0) }
        case .copyReceipt(let settlement): name(settlement.key).map { .copy($0) }
        case .card, .family, .query, .contribute, .inpatient, .claim, .closeDay, .register: nil
        }
    }

    private mutating func undoing(
        _ original: RequestKey, _ card: CardNumber?, _ total: Money?
    ) -> RecordedUndoing? {
        guard let card, let name = name(original) else { return nil }
        return RecordedUndoing(original: name, card: number(of: card, true).number, total: total)
    }

    private mutating func refund(_ refund: RefundCommand) -> RecordedUndoing? {
        guard !refund.lines.isEmpty,
            var undoing = undoing(refund.settlement.key, refund.card, refund.total)
        else { return nil }
        undoing.lines = refund.lines.map { line in
            RecordedRefundLine(
                line: UInt32(clamping: line.line), quantity: line.quantity,
                traceCodes: UInt32(clamping: line.traceCodes.count))
        }
        return undoing
    }

    private mutating func name(_ key: RequestKey) -> RecordedName? {
        terminals[key.terminal].map {
            RecordedName(terminal: $0, key: recorded(key.date, key.stan))
        }
    }

    private mutating func recorded(_ date: CivilDate, _ stan: UInt32) -> RecordedKey {
        let first = firstDate ?? date
        firstDate = first
        return RecordedKey(day: Int32(clamping: first.days(to: date)), stan: stan)
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
