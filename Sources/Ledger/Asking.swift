import SettlementDomain

/// Whom a request is about.
public enum Subject: Sendable, Hashable {
    /// The holder of a card; nil where the number's check digit is wrong (code 14).
    case card(CardNumber?)
    /// The person with this ID number.
    case idNumber(IDNumber)
    /// The person who submitted this claim.
    case claim(ClaimID)
}

/// By what right somebody asks about a person or changes what is theirs.
public enum Authority: Sendable, Hashable {
    /// The card's PIN: any terminal with a PIN pad.
    case pin(PINProof)
    /// Papers that a clerk at a counter has seen.
    case documents(IdentityCheck)
    /// The gateway knows the person by a session of its own, named by this reference, 1...64 bytes.
    case gatewaySession(String)
    /// The terminal's role: an employer asks about its own employees.
    case role
    /// A clerk of the agency works on a claim that it took in; the clerk's name, 1...32 bytes.
    case clerk(String)
}

/// Who is asked about, and by what right.
public struct Asking: Sendable, Hashable {
    /// Whom.
    public var subject: Subject
    /// By what right.
    public var authority: Authority

    /// Creates an asking of its parts.
    public init(subject: Subject, authority: Authority) {
        self.subject = subject
        self.authority = authority
    }

    /// The card that a PIN block would be bound to.
    public var card: CardNumber? {
        if case .card(let number) = subject { number } else { nil }
    }
}

/// A paper by which a clerk knows who stands at the counter.
///
/// - Source: `IdentityDocument` of `settlement.proto`.
public enum IdentityDocument: UInt8, NamedCode {
    case residentID = 1
    case householdRegister = 2
    case passport = 3
    case socialSecurityCard = 4
    case otherDocument = 5
}

/// What a clerk checked before asking, kept in the access log.
public struct IdentityCheck: Sendable, Hashable {
    /// What kind of paper.
    public var document: IdentityDocument
    /// Its number, 1...40 bytes; a resident's ID must be that of the person or of the agent.
    public var number: String
    /// The clerk who saw it, 1...32 bytes.
    public var clerk: String
    /// Where somebody else asks for the person: on what power of attorney.
    public var proxy: PowerOfAttorney?

    /// The longest `number`, `clerk`.
    public static let numberBytesMax = 40
    /// The longest `clerk`.
    public static let clerkBytesMax = 32

    /// Creates a check of its parts.
    public init(
        document: IdentityDocument, number: String, clerk: String, proxy: PowerOfAttorney?
    ) {
        self.document = document
        self.number = number
        self.clerk = clerk
        self.proxy = proxy
    }
}

/// A power of attorney that a person gave to an agent.
public struct PowerOfAttorney: Sendable, Hashable {
    /// The agent's name, 1...60 bytes.
    public var agentName: String
    /// The agent's ID number.
    public var agentIDNumber: IDNumber
    /// The paper's reference, 1...64 bytes.
    public var reference: String
    /// The last day on which it holds.
    public var validUntil: CivilDate

    /// The longest `agentName`.
    public static let nameBytesMax = 60
    /// The longest `reference`, and the longest reference of a gateway's session.
    public static let referenceBytesMax = 64

    /// Creates a power of its parts.
    public init(
        agentName: String, agentIDNumber: IDNumber, reference: String, validUntil: CivilDate
    ) {
        self.agentName = agentName
        self.agentIDNumber = agentIDNumber
        self.reference = reference
        self.validUntil = validUntil
    }
}

/// Says that a person's records were asked for or changed, by whom and by what right.
///
/// Part of the journal entry of the request that did it; the person may ask for all of them.
public struct AccessRow: Sendable, Hashable {
    /// Whose records.
    public var person: PersonID
    /// Where.
    public var institution: InstitutionID
    /// By which terminal.
    public var terminal: TerminalID
    /// By what right, without secrets.
    public var right: AccessRight

    /// Creates a row of its parts.
    public init(
        person: PersonID, institution: InstitutionID, terminal: TerminalID, right: AccessRight
    ) {
        self.person = person
        self.institution = institution
        self.terminal = terminal
        self.right = right
    }
}

/// The right that an access was granted by, as the access log keeps it.
public enum AccessRight: Sendable, Hashable {
    case pin
    case documents(IdentityCheck)
    case gatewaySession(String)
    /// The terminal's role is enough: a collector's payment, an employer's own employee.
    case role(Role)
    /// The agency's clerk of this name works on the person's claim.
    case clerk(String)
}

/// One line of a person's access log.
public struct Access: Sendable, Hashable {
    /// The journal entry that holds it.
    public var sequence: UInt64
    /// When, milliseconds since 1970 UTC.
    public var time: Int64
    /// What was asked.
    public var kind: RequestKind
    /// Who asked, and by what right.
    public var row: AccessRow

    /// Creates a line of its parts.
    public init(sequence: UInt64, time: Int64, kind: RequestKind, row: AccessRow) {
        self.sequence = sequence
        self.time = time
        self.kind = kind
        self.row = row
    }
}

extension JournalEntry {
    /// What this entry adds to access logs.
    public var accesses: [Access] {
        changes.compactMap { change in
            guard case .access(let row) = change else { return nil }
            return Access(sequence: sequence, time: time, kind: kind, row: row)
        }
    }
}
