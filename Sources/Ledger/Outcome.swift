import SettlementDomain

/// The ledger's answer to one request, before it is encoded for the wire.
public struct Outcome: Sendable {
    /// What the terminal does next.
    public var code: ResponseCode
    /// Why.
    public var reason: Reason
    /// What and where, for a technician; never a card, a person or a PIN.
    public var detail: String
    /// The business date under which it was booked or refused.
    public var businessDate: CivilDate
    /// When it was decided, milliseconds since 1970 UTC.
    public var time: Int64
    /// Terminal clock less daemon clock, seconds.
    public var clockDifference: Int64
    /// With `wrongPIN`, the tries left.
    public var triesLeft: UInt8
    /// What is answered beside the code.
    public var payload: Payload

    /// What an answer carries beside its code.
    public enum Payload: Sendable {
        case none
        /// A quote's or settlement's split; also with 51 and 19, where nothing was changed.
        case settlement(SettlementAnswer)
        case inquiry(InquiryAnswer)
        case cardService(CardServiceAnswer)
        /// The link as it is now.
        case family(NamedLink)
        case contribution(ContributionAnswer)
        /// What each line of a page is answered, in their order.
        case declaration([DeclarationLineRow])
        case status(StatusAnswer)
        /// What a void, refund or reversal gave back.
        case undone(UndoAnswer)
        case receiptCopy(ReceiptCopyAnswer)
        /// A stay after an admission, an upload or a cancellation.
        case admission(AdmissionAnswer)
        case admissionDetails(AdmissionDetailsAnswer)
        /// A claim after a step.
        case claim(ClaimAnswer)
        case registered([RegistrationResult])
    }

    /// Creates an outcome of its parts.
    public init(
        code: ResponseCode, reason: Reason, detail: String, businessDate: CivilDate, time: Int64,
        clockDifference: Int64, triesLeft: UInt8, payload: Payload
    ) {
        self.code = code
        self.reason = reason
        self.detail = detail
        self.businessDate = businessDate
        self.time = time
        self.clockDifference = clockDifference
        self.triesLeft = triesLeft
        self.payload = payload
    }
}

/// The answer to a quote or settle request.
public struct SettlementAnswer: Sendable {
    /// The settlement's id; nil for a quote and for a refusal.
    public var id: SettlementID?
    /// The catalog version by which the lines were sorted.
    public var catalogVersion: CatalogVersion
    /// The policy version by which they were sorted and split.
    public var policyVersion: PolicyVersion
    /// The pooling region of that policy.
    public var policyRegion: RegionCode
    /// The benefit category of the visit; nil where it gives no pooled benefit.
    public var benefitCategory: BenefitCategory?
    /// The split, to the fen.
    public var split: Split
    /// The own account's balance after it.
    public var balance: Money
    /// The year's use after it, in the visit's benefit category.
    public var accumulator: AccumulatorRow?
    /// The person's name, masked.
    public var nameMasked: String
    /// The masked names of the owners in `split.family`, in its order.
    public var ownersMasked: [String]
    /// Names this very split; what a settle may give back as `quoteDigest`.
    public var quoteDigest: UInt64
    /// Of a discharge: the stay, whose parts are read page by page.
    public var stay: Stay?

    /// Which stay a discharge settles.
    public struct Stay: Sendable, Hashable {
        /// The stay.
        public var admission: AdmissionID
        /// How many lines are settled.
        public var lines: Int

        /// Creates a stay of its parts.
        public init(admission: AdmissionID, lines: Int) {
            self.admission = admission
            self.lines = lines
        }
    }

    /// Creates an answer of its parts.
    public init(
        id: SettlementID?, catalogVersion: CatalogVersion, policyVersion: PolicyVersion,
        policyRegion: RegionCode, benefitCategory: BenefitCategory?, split: Split, balance: Money,
        accumulator: AccumulatorRow?, nameMasked: String, ownersMasked: [String],
        quoteDigest: UInt64, stay: Stay? = nil
    ) {
        self.id = id
        self.catalogVersion = catalogVersion
        self.policyVersion = policyVersion
        self.policyRegion = policyRegion
        self.benefitCategory = benefitCategory
        self.split = split
        self.balance = balance
        self.accumulator = accumulator
        self.nameMasked = nameMasked
        self.ownersMasked = ownersMasked
        self.quoteDigest = quoteDigest
        self.stay = stay
    }
}

/// The answer to a card inquiry.
public struct InquiryAnswer: Sendable {
    /// The person's name, masked.
    public var nameMasked: String
    /// Insurance type, category, coverage, region.
    public var person: Person
    /// The individual account's balance; zero where there is none.
    public var balance: Money
    /// The use of each benefit category in the year of the business date.
    public var accumulators: [AccumulatorRow]

    /// Creates an answer of its parts.
    public init(
        nameMasked: String, person: Person, balance: Money, accumulators: [AccumulatorRow]
    ) {
        self.nameMasked = nameMasked
        self.person = person
        self.balance = balance
        self.accumulators = accumulators
    }
}

/// The answer to a settlement status request.
public struct StatusAnswer: Sendable {
    /// What became of a request.
    ///
    /// - Source: `OriginalState` of `settlement.proto`.
    public enum State: UInt8, Sendable {
        case neverSeen = 1
        case executing = 2
        case approved = 3
        case refused = 4
        case reversed = 5
        case voided = 6
        case refunded = 7
        case partlyRefunded = 8
    }

    /// What became of it.
    public var state: State
    /// The original request's kind; nil where it was never seen.
    public var kind: RequestKind?
    /// The recorded response's body; empty where there is none.
    public var response: [UInt8]

    /// Creates an answer of its parts.
    public init(state: State, kind: RequestKind?, response: [UInt8]) {
        self.state = state
        self.kind = kind
        self.response = response
    }
}

/// What the ledger decided, with the bytes that go to the terminal.
public struct Decision: Sendable {
    /// The response's body.
    public var response: [UInt8]
    /// Whether it is the recorded answer of an earlier request with the same key.
    public var replayed: Bool
    /// The code in it, for counters and logs.
    public var code: ResponseCode
    /// The reason in it.
    public var reason: Reason

    /// Creates a decision of its parts.
    public init(response: [UInt8], replayed: Bool, code: ResponseCode, reason: Reason) {
        self.response = response
        self.replayed = replayed
        self.code = code
        self.reason = reason
    }
}

/// Encodes an outcome as the body of the response to a request of this kind.
///
/// Given to the ledger from outside: the ledger knows no wire format.
public typealias ResponseEncoding = @Sendable (Outcome, RequestKind) -> [UInt8]
