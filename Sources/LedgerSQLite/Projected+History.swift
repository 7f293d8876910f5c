import Ledger
import SettlementDomain

/// Where a request's recorded answer is: the journal entry that holds it.
struct AnswerMark: Projected {
    var key: RequestKey
    var kind: RequestKind
    var code: ResponseCode
    var reason: Reason

    static var table: String { "answer" }
    static var keyColumns: [String] { ["terminal", "date", "stan"] }
    static var columns: [String] { ["kind", "code", "reason"] }

    init(_ row: AnswerRow) {
        key = row.key
        kind = row.kind
        code = row.code
        reason = row.reason
    }

    /// Stands for the answer until the request arrives.
    init(_ row: TombstoneRow) {
        key = row.original
        kind = .reversal
        code = .noActionTaken
        reason = .reversedBeforeArrival
    }

    static func bind(_ key: RequestKey, to binder: inout ColumnBinder) {
        binder.key(key)
    }

    func bind(to binder: inout ColumnBinder) {
        binder.key(key)
        binder.choice(kind)
        binder.choice(code)
        binder.choice(reason)
    }

    init(from reader: inout ColumnReader) throws {
        key = try reader.key()
        kind = try reader.choice("kind")
        code = try reader.choice("code")
        reason = try reader.choice("reason")
    }

    static func position(of key: RequestKey) -> TreePosition {
        key.position
    }
}

extension AnswerMark: Added {
    var thread: RequestKey { key }
}

/// A settlement as lists and sums need it; lines and split are in the journal entry `seq`.
///
/// It lies under the number of the entry that made it, which its id's answer names.
struct SettlementMark: Projected {
    var created: UInt64
    var id: SettlementID
    var state: SettlementRow.State
    var person: PersonID
    var institution: InstitutionID
    var bookedDate: CivilDate
    var time: Int64
    var serviceDate: CivilDate
    var visitType: VisitType
    var total: Money
    var pooled: Money
    var large: Money
    var supplement: Money
    var account: Money
    var family: Money
    var cash: Money

    static var table: String { "settlement" }
    static var keyColumns: [String] { ["created"] }
    static var columns: [String] {
        [
            "terminal", "date", "stan", "state", "person", "institution", "booked_date", "time",
            "service_date", "visit_type", "total", "pooled", "large", "supplement", "account",
            "family", "cash",
        ]
    }

    /// Finds a settlement by its id, through the answer of the request that made it.
    static var selectSQL: String {
        let columns = (keyColumns + columns + ["seq"]).map { "settlement.\($0)" }
        return "SELECT \(columns.joined(separator: ", ")) FROM answer "
            + "JOIN settlement ON settlement.created = answer.seq "
            + "WHERE answer.terminal = ? AND answer.date = ? AND answer.stan = ?"
    }

    var key: RequestKey { id.key }

    init(_ row: SettlementRow, created: UInt64) {
        self.created = created
        id = row.id
        state = row.state
        person = row.person
        institution = row.institution
        bookedDate = row.bookedDate
        time = row.time
        serviceDate = row.serviceDate
        visitType = row.visitType
        total = row.split.total
        pooled = row.split.pooled
        large = row.split.large
        supplement = row.split.supplement
        account = row.split.account
        family = row.split.family
        cash = row.split.cash
    }

    static func bind(_ key: RequestKey, to binder: inout ColumnBinder) {
        binder.key(key)
    }

    func bind(to binder: inout ColumnBinder) {
        binder.integer(created)
        binder.key(id.key)
        binder.choice(state)
        binder.person(person)
        binder.institution(institution)
        binder.date(bookedDate)
        binder.integer(time)
        binder.date(serviceDate)
        binder.choice(visitType)
        binder.money(total)
        binder.money(pooled)
        binder.money(large)
        binder.money(supplement)
        binder.money(account)
        binder.money(family)
        binder.money(cash)
    }

    init(from reader: inout ColumnReader) throws {
        created = reader.unsigned()
        id = SettlementID(try reader.key())
        state = try reader.choice("state")
        person = try reader.person("person")
        institution = try reader.checked(InstitutionID(reader.text()), "institution")
        bookedDate = try reader.date("booked_date")
        time = reader.integer()
        serviceDate = try reader.date("service_date")
        visitType = try reader.choice("visit_type")
        total = try reader.money("total")
        pooled = try reader.money("pooled")
        large = try reader.money("large")
        supplement = try reader.money("supplement")
        account = try reader.money("account")
        family = try reader.money("family")
        cash = try reader.money("cash")
    }

    static func position(of key: RequestKey) -> TreePosition {
        key.position
    }

    var position: TreePosition { TreePosition(created) }
}

/// What one journal entry did to one person: moved money of the account, changed a settlement,
/// looked at records, or several of these.
struct HistoryMark: Projected {
    struct Key: Hashable, Sendable {
        /// Of the entry, by the store's ``Eras``.
        var era: UInt64
        var person: PersonID
        var sequence: UInt64
    }

    /// Money that moved.
    struct Move: Hashable, Sendable {
        var amount: Money
        var balance: Money
    }

    var key: Key
    var move: Move?
    var time: Int64
    var bookedDate: CivilDate
    var kind: RequestKind
    /// The entry that made the settlement to which this belongs.
    var settlement: UInt64?
    /// Whether the settlement is this person's own and this entry changed it.
    var isOwnSettlement: Bool
    /// Whether the entry adds a line to the person's access log.
    var isAccess: Bool

    static var table: String { "history" }
    static var keyColumns: [String] { ["era", "person", "seq"] }
    static var columns: [String] {
        ["amount", "balance", "time", "booked_date", "kind", "settlement", "own", "access"]
    }
    static var allColumns: String { (keyColumns + columns).joined(separator: ", ") }

    /// Finds the rows of a person in one era, before an entry, newest first.
    static func select(where condition: String) -> String {
        "SELECT \(allColumns) FROM history WHERE era = ? AND person = ? AND seq < ? "
            + "AND \(condition) ORDER BY seq DESC"
    }

    var sequenceInKey: UInt64? { key.sequence }

    init(
        key: Key, move: Move?, entry: JournalEntry, settlement: UInt64?, isOwnSettlement: Bool,
        isAccess: Bool
    ) {
        self.key = key
        self.move = move
        self.settlement = settlement
        self.isOwnSettlement = isOwnSettlement
        self.isAccess = isAccess
        time = entry.time
        bookedDate = entry.bookedDate
        kind = entry.kind
    }

    static func bind(_ key: Key, to binder: inout ColumnBinder) {
        binder.integer(key.era)
        binder.person(key.person)
        binder.integer(key.sequence)
    }

    func bind(to binder: inout ColumnBinder) {
        Self.bind(key, to: &binder)
        if let move {
            binder.money(move.amount)
            binder.money(move.balance)
        } else {
            binder.null()
            binder.null()
        }
        binder.integer(time)
        binder.date(bookedDate)
        binder.choice(kind)
        if let settlement { binder.integer(settlement) } else { binder.null() }
        binder.flag(isOwnSettlement)
        binder.flag(isAccess)
    }

    init(from reader: inout ColumnReader) throws {
        key = Key(
            era: reader.unsigned(), person: try reader.person("person"),
            sequence: reader.unsigned())
        if reader.isNull() {
            _ = reader.isNull()
        } else {
            move = Move(amount: try reader.money("amount"), balance: try reader.money("balance"))
        }
        time = reader.integer()
        bookedDate = try reader.date("booked_date")
        kind = try reader.choice("kind")
        settlement = reader.isNull() ? nil : reader.unsigned()
        isOwnSettlement = try reader.flag("own")
        isAccess = try reader.flag("access")
    }

    static func position(of key: Key) -> TreePosition {
        TreePosition(key.era, key.person.rawValue)
    }
}

extension HistoryMark: Added {
    var thread: PersonID { key.person }

    static func hash(of person: PersonID) -> UInt64 { KeyHash.of(person.rawValue) }
}
