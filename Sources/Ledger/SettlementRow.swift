import SettlementDomain

/// An approved settlement with all that a later void, refund, reversal or receipt needs.
public struct SettlementRow: Sendable, Hashable {
    /// Whether it stands.
    public enum State: UInt8, Sendable, CaseIterable {
        case settled = 1
        case reversed = 2
        case voided = 3
        /// Nothing of it is left.
        case refunded = 4
        case partlyRefunded = 5
    }

    /// Its id, and so the key of the request that made it.
    public var id: SettlementID
    /// Whether it stands.
    public var state: State
    /// The card that paid.
    public var card: CardNumber
    /// Where.
    public var institution: InstitutionID
    /// The daemon's business date when it was booked.
    public var bookedDate: CivilDate
    /// When it was booked, milliseconds since 1970 UTC.
    public var time: Int64
    /// When the service was given.
    public var serviceDate: CivilDate
    /// What the patient came for.
    public var visitType: VisitType
    /// The benefit category of the visit, where it has one.
    public var benefitCategory: BenefitCategory?
    /// The catalog version by which it was sorted.
    public var catalogVersion: CatalogVersion
    /// The version of the policy by which it was sorted and split.
    public var policyVersion: PolicyVersion
    /// The lines as they were asked for, their items by national code.
    public var lines: [BillLine]
    /// Who paid what at first; `standing` says who pays now.
    public var split: Split
    /// What the rules saw beside the bill.
    public var basis: SettlementBasis
    /// What became of it since, oldest first.
    public var undone: [Undoing]
    /// The stay whose fees it settled; nil of a bill that came with its request.
    public var stay: SettledStay?
    /// The institution's number of the bill, where it said one.
    public var billNumber: String?

    /// Creates a settlement's row.
    public init(
        id: SettlementID, state: State, card: CardNumber, institution: InstitutionID,
        bookedDate: CivilDate, time: Int64, serviceDate: CivilDate, visitType: VisitType,
        benefitCategory: BenefitCategory?, catalogVersion: CatalogVersion,
        policyVersion: PolicyVersion, lines: [BillLine], split: Split, basis: SettlementBasis,
        undone: [Undoing] = [], stay: SettledStay? = nil, billNumber: String? = nil
    ) {
        self.id = id
        self.state = state
        self.card = card
        self.institution = institution
        self.bookedDate = bookedDate
        self.time = time
        self.serviceDate = serviceDate
        self.visitType = visitType
        self.benefitCategory = benefitCategory
        self.catalogVersion = catalogVersion
        self.policyVersion = policyVersion
        self.lines = lines
        self.split = split
        self.basis = basis
        self.undone = undone
        self.stay = stay
        self.billNumber = billNumber
    }

    /// The bill, where its number is known.
    public var billKey: BillKey? {
        billNumber.map { BillKey(code: institution.text, number: $0) }
    }

    /// Whose card it was.
    public var person: PersonID { basis.person.id }

    /// The pooling region whose policy and funds it went by.
    public var policyRegion: RegionCode { basis.person.region }

    /// The insurance type whose pool paid.
    public var insuranceType: InsuranceType { basis.person.insuranceType }

    /// The year's use that it counts in; nil where the visit has no benefit category.
    public var accumulatorKey: AccumulatorKey? {
        benefitCategory.map { category in
            AccumulatorKey(
                person: person, year: UInt16(clamping: serviceDate.year), category: category)
        }
    }

    /// Who pays what now: of nothing, after a reversal, a void or a full refund.
    public var standing: Split { undone.last?.standing ?? split }
}

/// What the rules saw, beside the bill, when they decided a settlement: a refund sorts and splits
/// what remains as they would have then.
///
/// What the accounts held is not kept: no account pays more for a part of a bill than it paid for
/// the whole.
public struct SettlementBasis: Sendable, Hashable {
    /// The person as they were.
    public var person: Person
    /// What the institution was: decides what it supplies.
    public var institutionKind: InstitutionKind
    /// The institution's level then.
    public var institutionLevel: InstitutionLevel
    /// Whether its contract said that it vaccinates.
    public var vaccinates: Bool
    /// The institution's pooling region then, which need not be the person's.
    public var institutionRegion: RegionCode
    /// What had been used of the year's limits, in the visit's benefit category.
    public var used: Accumulators
    /// What had been given of the bill's items with a course or frequency limit.
    public var usages: [UsageRow]
    /// Those of the bill's trace codes that were sold already.
    public var soldCodes: [TraceCode]

    /// Creates a basis of its parts.
    public init(
        person: Person, institutionKind: InstitutionKind, institutionLevel: InstitutionLevel,
        vaccinates: Bool, institutionRegion: RegionCode, used: Accumulators, usages: [UsageRow],
        soldCodes: [TraceCode]
    ) {
        self.person = person
        self.institutionKind = institutionKind
        self.institutionLevel = institutionLevel
        self.vaccinates = vaccinates
        self.institutionRegion = institutionRegion
        self.used = used
        self.usages = usages
        self.soldCodes = soldCodes
    }
}

/// One void, refund or reversal of a settlement, or the reversal of one of these.
public struct Undoing: Sendable, Hashable {
    /// The key of the request that did it.
    public var key: RequestKey
    /// `void`, `refund` or `reversal`.
    public var kind: RequestKind
    /// The void or refund that a reversal undid; nil where it undid the settlement itself.
    public var reversed: RequestKey?
    /// The business date under which it is booked.
    public var bookedDate: CivilDate
    /// When, milliseconds since 1970 UTC.
    public var time: Int64
    /// What came back by a refund.
    public var lines: [RefundedLine]
    /// What the settlement is after it.
    public var state: SettlementRow.State
    /// Who pays what after it.
    public var standing: Split

    /// Creates a step of its parts.
    public init(
        key: RequestKey, kind: RequestKind, reversed: RequestKey?, bookedDate: CivilDate,
        time: Int64, lines: [RefundedLine], state: SettlementRow.State, standing: Split
    ) {
        self.key = key
        self.kind = kind
        self.reversed = reversed
        self.bookedDate = bookedDate
        self.time = time
        self.lines = lines
        self.state = state
        self.standing = standing
    }
}

/// What came back of one line.
public struct RefundedLine: Sendable, Hashable {
    /// The line's position in the bill, from 0.
    public var line: Int
    /// How much of it.
    public var quantity: Quantity
    /// By how much the line's amount became less.
    public var amount: Money
    /// The packages that came back.
    public var traceCodes: [TraceCode]

    /// Creates a line of its parts.
    public init(line: Int, quantity: Quantity, amount: Money, traceCodes: [TraceCode]) {
        self.line = line
        self.quantity = quantity
        self.amount = amount
        self.traceCodes = traceCodes
    }
}

/// Says that a request was reversed before it arrived: when it comes, it gets 21.
public struct TombstoneRow: Sendable, Hashable {
    /// The key of the request that was not seen.
    public var original: RequestKey
    /// The key of the first reversal that named it.
    public var reversal: RequestKey

    /// Creates a row of its parts.
    public init(original: RequestKey, reversal: RequestKey) {
        self.original = original
        self.reversal = reversal
    }
}
