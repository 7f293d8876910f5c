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
    var from = 0
}

/// A version of the policy.
struct ModelPolicy {
    struct Terms {
        var deductible: Int
        var ratio: Int
        var pooledCap: Int
        var largeRatio: Int
        var largeCap: Int
    }

    var version: Int
    var from: Int
    var employee: Terms
    var resident: Terms
    /// Enrolled persons' one plan.
    var planRatio: Int
    var planCap: Int
    /// The first service day on which medicines need trace codes.
    var tracesFrom: Int
}

/// An insured person.
struct ModelPerson {
    var isWoman: Bool
    var isEmployee: Bool
    var hasPlan: Bool
    var hasAccount: Bool
    var isFrozen = false
    var isSuspended = false
    var pin: Int
    var wrongPINs = 0
    /// Owners in their order, with limits of year and day.
    var owners: [(person: Int, yearly: Int?, daily: Int?)] = []
}

/// A designated institution.
struct ModelInstitution {
    enum Kind { case pharmacy, hospital, vaccination }

    var kind: Kind
    var isSuspended = false
}

/// The key of a request: terminal, day, number.
struct ModelKey: Hashable {
    var terminal: Int
    var day: Int
    var stan: Int
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
}

/// A request as its terminal means it.
enum ModelRequest {
    case bill(ModelBill, settles: Bool)
    case inquiry(person: Int?, pin: Int?)
    case void(ModelKey, person: Int?, total: Int)
    case refund(ModelKey, person: Int?, lines: [ModelRefundLine], total: Int?)
    case reversal(ModelKey, person: Int?, total: Int)
}

struct ModelBill {
    var visit: Visit
    /// Nil: a card that nobody has.
    var person: Int?
    /// Nil: a block that cannot be opened.
    var pin: Int?
    var lines: [ModelLine]
    var total: Int
    var partial: Bool
    var accountLimit: Int?
    /// The quote that the bill names.
    var quote: ModelKey?

    enum Visit { case purchase, outpatient, vaccination }
}

struct ModelRefundLine {
    var line: Int
    /// Nil: all that remains.
    var thousandths: Int?
    var traces: [String]
}
