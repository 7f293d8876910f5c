import SettlementDomain

/// What a counter does with a claim.
public enum ClaimCommand: Sendable {
    /// Takes a claim in.
    case submit(ClaimSubmission)
    /// Goes on with a claim that is not decided.
    case review(ClaimID, clerk: String, ClaimReview)
    /// Decides it.
    case decide(ClaimID, clerk: String, ClaimDecision)
    /// Pays what was approved, once; the reference is the payment's, 1...64 bytes.
    case pay(ClaimID, clerk: String, reference: String)

    /// The frame kind of Protocol/Frames.md.
    public var kind: RequestKind {
        switch self {
        case .submit: .claimSubmit
        case .review: .claimReview
        case .decide: .claimDecide
        case .pay: .claimPay
        }
    }

    /// About whom, and by what right.
    public var asking: Asking {
        get {
            switch self {
            case .submit(let submission): submission.asking
            case .review(let id, let clerk, _), .decide(let id, let clerk, _),
                .pay(let id, let clerk, _):
                Asking(subject: .claim(id), authority: .clerk(clerk))
            }
        }
        set {
            guard case .submit(var submission) = self else { return }
            submission.asking = newValue
            self = .submit(submission)
        }
    }
}

/// A claim as it is handed in.
public struct ClaimSubmission: Sendable {
    /// For whom, and by what right.
    public var asking: Asking
    /// The clerk who takes it in, 1...32 bytes.
    public var clerk: String
    /// The catalog version that the lines' indexes refer to; nil where none is needed.
    public var catalogVersion: CatalogVersion?
    /// The bills.
    public var bills: [SubmittedBill]
    /// The papers that came with them.
    public var documents: [ClaimDocument]
    /// To whom it shall be paid.
    public var payee: Payee?

    /// Creates a submission of its parts.
    public init(
        asking: Asking, clerk: String, catalogVersion: CatalogVersion? = nil,
        bills: [SubmittedBill], documents: [ClaimDocument], payee: Payee?
    ) {
        self.asking = asking
        self.clerk = clerk
        self.catalogVersion = catalogVersion
        self.bills = bills
        self.documents = documents
        self.payee = payee
    }
}

/// A bill as it is handed in: its items may be named by index.
public struct SubmittedBill: Sendable, Hashable {
    /// All but the lines.
    public var bill: ClaimBill
    /// The lines.
    public var lines: [RequestLine]

    /// Creates a bill of its parts.
    public init(bill: ClaimBill, lines: [RequestLine]) {
        self.bill = bill
        self.lines = lines
    }
}

/// A step on the way to a decision.
public enum ClaimReview: Sendable, Hashable {
    /// A clerk begins to look at it.
    case takeUp
    /// The person must bring these.
    case wantDocuments([ClaimDocument], text: String)
    /// The person has brought these.
    case supplement([ClaimDocument], text: String)
    /// The person takes the claim back.
    case withdraw(text: String)
}

/// How a claim is decided.
public enum ClaimDecision: Sendable, Hashable {
    /// Pays what the policy gives, or so much of its ratios, but not for what is disallowed.
    case approve(share: Ratio, [Disallowance])
    /// Pays nothing; the text says why.
    case refuse(text: String)
}

/// The answer to a step of a claim: the claim without its lines.
public struct ClaimAnswer: Sendable {
    /// The claim.
    public var claim: ClaimRow
    /// The person's name, masked.
    public var nameMasked: String

    /// Creates an answer of its parts.
    public init(claim: ClaimRow, nameMasked: String) {
        self.claim = claim
        self.nameMasked = nameMasked
    }
}
