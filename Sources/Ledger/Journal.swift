import SettlementDomain

/// An account of the double entry.
///
/// - Source: the ledger accounts of ARCHITECTURE.md; text form `individual:110000001`.
public enum LedgerAccount: Sendable, Hashable, CustomStringConvertible {
    case individual(PersonID)
    case pool(RegionCode, InsuranceType)
    case large(RegionCode, InsuranceType)
    case supplement(PlanID)
    /// What the agency owes the institution.
    case institution(InstitutionID)
    /// Money received by a collector.
    case contributions(String)
    /// Money paid out.
    case bank
    case reimbursement(PersonID)

    /// The text form, as reports and `settlectl` print it.
    public var description: String {
        switch self {
        case .individual(let person): "individual:\(person)"
        case .pool(let region, let type): "pool:\(region):\(type)"
        case .large(let region, let type): "large:\(region):\(type)"
        case .supplement(let plan): "supplement:\(plan)"
        case .institution(let institution): "institution:\(institution)"
        case .contributions(let collector): "contributions:\(collector)"
        case .bank: "bank"
        case .reimbursement(let person): "reimbursement:\(person)"
        }
    }
}

/// A change of one ledger account; an entry's postings sum to zero.
public struct Posting: Sendable, Hashable {
    /// Which account.
    public var account: LedgerAccount
    /// What is added to it.
    public var amount: Money

    /// Creates a posting of its parts.
    public init(account: LedgerAccount, amount: Money) {
        self.account = account
        self.amount = amount
    }
}

/// The recorded answer of one request.
public struct AnswerRow: Sendable, Hashable {
    /// The request's key.
    public var key: RequestKey
    /// The request's kind.
    public var kind: RequestKind
    /// The digest of the request's content.
    public var content: Digest
    /// The code that was answered.
    public var code: ResponseCode
    /// The reason that was answered.
    public var reason: Reason
    /// The response's body as it was sent first.
    public var response: [UInt8]
    /// The settlement that an approved void, refund or reversal concerns; nil for all else.
    public var settlement: SettlementID?

    /// Creates an answer's row.
    public init(
        key: RequestKey, kind: RequestKind, content: Digest, code: ResponseCode, reason: Reason,
        response: [UInt8], settlement: SettlementID? = nil
    ) {
        self.key = key
        self.kind = kind
        self.content = content
        self.code = code
        self.reason = reason
        self.response = response
        self.settlement = settlement
    }
}

/// The new value of one row that an entry changed.
public enum RowChange: Sendable, Hashable {
    case card(CardRow)
    indirect case person(PersonRow)
    case account(AccountRow)
    case accumulator(AccumulatorRow)
    case traceCode(TraceCodeRow)
    case usage(UsageRow)
    case family(FamilyRow)
    case credit(CreditRow)
    indirect case settlement(SettlementRow)
    case tombstone(TombstoneRow)
    case clearing(ClearingRow)
    case institution(InstitutionRow)
    case terminal(TerminalRow)
    case catalog(CatalogRow)
    case policy(PolicyRow)
    case businessDate(CivilDate)
    case admission(AdmissionRow)
    indirect case feeUpload(FeeUploadRow)
    case openStays(OpenStaysRow)
    /// A line of a person's access log; it has no row that it changes.
    case access(AccessRow)
    case owner(OwnerRow)
    case contribution(ContributionRow)
    case declarationLine(DeclarationLineRow)
    indirect case claim(ClaimRow)
    case bill(BillRow)
}

/// What happened once: written once, never updated, never deleted.
public struct JournalEntry: Sendable, Hashable {
    /// Position in the journal, from 1; the store gives it at commit, 0 before.
    public var sequence: UInt64
    /// When it was decided, milliseconds since 1970 UTC.
    public var time: Int64
    /// The business date under which it is booked.
    public var bookedDate: CivilDate
    /// What kind of request made it.
    public var kind: RequestKind
    /// The request as it came, less its PIN block; empty for registrations.
    public var voucher: [UInt8]
    /// The recorded answer; nil for registrations.
    public var answer: AnswerRow?
    /// The money that moved, in sum zero; empty for refusals and inquiries.
    public var postings: [Posting]
    /// The new value of every row that it changed.
    public var changes: [RowChange]

    /// Creates an entry of its parts.
    public init(
        sequence: UInt64, time: Int64, bookedDate: CivilDate, kind: RequestKind, voucher: [UInt8],
        answer: AnswerRow?, postings: [Posting], changes: [RowChange]
    ) {
        self.sequence = sequence
        self.time = time
        self.bookedDate = bookedDate
        self.kind = kind
        self.voucher = voucher
        self.answer = answer
        self.postings = postings
        self.changes = changes
    }
}

/// One posting to an individual account, as its history shows it.
public struct Movement: Sendable, Hashable {
    /// The journal entry that made it.
    public var sequence: UInt64
    /// Whose account.
    public var person: PersonID
    /// What was added to it.
    public var amount: Money
    /// The balance after it.
    public var balance: Money
    /// When, milliseconds since 1970 UTC.
    public var time: Int64
    /// The business date.
    public var bookedDate: CivilDate
    /// What kind of request made it.
    public var kind: RequestKind
    /// The settlement that it belongs to, where it does.
    public var settlement: SettlementID?

    /// Creates a movement of its parts.
    public init(
        sequence: UInt64, person: PersonID, amount: Money, balance: Money, time: Int64,
        bookedDate: CivilDate, kind: RequestKind, settlement: SettlementID?
    ) {
        self.sequence = sequence
        self.person = person
        self.amount = amount
        self.balance = balance
        self.time = time
        self.bookedDate = bookedDate
        self.kind = kind
        self.settlement = settlement
    }
}

extension JournalEntry {
    /// What this entry did to individual accounts, in the order of its account changes.
    public var movements: [Movement] {
        guard !postings.isEmpty else { return [] }
        var result: [Movement] = []
        var settlement: SettlementID?
        for case .settlement(let row) in changes { settlement = row.id }
        for case .account(let row) in changes {
            var amount = Money.zero
            for posting in postings where posting.account == .individual(row.person) {
                amount = amount + posting.amount
            }
            result.append(
                Movement(
                    sequence: sequence, person: row.person, amount: amount, balance: row.balance,
                    time: time, bookedDate: bookedDate, kind: kind, settlement: settlement))
        }
        return result
    }
}

extension JournalEntry {
    /// Whether it counts a wrong PIN against a card.
    public var countsWrongPIN: Bool {
        switch answer?.code {
        case .wrongPIN, .pinTriesExceeded:
            changes.contains { if case .card = $0 { true } else { false } }
        default: false
        }
    }
}
