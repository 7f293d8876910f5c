import SettlementDomain

/// Names a claim: the key of the request that submitted it.
public struct ClaimID: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// The key of the submit request.
    public let key: RequestKey

    /// The claim that the request of this key submits.
    public init(_ key: RequestKey) {
        self.key = key
    }

    /// Reads the text form `20261123-AG000001-000042`; nil for anything else.
    public init?(_ text: String) {
        guard let id = SettlementID(text) else { return nil }
        key = id.key
    }

    /// Whether the left key comes first.
    public static func < (left: ClaimID, right: ClaimID) -> Bool {
        left.key < right.key
    }

    /// The text form: date, terminal and STAN.
    public var description: String { SettlementID(key).description }
}

/// A claim for bills that the insured person paid elsewhere.
public struct ClaimRow: Sendable, Hashable {
    /// How far it is.
    ///
    /// - Source: Protocol/Claims.md, "States".
    public enum State: UInt8, NamedCode {
        /// Taken in; nobody has looked at it.
        case submitted = 1
        /// A clerk reviews it.
        case inReview = 2
        /// The person must bring documents.
        case documentsWanted = 3
        /// Decided; what was approved is owed to the person.
        case approved = 4
        /// Decided: nothing is paid.
        case refused = 5
        /// Approved and paid.
        case paid = 6
        /// Taken back by the person.
        case withdrawn = 7
        /// Ended because wanted documents did not come in time.
        case lapsed = 8

        /// Whether it waits for a decision.
        public var isOpen: Bool {
            self == .submitted || self == .inReview || self == .documentsWanted
        }

        /// Whether its bills are taken by it: nobody else may claim or settle them.
        public var holdsBills: Bool { isOpen || self == .approved || self == .paid }
    }

    /// Its id.
    public var id: ClaimID
    /// Whose.
    public var person: PersonID
    /// How far it is.
    public var state: State
    /// The agency that took it in.
    public var agency: InstitutionID
    /// The bills, 1...`billsMax`.
    public var bills: [ClaimBill]
    /// The documents that were handed in.
    public var documents: [ClaimDocument]
    /// To whom it is paid.
    public var payee: Payee
    /// What happened to it, oldest first.
    public var events: [ClaimEvent]
    /// What was decided about each bill, in their order; empty unless it is approved.
    public var awards: [ClaimAward]
    /// Until when the next step is due; nil where none is.
    public var due: CivilDate?

    /// The most bills of a claim.
    public static let billsMax = 20
    /// The most settlements that a bill says it is not.
    public static let distinctMax = 20
    /// The most lines of all its bills.
    public static let linesMax = 200
    /// The most documents of a claim.
    public static let documentsMax = 50
    /// The most that happens to a claim before it is decided.
    public static let eventsMax = 60

    /// Creates a claim's row of its parts.
    public init(
        id: ClaimID, person: PersonID, state: State, agency: InstitutionID, bills: [ClaimBill],
        documents: [ClaimDocument], payee: Payee, events: [ClaimEvent],
        awards: [ClaimAward] = [], due: CivilDate?
    ) {
        self.id = id
        self.person = person
        self.state = state
        self.agency = agency
        self.bills = bills
        self.documents = documents
        self.payee = payee
        self.events = events
        self.awards = awards
        self.due = due
    }

    /// What the bills sum to.
    public var total: Money { bills.reduce(.zero) { $0 + $1.total } }

    /// What is paid to the person.
    public var approved: Money { awards.reduce(.zero) { $0 + $1.split.insured } }

    /// Whether the left claim was submitted before the right one.
    public static func isOlder(_ left: ClaimRow, _ right: ClaimRow) -> Bool {
        let times = (left.events.first?.time ?? 0, right.events.first?.time ?? 0)
        return times.0 == times.1 ? left.id < right.id : times.0 < times.1
    }

    /// Whether it waits for a step that was due before a date.
    public func isDue(before date: CivilDate) -> Bool {
        guard state.isOpen, let due else { return false }
        return due < date
    }

    /// Whether the deadline for wanted documents is past on a business date.
    public func hasLapsed(on day: CivilDate) -> Bool {
        guard state == .documentsWanted, let due else { return false }
        return due < day
    }
}

/// Where a bill was paid.
public struct ClaimPlace: Sendable, Hashable {
    /// An institution that is known here; nil: a place elsewhere.
    public var institution: InstitutionID?
    /// The institution's id, or the code by which a place elsewhere is known, 1...32 bytes.
    public var code: String
    /// Its name, 1...60 bytes.
    public var name: String
    /// What it may supply.
    public var kind: InstitutionKind
    /// Decides ratio and deductible.
    public var level: InstitutionLevel

    /// The longest `code`.
    public static let codeBytesMax = 32
    /// The longest `name`.
    public static let nameBytesMax = 60

    /// Creates a place of its parts.
    public init(
        institution: InstitutionID?, code: String, name: String, kind: InstitutionKind,
        level: InstitutionLevel
    ) {
        self.institution = institution
        self.code = code
        self.name = name
        self.kind = kind
        self.level = level
    }
}

/// A bill that the person has paid.
public struct ClaimBill: Sendable, Hashable {
    /// Where.
    public var place: ClaimPlace
    /// The bill's number there, 1...40 bytes.
    public var number: String
    /// When the services were given; of a stay its last day.
    public var serviceDate: CivilDate
    /// What for.
    public var visitType: VisitType
    /// What the patient was treated for; nil: not said.
    public var diagnosis: DiseaseCode?
    /// The lines, their items by national code.
    public var lines: [BillLine]
    /// The sum of the lines.
    public var total: Money
    /// Settlements that look like this bill and are others.
    public var distinctFrom: [SettlementID]

    /// The longest `number`.
    public static let numberBytesMax = 40

    /// Creates a bill of its parts.
    public init(
        place: ClaimPlace, number: String, serviceDate: CivilDate, visitType: VisitType,
        diagnosis: DiseaseCode?, lines: [BillLine], total: Money,
        distinctFrom: [SettlementID] = []
    ) {
        self.place = place
        self.number = number
        self.serviceDate = serviceDate
        self.visitType = visitType
        self.diagnosis = diagnosis
        self.lines = lines
        self.total = total
        self.distinctFrom = distinctFrom
    }

    /// The bill wherever it is named.
    public var key: BillKey { BillKey(code: place.code, number: number) }
}

/// Names a bill: by whom it was written and its number there.
///
/// Spelled in one way, however a clerk has typed it: without spaces, in capital letters, no
/// full-width forms.
public struct BillKey: Sendable, Hashable {
    /// An institution's id, or the code of a place elsewhere.
    public let code: String
    /// The bill's number there.
    public let number: String

    /// Creates a key of its parts, as they are written on the bill.
    public init(code: String, number: String) {
        self.code = Self.spelled(code)
        self.number = Self.spelled(number)
    }

    private static func spelled(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars where !scalar.properties.isWhitespace {
            switch scalar.value {
            // Full-width forms of ASCII's printable characters.
            case 0xff01...0xff5e:
                let ascii = Unicode.Scalar(UInt8(scalar.value - 0xfee0))
                result += ascii.properties.uppercaseMapping
            default: result += scalar.properties.uppercaseMapping
            }
        }
        return result
    }
}

/// Who holds a bill: only one claim or settlement at a time.
public struct BillRow: Sendable, Hashable {
    /// Who can hold a bill.
    public enum Holder: Sendable, Hashable {
        case claim(ClaimID)
        case settlement(SettlementID)
    }

    /// Which bill.
    public var key: BillKey
    /// Who holds it; nil where it is free again.
    public var holder: Holder?

    /// Creates a row of its parts.
    public init(key: BillKey, holder: Holder?) {
        self.key = key
        self.holder = holder
    }
}

/// A kind of paper that comes with a claim.
///
/// - Source: `ClaimDocumentKind` of `settlement.proto`.
public enum ClaimDocumentKind: UInt8, NamedCode {
    case invoice = 1
    case feeList = 2
    case prescription = 3
    case medicalRecord = 4
    case dischargeSummary = 5
    case referral = 6
    case otherPaper = 7
}

/// Papers that were handed in or are wanted.
public struct ClaimDocument: Sendable, Hashable {
    /// What they are.
    public var kind: ClaimDocumentKind
    /// How many sheets, 1...999.
    public var sheets: UInt16

    /// The most sheets.
    public static let sheetsMax: UInt16 = 999

    /// Creates a document of its parts.
    public init(kind: ClaimDocumentKind, sheets: UInt16) {
        self.kind = kind
        self.sheets = sheets
    }
}

/// To whom an approved claim is paid.
public enum Payee: Sendable, Hashable {
    /// Holder 1...60 bytes, bank 1...60 bytes, number 1...34 bytes.
    case bankAccount(holder: String, bank: String, number: String)
    /// The bank account of a social security card of the person.
    case card(CardNumber)

    /// The longest holder and bank.
    public static let nameBytesMax = 60
    /// The longest account number.
    public static let numberBytesMax = 34
}

/// One step of a claim.
public struct ClaimEvent: Sendable, Hashable {
    /// What was done.
    public enum Step: UInt8, NamedCode {
        case submit = 1
        case takeUp = 2
        case wantDocuments = 3
        case supplement = 4
        case withdraw = 5
        case approve = 6
        case refuse = 7
        case pay = 8
        case lapse = 9
    }

    /// What was done.
    public var step: Step
    /// Under which business date.
    public var date: CivilDate
    /// When, milliseconds since 1970 UTC.
    public var time: Int64
    /// By whom, 1...32 bytes; empty where the daemon did it.
    public var clerk: String
    /// Why, or the payment's reference; at most `textBytesMax` bytes.
    public var text: String
    /// The documents that were handed in or are wanted.
    public var documents: [ClaimDocument]

    /// The longest `text`.
    public static let textBytesMax = 200

    /// Creates an event of its parts.
    public init(
        step: Step, date: CivilDate, time: Int64, clerk: String, text: String = "",
        documents: [ClaimDocument] = []
    ) {
        self.step = step
        self.date = date
        self.time = time
        self.clerk = clerk
        self.text = text
        self.documents = documents
    }
}

/// What the reviewer does not accept of a line.
public struct Disallowance: Sendable, Hashable {
    /// Which bill, from 0.
    public var bill: Int
    /// Which of its lines, from 0.
    public var line: Int
    /// How much of its amount; nil: all.
    public var amount: Money?
    /// Why; not empty, at most `textBytesMax` bytes.
    public var text: String

    /// The longest `text`.
    public static let textBytesMax = 60
    /// The most of a claim.
    public static let countMax = 200

    /// Creates a disallowance of its parts.
    public init(bill: Int, line: Int, amount: Money?, text: String) {
        self.bill = bill
        self.line = line
        self.amount = amount
        self.text = text
    }
}

/// What was decided about one bill.
public struct ClaimAward: Sendable, Hashable {
    /// The catalog version by which its lines were sorted.
    public var catalogVersion: CatalogVersion
    /// The region whose policy split it and whose funds pay.
    public var policyRegion: RegionCode
    /// That policy's version.
    public var policyVersion: PolicyVersion
    /// Whose pool pays.
    public var insuranceType: InsuranceType
    /// The benefit category; nil where the visit gives no pooled benefit.
    public var benefitCategory: BenefitCategory?
    /// How much of the policy's ratios the funds pay.
    public var share: Ratio
    /// Who pays what; what is not insured the person has paid already, as cash.
    public var split: Split
    /// What the reviewer did not accept.
    public var disallowed: [Disallowance]

    /// Creates an award of its parts.
    public init(
        catalogVersion: CatalogVersion, policyRegion: RegionCode, policyVersion: PolicyVersion,
        insuranceType: InsuranceType, benefitCategory: BenefitCategory?,
        share: Ratio, split: Split, disallowed: [Disallowance]
    ) {
        self.catalogVersion = catalogVersion
        self.policyRegion = policyRegion
        self.policyVersion = policyVersion
        self.insuranceType = insuranceType
        self.benefitCategory = benefitCategory
        self.share = share
        self.split = split
        self.disallowed = disallowed
    }
}
