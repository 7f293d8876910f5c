/// The model's own words: whole numbers and texts, nothing of the ledger's types.
///
/// Written from Protocol/ alone, plain and slow: it keeps what happened and adds it up anew for
/// each question.

/// An item of the catalog.
struct ModelItem {
    enum Kind { case medicine, supply, disinfectant, service, vaccine1, vaccine2, health, cosmetic }
    enum Level { case a, b, none }

    var code: String
    var kind: Kind
    var level: Level
    /// Ten-thousandths.
    var selfPay = 0
    /// Ten-thousandths of a yuan a unit.
    var ceiling: Int?
    var accountAllowed = true
    var isForWomen = false
    /// At most so many thousandths in so many days.
    var most: (thousandths: Int, days: Int)?
    /// The first day, counted as `ModelDay`.
    var from = -1_000
}

/// A version of the policy.
struct ModelPolicy {
    struct Terms {
        var deductible: Int
        /// Of the second stay of a year, the third and so on; empty: all stays share the first.
        var laterDeductibles: [Int] = []
        var ratio: Int
        var pooledCap: Int
        var largeRatio: Int
        var largeCap: Int
    }

    var version: Int
    var from: Int
    var employee: Terms
    var resident: Terms
    var employeeInpatient: Terms
    var residentInpatient: Terms
    /// Enrolled persons' one plan.
    var planRatio: Int
    var planCap: Int
    /// The first service day on which medicines need trace codes.
    var tracesFrom: Int
    var contributions: ModelContributionTerms

    func terms(isEmployee: Bool, _ benefit: ModelBenefit) -> Terms {
        switch benefit {
        case .outpatient: isEmployee ? employee : resident
        case .inpatient: isEmployee ? employeeInpatient : residentInpatient
        }
    }
}

/// Whose limits of a year a visit uses.
enum ModelBenefit: CaseIterable { case outpatient, inpatient }

/// What a policy asks of contributions.
struct ModelContributionTerms {
    var employer: Int
    var individual: Int
    var floor: Int
    var ceiling: Int
    /// Ages from which a share of the base goes to the account, ascending.
    var bands: [(age: Int, share: Int)]
    /// What a resident pays for a year.
    var yearly: Int
    var ahead: Int
    /// So many unpaid months suspend.
    var suspendedAfter: Int
    /// The first month, counted as `ModelCalendar.month`, of which arrears are counted.
    var countedFrom: Int
    /// A payment counts from the next month on, not at once.
    var restoresNextMonth: Bool
}

/// An insured person.
struct ModelPerson {
    var isWoman: Bool
    var isEmployee: Bool
    var hasPlan: Bool
    var hasAccount: Bool
    var isFrozen = false
    /// The last suspension of coverage; nil: there was none.
    var suspension: ModelSuspension?
    /// On its first of January.
    var birthYear = 1980
    /// Where the contributions come from; nil: from the person.
    var employer: Int?
    /// The newest month that was paid for.
    var paidThrough: Int?
    /// Owners in their order.
    var owners: [ModelLink] = []

    func isSuspended(on day: Int) -> Bool {
        guard let suspension else { return false }
        return (suspension.from ?? day) <= day && day < (suspension.until ?? day + 1)
    }
}

struct ModelSuspension: Equatable {
    /// The first day that is not covered; nil: every day before is not either.
    var from: Int?
    /// The first day that is covered again.
    var until: Int?
}

/// An owner on whose account somebody may draw.
struct ModelLink: Equatable {
    var person: Int
    var yearly: Int?
    var daily: Int?
    /// How many requests had been decided when the link was made: what was drawn before is not its
    /// own.
    var since = 0
}

/// A card.
struct ModelCard: Equatable {
    enum State: Int { case active = 1, lost = 2, cancelled = 3 }

    var person: Int
    var state = State.active
    /// The last day on which it is good.
    var expires = 3_000
    /// Nil: never set.
    var pin: Int?
    var wrongPINs = 0
}

/// An institution, or whoever else terminals stand at.
struct ModelInstitution {
    enum Kind { case pharmacy, hospital, vaccination, agency, bank, employer }

    var kind: Kind
    var isSuspended = false
}

/// What a terminal may ask.
enum ModelRole { case pharmacy, hospital, vaccination, counter, gateway, collector, employer }

/// The key of a request: terminal, day, number.
struct ModelKey: Hashable, CustomStringConvertible {
    var terminal: Int
    var day: Int
    var stan: Int

    var description: String { "\(terminal)/\(day).\(stan)" }
}

/// A line of a bill.
struct ModelLine: Equatable {
    /// The place in the catalog; one past its end: a code that nobody knows.
    var item: Int
    var thousandths: Int
    /// Ten-thousandths of a yuan a unit.
    var price: Int
    /// Fen.
    var amount: Int
    var traces: [String]
    /// Of a stay's fee: the day on which it was given.
    var day: Int?
}

/// What a line, or a part of one, came to.
struct ModelPart: Equatable {
    var line: Int
    var reason: Int
    var thousandths: Int
    var amount: Int
    var full = 0
    var over = 0
    var first = 0
    var scope = 0
    var pooled = 0
    var large = 0
    var supplement = 0
    var account = 0
    var family = 0
    var cash = 0

    var isCatalog: Bool { reason <= 2 }
    var isExcluded: Bool { reason >= 40 }
}

/// Who pays what of a bill.
struct ModelSplit: Equatable {
    var total = 0
    var full = 0
    var over = 0
    var first = 0
    var scope = 0
    var deductible = 0
    var pooled = 0
    var large = 0
    var scopeSelfPay = 0
    var supplement = 0
    var personal = 0
    var excluded = 0
    var payable = 0
    var account = 0
    var family = 0
    var cash = 0
    var parts: [ModelPart] = []
    /// By person, in the order of links.
    var owners: [ModelShare] = []
}

struct ModelShare: Equatable {
    var person: Int
    var amount: Int
}

/// What the model says that a request is answered.
struct ModelAnswer {
    var code: Int
    var reason: Int
    var triesLeft = 0
    /// Of quotes and settles that came as far as the split; of undoings what is given back.
    var split: ModelSplit?
    /// The own balance after it.
    var balance: Int?
    /// What else is told.
    var told: ModelTold?
    /// What was asked for is read besides, and not recorded.
    var isOfQuery = false
}

/// What an answer tells that has no split.
enum ModelTold: Equatable {
    case inquiry(isSuspended: Bool)
    case card(number: Int, ModelCard.State, expires: Int, hasPIN: Bool, cancelled: Int)
    case link(position: Int, yearly: Int?, daily: Int?, thisYear: Int, today: Int)
    case payment(
        credited: Int, pooled: Int, balance: Int?, isSuspended: Bool, coveredFrom: Int?,
        paidThrough: Int?)
    case declaration(accepted: Int, refused: [ModelLineRefusal])
    case claim(ModelClaim.State, total: Int, approved: Int, awards: [String])
    case stay(
        ModelStay.State, uploads: Int, lines: Int, total: Int, settlement: ModelKey?, upload: Int?)
}

struct ModelLineRefusal: Equatable {
    var line: Int
    var code: Int
    var reason: Int
}

/// A request as its terminal means it.
///
/// Cards are numbered; nil: one that nobody has.
enum ModelRequest {
    case bill(ModelBill, settles: Bool)
    case inquiry(card: Int?, pin: Int?)
    case void(ModelKey, card: Int?, total: Int)
    case refund(ModelKey, card: Int?, lines: [ModelRefundLine], total: Int?)
    case reversal(ModelKey, card: Int?, total: Int)
    case card(ModelCardService)
    case family(ModelFamilyStep)
    case payment(ModelPayment)
    case declaration(ModelDeclaration)
    case stay(ModelStayStep)
    case query(ModelQuery)
    case claim(ModelClaimStep)
}

struct ModelBill {
    var visit: Visit
    var card: Int?
    /// Nil: a block that cannot be opened.
    var pin: Int?
    var lines: [ModelLine]
    var total: Int
    var partial: Bool
    var accountLimit: Int?
    /// The day of the service; nil: the key's.
    var on: Int?
    /// The quote that the bill names.
    var quote: ModelKey?

    enum Visit {
        case purchase, outpatient, vaccination, inpatient

        /// Nil: it gives no pooled benefit.
        var benefit: ModelBenefit? {
            switch self {
            case .purchase, .vaccination: nil
            case .outpatient: .outpatient
            case .inpatient: .inpatient
            }
        }
    }
}

struct ModelRefundLine {
    var line: Int
    /// Nil: all that remains.
    var thousandths: Int?
    var traces: [String]
}

/// Whom a request is about.
enum ModelSubject {
    /// The holder of a card; nil: a card that nobody has.
    case card(Int?)
    /// The person with an ID number; nil: nobody has it.
    case idNumber(Int?)
}

/// By what right somebody asks.
enum ModelRight {
    /// Nil: a block that cannot be opened.
    case pin(Int?)
    case documents(isOwnID: Bool, proxyUntil: Int?)
    case session
}

struct ModelCardService {
    enum Step {
        /// Nil: a block that cannot be opened.
        case changePIN(Int?)
        case reportLoss
        case withdrawLoss
        /// A new card; `pin` nil: none is set yet.
        case reissue(card: Int, expires: Int, pin: NewPIN)
        case unlockPIN
    }

    enum NewPIN { case none, unusable, set(Int) }

    var subject: ModelSubject
    var right: ModelRight
    var step: Step
}

struct ModelFamilyStep {
    enum Relationship: Int { case spouse = 1, parent, child, grandparent }

    struct Terms {
        var relationship: Relationship
        var yearly: Int?
        var daily: Int?
        var position: Int?
    }

    var subject: ModelSubject
    var right: ModelRight
    var relative: ModelSubject
    /// Nil: the link ends.
    var terms: Terms?
}

/// A contribution as somebody says that it is due.
struct ModelPayment: Equatable {
    enum Employer: Equatable { case registered, unreadable, named(Int) }

    /// Nil: no name at all.
    var isNameRight: Bool?
    /// Nil: an ID number that is none.
    var person: Person?
    /// `yyyymm`; one that is none is sent as 0.
    var period: Int?
    var base: Int
    var employerPart: Int
    var individualPart: Int
    var employer = Employer.registered

    enum Person: Equatable { case known(Int), nobody }
}

struct ModelDeclaration {
    var name: Int
    var firstLine: Int
    var lines: [ModelPayment]
}
