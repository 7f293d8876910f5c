import Ledger
import SettlementDomain

/// What a terminal asks to have settled or quoted, before it has a key.
public struct Sale: Sendable {
    /// The card that pays.
    public var card: CardNumber
    /// 4 to 12 digits; nil where none was entered.
    public var pin: String?
    /// What the patient came for.
    public var visitType: VisitType
    /// The lines, 1...200.
    public var lines: [RequestLine]
    /// The catalog version that the lines' indexes refer to; nil where every line names a code.
    public var catalogVersion: CatalogVersion?
    /// When the service was given; nil: on the business date.
    public var serviceDate: CivilDate?
    /// Whether cash may be due for a part that the accounts could have paid.
    public var partialAllowed: Bool
    /// The most that the own account shall pay; nil: no limit.
    public var accountLimit: Money?
    /// The digest of the quote that was shown to the patient; 0: none.
    public var quoteDigest: UInt64
    /// The chronic disease that a chronic outpatient visit treats; nil: none is named.
    public var diagnosis: DiseaseCode?
    /// The institution's own number of the bill; nil: not said.
    public var billNumber: String?

    /// Creates a sale of its parts.
    public init(
        card: CardNumber, pin: String?, visitType: VisitType, lines: [RequestLine],
        catalogVersion: CatalogVersion? = nil, serviceDate: CivilDate? = nil,
        partialAllowed: Bool = false, accountLimit: Money? = nil, quoteDigest: UInt64 = 0,
        diagnosis: DiseaseCode? = nil, billNumber: String? = nil
    ) {
        self.card = card
        self.pin = pin
        self.visitType = visitType
        self.lines = lines
        self.catalogVersion = catalogVersion
        self.serviceDate = serviceDate
        self.partialAllowed = partialAllowed
        self.accountLimit = accountLimit
        self.quoteDigest = quoteDigest
        self.diagnosis = diagnosis
        self.billNumber = billNumber
    }

    /// The sum of the lines; a sum that does not fit is held to what does, for the daemon to refuse.
    public var total: Money {
        var sum = Money.zero
        for line in lines {
            guard let next = sum.checkedAdding(line.amount) else { return Money(fen: .max) }
            sum = next
        }
        return sum
    }

    /// What is asked of the ledger; the PIN goes beside it, in a block.
    public var command: SettleCommand {
        SettleCommand(
            card: card, proof: .absent, visitType: visitType, total: total,
            catalogVersion: catalogVersion, lines: lines, serviceDate: serviceDate,
            partialAllowed: partialAllowed, accountLimit: accountLimit, quoteDigest: quoteDigest,
            diagnosis: diagnosis, billNumber: billNumber)
    }
}
