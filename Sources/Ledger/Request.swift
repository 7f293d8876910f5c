import SettlementDomain

/// One request that reaches the ledger: who asks, under which key, what.
public struct LedgerRequest: Sendable {
    /// The key under which its answer is recorded; for a request that is not recorded, the key that
    /// it carried.
    public var key: RequestKey
    /// The terminal's clock, seconds since 1970 UTC.
    public var terminalTime: Int64
    /// SHA-256 of the frame's kind and the canonical body without its PIN block: the content.
    public var content: Digest
    /// The frame's kind and the canonical body without its PIN block, kept as the voucher.
    public var voucher: [UInt8]
    /// What is asked.
    public var command: Command

    /// Creates a request of its parts.
    public init(
        key: RequestKey, terminalTime: Int64, content: Digest, voucher: [UInt8], command: Command
    ) {
        self.key = key
        self.terminalTime = terminalTime
        self.content = content
        self.voucher = voucher
        self.command = command
    }
}

/// What the ledger can be asked to do.
public enum Command: Sendable {
    /// The whole split, nothing changed.
    case quote(SettleCommand)
    /// The split, debited.
    case settle(SettleCommand)
    /// Person, coverage, balance, accumulators.
    case inquire(CardInquiry)
    /// Changes something about a card itself.
    case card(CardServiceCommand)
    /// Changes who may draw on an account.
    case family(FamilyCommand)
    /// Asks for a person's records; the ledger decides whether they may be read.
    case query(PersonQuery)
    /// Pays or declares contributions.
    case contribute(ContributionCommand)
    /// Admission, fees and discharge of a stay in hospital.
    case inpatient(InpatientCommand)
    /// Takes in, reviews, decides or pays a claim.
    case claim(ClaimCommand)
    /// Undoes a whole settlement of the present business date.
    case void(VoidCommand)
    /// Gives back lines of a settlement.
    case refund(RefundCommand)
    /// Undoes a request that had no answer.
    case reverse(ReversalCommand)
    /// What became of a request of the same terminal.
    case status(RequestKey)
    /// A settlement's details once more.
    case copyReceipt(SettlementID)
    /// Ends the business date, if it is this one; the next begins.
    case closeDay(CivilDate, next: CivilDate)
    /// An operator's registrations, all or none.
    case register([Registration], dryRun: Bool)

    /// Whether its answer is recorded and given again to a retry.
    public var isRecorded: Bool {
        switch self {
        case .quote, .settle, .inquire, .card, .family, .query, .contribute, .claim, .void,
            .refund, .reverse:
            true
        case .inpatient(let command): command.isRecorded
        case .status, .copyReceipt, .closeDay, .register: false
        }
    }

    /// Whether what it does decides which rows a later request has to read: whose a new card is, which rules a
    /// person's region has.
    ///
    /// Rows are looked up before a batch is decided, so that such a request must be the last of its batch:
    /// a sale with a card that is registered in the same one would take the year's use of its person, which
    /// nobody looked up, for none.
    public var endsBatch: Bool {
        switch self {
        case .register(_, let dryRun): !dryRun
        case .card(let command): command.kind == .cardReissue
        case .quote, .settle, .inquire, .family, .query, .contribute, .inpatient, .claim, .void,
            .refund, .reverse, .status, .copyReceipt, .closeDay:
            false
        }
    }

    /// The frame kind of Protocol/Frames.md, written into journal and answers.
    public var kind: RequestKind {
        switch self {
        case .quote: .quote
        case .settle: .settle
        case .inquire: .cardInquiry
        case .card(let command): command.kind
        case .family(let command): command.kind
        case .query(let query): query.kind
        case .contribute(let command): command.kind
        case .inpatient(let command): command.kind
        case .claim(let command): command.kind
        case .void: .void
        case .refund: .refund
        case .reverse: .reversal
        case .status: .settlementStatus
        case .copyReceipt: .receiptCopy
        case .closeDay: .dayClose
        case .register: .operatorApply
        }
    }
}

/// The kinds of requests, numbered as the frame's kind byte without the response bit.
///
/// - Source: Protocol/Frames.md, "Kinds".
public enum RequestKind: UInt8, Sendable, CaseIterable {
    case signOn = 0x01
    case signOff = 0x02
    case echo = 0x03
    case catalogPage = 0x04
    case cardInquiry = 0x10
    case quote = 0x11
    case settle = 0x12
    case void = 0x13
    case refund = 0x14
    case reversal = 0x15
    case settlementStatus = 0x16
    case receiptCopy = 0x17
    case admit = 0x18
    case feeUpload = 0x19
    case feeCancel = 0x1a
    case discharge = 0x1b
    case dischargeQuote = 0x1c
    case admissionDetails = 0x1d
    case transactionList = 0x20
    case monthlyEntries = 0x21
    case contributionRecords = 0x22
    case annualStatement = 0x23
    case accessLog = 0x24
    case contributionPayment = 0x30
    case contributionDeclaration = 0x31
    case familyLink = 0x38
    case familyUnlink = 0x39
    case familyList = 0x3a
    case proxyQuery = 0x3b
    case pinChange = 0x40
    case lossReport = 0x41
    case lossWithdrawal = 0x42
    case cardReissue = 0x43
    case pinUnlock = 0x44
    case claimSubmit = 0x48
    case claimReview = 0x49
    case claimDecide = 0x4a
    case claimPay = 0x4b
    case claimStatus = 0x4c
    case reconciliationTotals = 0x50
    case reconciliationDetails = 0x51
    case reconciliationDifferences = 0x52
    case operatorApply = 0x60
    case operatorQuery = 0x61
    case dayClose = 0x62
    case operatorMaintenance = 0x63
    case retireeCredit = 0x64
    case annualInterest = 0x65
}

/// What the event loop found of the PIN: the clear PIN never comes here.
public enum PINProof: Sendable, Hashable {
    /// The request carried no PIN block.
    case absent
    /// The block could not be used (code 99).
    case unusable
    /// It is not looked at, whatever it is: too many wrong PINs came from there (code 58).
    case withheld
    /// The verification value of card and PIN under the current key, and under each other key while
    /// keys are rotated.
    case value(PINVerification, others: [PINVerification] = [])

    /// The value made under this key; nil: the key is not at hand, which says nothing of the PIN.
    func value(under keyID: UInt16) -> PINVerification? {
        guard case .value(let current, let others) = self else { return nil }
        return current.keyID == keyID ? current : others.first { $0.keyID == keyID }
    }
}

/// A settle or quote request.
public struct SettleCommand: Sendable {
    /// The card that pays; nil where its check digit is wrong (code 14).
    public var card: CardNumber?
    /// What the PIN block gave.
    public var proof: PINProof
    /// What the patient came for.
    public var visitType: VisitType
    /// What the request says its lines sum to.
    public var total: Money
    /// The catalog version that the lines' indexes refer to; nil where none is needed.
    public var catalogVersion: CatalogVersion?
    /// The lines, 1...200.
    public var lines: [RequestLine]
    /// When the service was given; nil: on the key's date.
    public var serviceDate: CivilDate?
    /// Whether cash may be due for a part that the accounts could have paid.
    public var partialAllowed: Bool
    /// The most that the own account shall pay; nil: no limit.
    public var accountLimit: Money?
    /// The digest of the quote that the terminal showed; 0: none.
    public var quoteDigest: UInt64
    /// What the patient is treated for; nil where the visit type needs none.
    public var diagnosis: DiseaseCode?
    /// The institution's number of the bill, which then nobody else can settle or claim.
    public var billNumber: String?

    /// Creates a command of its parts.
    public init(
        card: CardNumber?, proof: PINProof, visitType: VisitType, total: Money,
        catalogVersion: CatalogVersion?, lines: [RequestLine], serviceDate: CivilDate?,
        partialAllowed: Bool, accountLimit: Money?, quoteDigest: UInt64,
        diagnosis: DiseaseCode? = nil, billNumber: String? = nil
    ) {
        self.card = card
        self.proof = proof
        self.visitType = visitType
        self.total = total
        self.catalogVersion = catalogVersion
        self.lines = lines
        self.serviceDate = serviceDate
        self.partialAllowed = partialAllowed
        self.accountLimit = accountLimit
        self.quoteDigest = quoteDigest
        self.diagnosis = diagnosis
        self.billNumber = billNumber
    }
}

/// One line of a settle or quote request.
public struct RequestLine: Sendable, Hashable {
    /// How a line names its item.
    public enum Item: Sendable, Hashable {
        /// By position in the catalog version that the request names.
        case index(UInt32)
        /// By national code.
        case code(ItemCode)
    }

    /// The item.
    public var item: Item
    /// How much of it.
    public var quantity: Quantity
    /// The price of one unit.
    public var unitPrice: UnitPrice
    /// What is charged.
    public var amount: Money
    /// Days that a medicine is prescribed for; nil: not given.
    public var courseDays: UInt32?
    /// One per whole unit, where the policy wants them.
    public var traceCodes: [TraceCode]

    /// Creates a line of its parts.
    public init(
        item: Item, quantity: Quantity, unitPrice: UnitPrice, amount: Money, courseDays: UInt32?,
        traceCodes: [TraceCode]
    ) {
        self.item = item
        self.quantity = quantity
        self.unitPrice = unitPrice
        self.amount = amount
        self.courseDays = courseDays
        self.traceCodes = traceCodes
    }
}

/// A card inquiry.
public struct CardInquiry: Sendable {
    /// The card asked about; nil where its check digit is wrong (code 14).
    public var card: CardNumber?
    /// What the PIN block gave.
    public var proof: PINProof

    /// Creates an inquiry of its parts.
    public init(card: CardNumber?, proof: PINProof) {
        self.card = card
        self.proof = proof
    }
}
