import Ledger
import SettlementDomain

/// Undoes a settle, void or refund of the same terminal that had no answer.
public struct ReversalRequest: Sendable, Hashable {
    /// What every request begins with; the date is given and the STAN is in range.
    public var header: RequestHeader
    /// The date in the original's key.
    public var originalDate: CivilDate
    /// The original's STAN, 1...999999.
    public var originalSTAN: UInt32
    /// The card in the original; nil where its check digit is wrong.
    public var card: CardNumber?
    /// The total in the original.
    public var total: Money
    /// The frame's kind and the canonical body, as for `LedgerMessage`.
    public var voucher: [UInt8]

    /// Creates a request of its parts.
    public init(
        header: RequestHeader, originalDate: CivilDate, originalSTAN: UInt32, card: CardNumber?,
        total: Money, voucher: [UInt8]
    ) {
        self.header = header
        self.originalDate = originalDate
        self.originalSTAN = originalSTAN
        self.card = card
        self.total = total
        self.voucher = voucher
    }

    /// What the ledger is asked, the terminal being the one that signed on.
    public func message(of terminal: TerminalID) -> LedgerMessage {
        let original = RequestKey(terminal: terminal, date: originalDate, stan: originalSTAN)
        return LedgerMessage(
            header: header,
            command: .reverse(ReversalCommand(original: original, card: card, total: total)),
            pinBlock: nil, voucher: voucher)
    }
}

/// Asks for a settlement's details once more.
public struct ReceiptCopyRequest: Sendable, Hashable {
    /// What every request begins with; the STAN may be anything.
    public var header: RequestHeader
    /// Which settlement.
    public var settlement: SettlementID

    /// Creates a request of its parts.
    public init(header: RequestHeader, settlement: SettlementID) {
        self.header = header
        self.settlement = settlement
    }

    /// What the ledger is asked.
    public var command: Command { .copyReceipt(settlement) }
}

/// Ends the business date.
public struct DayCloseRequest: Sendable, Hashable {
    /// What every request begins with; the STAN may be anything.
    public var header: RequestHeader
    /// The date to be ended.
    public var date: CivilDate
    /// The date that begins; nil: the day after it.
    public var next: CivilDate?

    /// Creates a request of its parts.
    public init(header: RequestHeader, date: CivilDate, next: CivilDate?) {
        self.header = header
        self.date = date
        self.next = next
    }
}
