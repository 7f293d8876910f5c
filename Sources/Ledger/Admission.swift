import SettlementDomain

/// Names a stay in hospital: the key of the request that admitted.
public struct AdmissionID: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// The key of the admit request.
    public let key: RequestKey

    /// The stay that the request of this key begins.
    public init(_ key: RequestKey) {
        self.key = key
    }

    /// Reads the text form `20261123-DM000001-000042`; nil for anything else.
    public init?(_ text: String) {
        guard let id = SettlementID(text) else { return nil }
        key = id.key
    }

    /// Whether the left key comes first.
    public static func < (left: AdmissionID, right: AdmissionID) -> Bool {
        left.key < right.key
    }

    /// The text form: date, terminal and STAN.
    public var description: String { SettlementID(key).description }
}

/// A stay in hospital, from admission to discharge.
public struct AdmissionRow: Sendable, Hashable {
    /// How far it is.
    public enum State: UInt8, Sendable, CaseIterable {
        /// Fees may be uploaded and cancelled.
        case open = 1
        /// Settled.
        case discharged = 2
        /// Taken back without fees.
        case cancelled = 3
    }

    /// Its id.
    public var id: AdmissionID
    /// How far it is.
    public var state: State
    /// Who was admitted.
    public var person: PersonID
    /// Where.
    public var institution: InstitutionID
    /// The first day of the stay.
    public var admittedOn: CivilDate
    /// What for; nil where it was not said.
    public var diagnosis: DiseaseCode?
    /// How many uploads were made, cancelled ones too; they are numbered from 1.
    public var uploads: UInt16
    /// The lines of the uploads that stand.
    public var lineCount: UInt32
    /// The sum of the uploads that stand.
    public var total: Money
    /// How often its fees were changed.
    public var revision: UInt32
    /// The discharge that stands; nil while it is open or cancelled.
    public var settlement: SettlementID?

    /// The most uploads of a stay.
    public static let uploadsMax: UInt16 = 1000
    /// The most lines of the uploads that stand.
    public static let linesMax: UInt32 = 10_000

    /// Creates a stay's row of its parts.
    public init(
        id: AdmissionID, state: State, person: PersonID, institution: InstitutionID,
        admittedOn: CivilDate, diagnosis: DiseaseCode?, uploads: UInt16 = 0,
        lineCount: UInt32 = 0, total: Money = .zero, revision: UInt32 = 0,
        settlement: SettlementID? = nil
    ) {
        self.id = id
        self.state = state
        self.person = person
        self.institution = institution
        self.admittedOn = admittedOn
        self.diagnosis = diagnosis
        self.uploads = uploads
        self.lineCount = lineCount
        self.total = total
        self.revision = revision
        self.settlement = settlement
    }
}

/// Which upload of which stay.
public struct FeeUploadKey: Sendable, Hashable {
    /// The stay.
    public var admission: AdmissionID
    /// The upload's number, from 1.
    public var number: UInt16

    /// Creates a key of its parts.
    public init(admission: AdmissionID, number: UInt16) {
        self.admission = admission
        self.number = number
    }
}

/// Fees that were uploaded for a stay, of one day.
public struct FeeUploadRow: Sendable, Hashable {
    /// Which upload.
    public var key: FeeUploadKey
    /// The request that made it.
    public var request: RequestKey
    /// When the services were given.
    public var day: CivilDate
    /// The fees, their items by national code, each with its day.
    public var lines: [BillLine]
    /// The sum of the lines.
    public var total: Money
    /// Whether it was taken back.
    public var isCancelled: Bool

    /// Creates an upload's row of its parts.
    public init(
        key: FeeUploadKey, request: RequestKey, day: CivilDate, lines: [BillLine], total: Money,
        isCancelled: Bool = false
    ) {
        self.key = key
        self.request = request
        self.day = day
        self.lines = lines
        self.total = total
        self.isCancelled = isCancelled
    }
}

/// A person's stays that are not settled.
///
/// A new one is refused while there is one; two may come of the reversal of an older discharge.
public struct OpenStaysRow: Sendable, Hashable {
    /// Whose.
    public var person: PersonID
    /// The open stays, oldest first.
    public var open: [AdmissionID]

    /// Creates a row of its parts.
    public init(person: PersonID, open: [AdmissionID]) {
        self.person = person
        self.open = open
    }
}

/// What a settlement knows of the stay whose fees it settled.
public struct SettledStay: Sendable, Hashable {
    /// The stay.
    public var admission: AdmissionID
    /// Its first day.
    public var admittedOn: CivilDate
    /// The stay's `revision` when it was settled: the same fees stand while it is the same.
    public var revision: UInt32

    /// Creates a settled stay of its parts.
    public init(admission: AdmissionID, admittedOn: CivilDate, revision: UInt32) {
        self.admission = admission
        self.admittedOn = admittedOn
        self.revision = revision
    }
}
