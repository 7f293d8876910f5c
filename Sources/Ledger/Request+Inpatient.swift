import SettlementDomain

/// What a hospital asks about a stay.
public enum InpatientCommand: Sendable {
    /// Begins a stay.
    case admit(AdmitCommand)
    /// Keeps fees with an open stay.
    case upload(FeeUploadCommand)
    /// Takes back an upload, or, with nil, a stay without fees.
    case cancel(AdmissionID, upload: UInt16?)
    /// Settles all uploaded fees; only says how it would where `debits` is false.
    case discharge(DischargeCommand, debits: Bool)
    /// One page of what a stay consists of.
    case details(AdmissionID, AdmissionView, from: Int)

    /// The frame kind of Protocol/Frames.md.
    public var kind: RequestKind {
        switch self {
        case .admit: .admit
        case .upload: .feeUpload
        case .cancel: .feeCancel
        case .discharge(_, let debits): debits ? .discharge : .dischargeQuote
        case .details: .admissionDetails
        }
    }

    /// Whether its answer is recorded and given again to a retry.
    public var isRecorded: Bool {
        if case .details = self { false } else { true }
    }

    /// The card that a PIN block is bound to.
    public var card: CardNumber? {
        switch self {
        case .admit(let command): command.card
        case .discharge(let command, _): command.card
        case .upload, .cancel, .details: nil
        }
    }

    /// Puts in what the PIN block gave; without effect on a command that takes none.
    public mutating func setProof(_ proof: PINProof) {
        switch self {
        case .admit(var command):
            command.proof = proof
            self = .admit(command)
        case .discharge(var command, let debits):
            command.proof = proof
            self = .discharge(command, debits: debits)
        case .upload, .cancel, .details: break
        }
    }
}

/// Which part of a stay is asked for.
public enum AdmissionView: UInt8, Sendable, CaseIterable {
    /// Every upload, cancelled ones too, by number.
    case uploads = 0
    /// The lines of the uploads that stand, in the order in which they are settled.
    case lines = 1
    /// Who pays what of each line, of the discharge that stands.
    case parts = 2

    /// The most rows of a page.
    public static let rowsMax = 200
}

/// An admit request.
public struct AdmitCommand: Sendable {
    /// The card of who is admitted; nil where its check digit is wrong.
    public var card: CardNumber?
    /// What the PIN block gave.
    public var proof: PINProof
    /// The first day of the stay; nil: the key's date.
    public var admittedOn: CivilDate?
    /// What for; nil: not said.
    public var diagnosis: DiseaseCode?

    /// Creates a command of its parts.
    public init(
        card: CardNumber?, proof: PINProof, admittedOn: CivilDate?, diagnosis: DiseaseCode?
    ) {
        self.card = card
        self.proof = proof
        self.admittedOn = admittedOn
        self.diagnosis = diagnosis
    }
}

/// A fee upload.
public struct FeeUploadCommand: Sendable {
    /// Of which stay.
    public var admission: AdmissionID
    /// When the services were given; nil: on the key's date.
    public var day: CivilDate?
    /// What the request says its lines sum to.
    public var total: Money
    /// The catalog version that the lines' indexes refer to; nil where none is needed.
    public var catalogVersion: CatalogVersion?
    /// The fees, 1...200.
    public var lines: [RequestLine]

    /// Creates a command of its parts.
    public init(
        admission: AdmissionID, day: CivilDate?, total: Money, catalogVersion: CatalogVersion?,
        lines: [RequestLine]
    ) {
        self.admission = admission
        self.day = day
        self.total = total
        self.catalogVersion = catalogVersion
        self.lines = lines
    }
}

/// A discharge, or the quote of one.
public struct DischargeCommand: Sendable {
    /// Of which stay.
    public var admission: AdmissionID
    /// A card of the person who was admitted; nil where its check digit is wrong.
    public var card: CardNumber?
    /// What the PIN block gave.
    public var proof: PINProof
    /// The last day of the stay, the settlement's service date; nil: the key's date.
    public var dischargedOn: CivilDate?
    /// The sum of the uploads that stand.
    public var total: Money
    /// Whether cash may be due for a part that the accounts could have paid.
    public var partialAllowed: Bool
    /// The most that the own account shall pay; nil: no limit.
    public var accountLimit: Money?
    /// The digest of the quote that the terminal showed; 0: none.
    public var quoteDigest: UInt64
    /// The institution's number of the bill, which then nobody else can settle or claim.
    public var billNumber: String?

    /// Creates a command of its parts.
    public init(
        admission: AdmissionID, card: CardNumber?, proof: PINProof = .absent,
        dischargedOn: CivilDate? = nil, total: Money, partialAllowed: Bool = false,
        accountLimit: Money? = nil, quoteDigest: UInt64 = 0, billNumber: String? = nil
    ) {
        self.admission = admission
        self.card = card
        self.proof = proof
        self.dischargedOn = dischargedOn
        self.total = total
        self.partialAllowed = partialAllowed
        self.accountLimit = accountLimit
        self.quoteDigest = quoteDigest
        self.billNumber = billNumber
    }
}
