import Ledger
import SettlementDomain

/// A response as a terminal or a tool sees it.
public struct TerminalResponse: Sendable {
    /// What every response begins with.
    public var result: ResultFields
    /// What it carries beside.
    public var payload: Payload

    /// What a response carries beside its result.
    public enum Payload: Sendable {
        /// Nothing: sign-off, a notice, and refusals.
        case none
        case signOn(SignOnGrant)
        case echo(VersionsInForce)
        case catalogPage(CatalogPageContent)
        case inquiry(InquiryResponse)
        case cardService(CardServiceResponse)
        case contribution(ContributionResponse)
        case declaration(DeclarationResponse)
        case transactions(TransactionList)
        case months(MonthlyEntryList)
        /// The name, masked, and the year.
        case annual(AnnualStatementContent)
        case accesses(AccessList)
        case contributionRecords(ContributionList)
        /// Family link: as it is now; unlink: nil.
        case family(FamilyMember?)
        case familyList(FamilyList)
        /// Quote and settle; with 19 and 51 too.
        case settlement(SettlementResponse)
        case status(StatusAnswer)
        /// Void, refund and reversal, where something was undone.
        case undone(UndoResponse)
        case receiptCopy(ReceiptCopy)
        /// A stay after an admission, an upload or a cancellation.
        case admission(AdmissionContent)
        case admissionDetails(AdmissionDetailsContent)
        /// A claim after a step; one claim, or a page of a person's.
        case claims(ClaimList)
        case reconciliationTotals(ReconciliationTotalsContent)
        case reconciliationDetails(ReconciliationDetailsContent)
        case reconciliationDifferences(ReconciliationDifferencesContent)
        /// What became of each registration.
        case registered([RegistrationResult])
        /// A page of a question; `next` asks for the one after it, nil where it was the last.
        case page(StorePage, next: StoreQuestion?)
        /// What a maintenance task says.
        case maintained([String])
    }

    /// Creates a response of its parts.
    public init(result: ResultFields, payload: Payload) {
        self.result = result
        self.payload = payload
    }
}

/// What a successful sign-on gives.
public struct SignOnGrant: Sendable, Hashable {
    /// The session's PIN key, wrapped under the terminal's master key; empty: none.
    public var wrappedPINKey: [UInt8]
    /// Three bytes by which the unwrapped key is checked.
    public var pinKeyCheckValue: [UInt8]
    /// Of the PIN key; nil where there is none.
    public var pinAlgorithm: PINKeyAlgorithm?
    /// In force on the business date; nil: none yet.
    public var catalogVersion: CatalogVersion?
    /// How many entries that version has.
    public var catalogEntries: UInt32
    /// In force for the institution's region on the business date; nil: none yet.
    public var policyVersion: PolicyVersion?
    /// What the terminal may do.
    public var role: Role
    /// Where it stands.
    public var institution: InstitutionID
    /// The institution's name.
    public var institutionName: String
    /// The connection is closed after so long without a frame.
    public var idleSeconds: UInt32
    /// The largest value of a frame's length field.
    public var frameBytesMax: UInt32
    /// Requests without an answer, on this connection.
    public var inFlightMax: UInt32

    /// Creates a grant of its parts.
    public init(
        wrappedPINKey: [UInt8], pinKeyCheckValue: [UInt8], pinAlgorithm: PINKeyAlgorithm?,
        catalogVersion: CatalogVersion?, catalogEntries: UInt32, policyVersion: PolicyVersion?,
        role: Role, institution: InstitutionID, institutionName: String, idleSeconds: UInt32,
        frameBytesMax: UInt32, inFlightMax: UInt32
    ) {
        self.wrappedPINKey = wrappedPINKey
        self.pinKeyCheckValue = pinKeyCheckValue
        self.pinAlgorithm = pinAlgorithm
        self.catalogVersion = catalogVersion
        self.catalogEntries = catalogEntries
        self.policyVersion = policyVersion
        self.role = role
        self.institution = institution
        self.institutionName = institutionName
        self.idleSeconds = idleSeconds
        self.frameBytesMax = frameBytesMax
        self.inFlightMax = inFlightMax
    }
}

/// What an echo tells: which versions are in force now.
public struct VersionsInForce: Sendable, Hashable {
    /// The catalog's; nil: none yet.
    public var catalog: CatalogVersion?
    /// The policy's of the institution's region; nil: none yet.
    public var policy: PolicyVersion?

    /// Creates versions.
    public init(catalog: CatalogVersion?, policy: PolicyVersion?) {
        self.catalog = catalog
        self.policy = policy
    }
}

/// A run of a catalog's entries.
public struct CatalogPageContent: Sendable, Hashable {
    /// Of which version.
    public var version: CatalogVersion
    /// How many entries the version has.
    public var totalEntries: UInt32
    /// The index of the first entry here.
    public var firstIndex: UInt32
    /// As many as fitted; the next page begins after them.
    public var entries: [CatalogEntry]

    /// Creates a page of its parts.
    public init(
        version: CatalogVersion, totalEntries: UInt32, firstIndex: UInt32, entries: [CatalogEntry]
    ) {
        self.version = version
        self.totalEntries = totalEntries
        self.firstIndex = firstIndex
        self.entries = entries
    }
}

/// What a card inquiry tells of the card's person.
public struct InquiryResponse: Sendable, Hashable {
    /// The name, masked.
    public var nameMasked: String
    /// Whose pool pays.
    public var insuranceType: InsuranceType
    /// Decides ratio and deductible.
    public var category: PersonCategory
    /// Whether the pooled fund pays.
    public var coverage: CoverageStatus
    /// Whether there is an individual account.
    public var hasAccount: Bool
    /// Its balance.
    public var balance: Money
    /// The home pooling region.
    public var region: RegionCode
    /// The year's use of each benefit category that was used.
    public var accumulators: [YearlyUse]

    /// Creates a response of its parts.
    public init(
        nameMasked: String, insuranceType: InsuranceType, category: PersonCategory,
        coverage: CoverageStatus, hasAccount: Bool, balance: Money, region: RegionCode,
        accumulators: [YearlyUse]
    ) {
        self.nameMasked = nameMasked
        self.insuranceType = insuranceType
        self.category = category
        self.coverage = coverage
        self.hasAccount = hasAccount
        self.balance = balance
        self.region = region
        self.accumulators = accumulators
    }
}

/// What a person has used of the limits of a year, without naming the person.
public struct YearlyUse: Sendable, Hashable {
    /// The calendar year.
    public var year: UInt16
    /// Of which limits.
    public var category: BenefitCategory
    /// Of the deductible.
    public var deductibleUsed: Money
    /// Of the pooled fund's cap.
    public var pooledUsed: Money
    /// Of large-amount assistance's cap.
    public var largeUsed: Money

    /// Creates a year's use.
    public init(
        year: UInt16, category: BenefitCategory, deductibleUsed: Money, pooledUsed: Money,
        largeUsed: Money
    ) {
        self.year = year
        self.category = category
        self.deductibleUsed = deductibleUsed
        self.pooledUsed = pooledUsed
        self.largeUsed = largeUsed
    }
}

/// What the account of one relative pays.
public struct FamilyPayment: Sendable, Hashable {
    /// The owner's name, masked.
    public var ownerMasked: String
    /// How much.
    public var amount: Money

    /// Creates a payment.
    public init(ownerMasked: String, amount: Money) {
        self.ownerMasked = ownerMasked
        self.amount = amount
    }
}

/// The split of a quote or settle, with all that recomputes it.
public struct SettlementResponse: Sendable, Hashable {
    /// The settlement's id; nil for a quote and for a refusal.
    public var id: SettlementID?
    /// By which the lines were sorted.
    public var catalogVersion: CatalogVersion
    /// By which they were sorted and split.
    public var policyVersion: PolicyVersion
    /// Whose policy that is.
    public var policyRegion: RegionCode
    /// Of the visit; nil where it gives no pooled benefit.
    public var benefitCategory: BenefitCategory?
    /// Totals, parts and plans; `owners` stays empty, `family` here names them masked.
    public var split: Split
    /// Each relative whose account pays, in the order of links.
    public var family: [FamilyPayment]
    /// The own account's, after it.
    public var balance: Money
    /// After it, in the visit's benefit category.
    public var accumulator: YearlyUse?
    /// The person's name, masked.
    public var nameMasked: String
    /// Names this very split; 0 in a settle's response.
    public var quoteDigest: UInt64
    /// Of a discharge: the stay that it settles; the split has no parts then.
    public var admission: AdmissionID?
    /// Of a discharge: how many lines were settled.
    public var lineCount: UInt32 = 0

    /// Creates a response of its parts.
    public init(
        id: SettlementID?, catalogVersion: CatalogVersion, policyVersion: PolicyVersion,
        policyRegion: RegionCode, benefitCategory: BenefitCategory?, split: Split,
        family: [FamilyPayment], balance: Money, accumulator: YearlyUse?, nameMasked: String,
        quoteDigest: UInt64
    ) {
        self.id = id
        self.catalogVersion = catalogVersion
        self.policyVersion = policyVersion
        self.policyRegion = policyRegion
        self.benefitCategory = benefitCategory
        self.split = split
        self.family = family
        self.balance = balance
        self.accumulator = accumulator
        self.nameMasked = nameMasked
        self.quoteDigest = quoteDigest
    }
}
