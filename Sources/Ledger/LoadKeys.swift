import SettlementDomain

/// What a batch of requests may read.
///
/// Keys may occur more than once. The store follows a card to its person, the person to account,
/// family owners and their accounts.
public struct LoadKeys: Sendable {
    /// A card and how far to follow it.
    public struct Card: Sendable, Hashable {
        /// The card's number.
        public var number: CardNumber
        /// The year whose accumulators are wanted; nil: none.
        public var year: UInt16?
        /// Whether the family owners' persons and accounts are wanted.
        public var family: Bool
        /// The visit whose benefit category alone is wanted of the year; nil: all of them.
        public var visit: Visit?
        /// Whether the person's open stays are wanted.
        public var stays: Bool

        /// A visit before its person is known.
        public struct Visit: Sendable, Hashable {
            /// What for.
            public var type: VisitType
            /// When; in the key's year.
            public var day: CivilDate

            /// Creates a visit of its parts.
            public init(type: VisitType, day: CivilDate) {
                self.type = type
                self.day = day
            }
        }

        /// Creates a key of its parts.
        public init(
            number: CardNumber, year: UInt16?, family: Bool, visit: Visit? = nil,
            stays: Bool = false
        ) {
            self.number = number
            self.year = year
            self.family = family
            self.visit = visit
            self.stays = stays
        }
    }

    /// An item whose use in the past decides about a restriction.
    public struct Usage: Sendable, Hashable {
        /// The card of the person whose use is wanted.
        public var card: CardNumber
        /// The item.
        public var code: ItemCode

        /// Creates a key of its parts.
        public init(card: CardNumber, code: ItemCode) {
            self.card = card
            self.code = code
        }
    }

    /// Somebody whom a request is about, with their account.
    public struct Holder: Sendable, Hashable {
        /// Whom.
        public var subject: Subject
        /// Whether all cards of the person are wanted.
        public var cards: Bool
        /// Whether the person's links are wanted, as a relative and as an owner.
        public var family: Bool

        /// Creates a key of its parts.
        public init(subject: Subject, cards: Bool = false, family: Bool = false) {
            self.subject = subject
            self.cards = cards
            self.family = family
        }
    }

    /// A contribution, before its person is known.
    public struct Contribution: Sendable, Hashable {
        /// The person's ID number.
        public var idNumber: IDNumber
        /// For what.
        public var period: ContributionPeriod

        /// Creates a key of its parts.
        public init(idNumber: IDNumber, period: ContributionPeriod) {
            self.idNumber = idNumber
            self.period = period
        }
    }

    /// A stay and how far to follow it, always to its person.
    public struct Stay: Sendable, Hashable {
        /// How far.
        public enum Depth: Sendable, Hashable {
            /// The stay alone.
            case row
            /// And one of its uploads.
            case upload(UInt16)
            /// And every upload, with what is known of their items and trace codes.
            case fees
            /// And every upload, and the discharge that stands.
            case details
        }

        /// The stay.
        public var admission: AdmissionID
        /// How far.
        public var depth: Depth
        /// Items whose use in the past a discharge in the same batch may ask for.
        public var codes: [ItemCode]

        /// Creates a key of its parts.
        public init(admission: AdmissionID, depth: Depth, codes: [ItemCode] = []) {
            self.admission = admission
            self.depth = depth
            self.codes = codes
        }
    }

    /// Bills that a request claims, or those of a claim.
    public struct Claim: Sendable, Hashable {
        /// Whose bills, or which claim's.
        public var subject: Subject
        /// The bills; those of a stored claim are not named here.
        public var bills: [Bill]
        /// Whether all that deciding reads is wanted: the years' use, past uses, trace codes.
        public var decides: Bool

        /// A bill before its claim is stored.
        public struct Bill: Sendable, Hashable {
            /// Its name.
            public var key: BillKey
            /// The settlement that it may be: at this institution, on this date, of this total.
            public var institution: InstitutionID?
            /// When the services were given.
            public var serviceDate: CivilDate
            /// The sum of its lines.
            public var total: Money
            /// The items whose past use decides about a restriction.
            public var codes: [ItemCode]
            /// Its trace codes.
            public var traceCodes: [TraceCode]

            /// Creates a bill of its parts.
            public init(
                key: BillKey, institution: InstitutionID?, serviceDate: CivilDate, total: Money,
                codes: [ItemCode], traceCodes: [TraceCode]
            ) {
                self.key = key
                self.institution = institution
                self.serviceDate = serviceDate
                self.total = total
                self.codes = codes
                self.traceCodes = traceCodes
            }
        }

        /// Creates a key of its parts.
        public init(subject: Subject, bills: [Bill] = [], decides: Bool) {
            self.subject = subject
            self.bills = bills
            self.decides = decides
        }
    }

    /// Requests whose recorded answers are wanted.
    public var answers: [RequestKey] = []
    /// Cards.
    public var cards: [Card] = []
    /// Persons whom requests are about.
    public var subjects: [Holder] = []
    /// Persons named directly, with their accounts and family rows.
    public var persons: [PersonID] = []
    /// Trace codes.
    public var traceCodes: [TraceCode] = []
    /// Uses of restricted items.
    public var usages: [Usage] = []
    /// Settlements.
    public var settlements: [SettlementID] = []
    /// Settlements that are to be undone, with every row that this changes.
    public var undone: [SettlementID] = []
    /// Requests that are to be reversed or asked about: their recorded answers, and the settlements
    /// that they made or undid, as for `undone`.
    public var originals: [RequestKey] = []
    /// Credits.
    public var credits: [CreditKey] = []
    /// Payments of clearing, with what the books say is owed.
    public var clearings: [ClearingKey] = []
    /// Lines of declarations, which may have been answered.
    public var declarationLines: [DeclarationLineKey] = []
    /// Runs of interest, whose years' balances are wanted.
    public var yearBalances: [PeriodicRow] = []
    /// Contributions of whoever has an ID number.
    public var contributions: [Contribution] = []
    /// Stays in hospital.
    public var stays: [Stay] = []
    /// Claims and their bills.
    public var claims: [Claim] = []
    /// Bills that a settlement names.
    public var bills: [BillKey] = []
    /// Whether a request of the batch may change persons or policies, so that those of before it do
    /// not tell which benefit category a later one needs.
    public var changesPolicies = false

    /// Creates a set without keys.
    public init() {}

    /// Forgets every key, keeping the room.
    public mutating func removeAll() {
        answers.removeAll(keepingCapacity: true)
        cards.removeAll(keepingCapacity: true)
        subjects.removeAll(keepingCapacity: true)
        persons.removeAll(keepingCapacity: true)
        traceCodes.removeAll(keepingCapacity: true)
        usages.removeAll(keepingCapacity: true)
        settlements.removeAll(keepingCapacity: true)
        undone.removeAll(keepingCapacity: true)
        originals.removeAll(keepingCapacity: true)
        credits.removeAll(keepingCapacity: true)
        clearings.removeAll(keepingCapacity: true)
        contributions.removeAll(keepingCapacity: true)
        yearBalances.removeAll(keepingCapacity: true)
        declarationLines.removeAll(keepingCapacity: true)
        stays.removeAll(keepingCapacity: true)
        claims.removeAll(keepingCapacity: true)
        bills.removeAll(keepingCapacity: true)
        changesPolicies = false
    }
}
