import Ledger
import SettlementDomain

// Rows whose contents are too large to be stored twice: their tables say in which journal entry
// they are.

/// Where a journal entry lies: under the account it is filed by, at its number.
struct EntryPlace: Hashable, Sendable {
    /// A person's id; below zero for requests that are about nobody known.
    var account: Int64
    var sequence: UInt64

    /// The places as two arrays, accounts first.
    static func parameters(_ places: some Collection<EntryPlace>) -> [Command.Parameter] {
        var accounts = ColumnArray(.int8, capacity: places.count)
        var sequences = ColumnArray(.int8, capacity: places.count)
        for place in places {
            accounts.integer(place.account)
            sequences.integer(Int64(bitPattern: place.sequence))
        }
        return [accounts.parameter(), sequences.parameter()]
    }
}

/// Where a request's recorded answer is, or the reversal that stands in its place.
struct AnswerMark: Stored {
    var key: RequestKey
    var kind: RequestKind
    var code: ResponseCode
    var reason: Reason
    var account: Int64

    static let table = Table(
        "answer", keys: .requestKey,
        values: [
            Column("kind", .int2), Column("code", .int2), Column("reason", .int4),
            .account,
        ])

    init(_ row: AnswerRow, account: Int64) {
        key = row.key
        kind = row.kind
        code = row.code
        reason = row.reason
        self.account = account
    }

    /// Stands for the answer until the request arrives.
    init(_ row: TombstoneRow, account: Int64) {
        key = row.original
        kind = .reversal
        code = .noActionTaken
        reason = .reversedBeforeArrival
        self.account = account
    }

    static func write(_ key: RequestKey, to writer: inout ColumnWriter) { writer.key(key) }

    func writeValues(to writer: inout ColumnWriter) {
        writer.choice(kind)
        writer.choice(code)
        writer.choice(reason)
        writer.integer(account)
    }

    init(from reader: inout ColumnReader) throws(StoreFault) {
        key = try reader.key()
        kind = try reader.choice("kind")
        code = try reader.choice("code")
        reason = try reader.choice("reason")
        account = reader.integer()
    }
}

/// A settlement as lists need it; lines and split are in the journal entry `seq`.
struct SettlementMark: Stored {
    struct Key: Hashable, Sendable {
        var person: PersonID
        var id: SettlementID
    }

    var key: Key
    var state: SettlementRow.State
    var institution: InstitutionID
    var bookedDate: CivilDate
    var serviceDate: CivilDate
    var total: Money
    var pooled: Money
    var large: Money
    var supplement: Money
    var account: Money
    var family: Money
    var cash: Money

    static let table = Table(
        "settlement", keys: [.person] + .requestKey,
        values: [
            Column("state", .int2), Column("institution", .text), Column("booked_date", .int4),
            Column("service_date", .int4),
        ]
            + ["total", "pooled", "large", "supplement", "account", "family", "cash"].map {
                Column($0, .int8)
            })

    init(_ row: SettlementRow) {
        key = Key(person: row.person, id: row.id)
        state = row.state
        institution = row.institution
        bookedDate = row.bookedDate
        serviceDate = row.serviceDate
        total = row.split.total
        pooled = row.split.pooled
        large = row.split.large
        supplement = row.split.supplement
        account = row.split.account
        family = row.split.family
        cash = row.split.cash
    }

    static func write(_ key: Key, to writer: inout ColumnWriter) {
        writer.person(key.person)
        writer.key(key.id.key)
    }

    func writeValues(to writer: inout ColumnWriter) {
        writer.choice(state)
        writer.text(institution.text)
        writer.date(bookedDate)
        writer.date(serviceDate)
        for amount in [total, pooled, large, supplement, account, family, cash] {
            writer.money(amount)
        }
    }

    init(from reader: inout ColumnReader) throws(StoreFault) {
        key = Key(person: try reader.person("person"), id: SettlementID(try reader.key()))
        state = try reader.choice("state")
        institution = try reader.institution("institution")
        bookedDate = try reader.date("booked_date")
        serviceDate = try reader.date("service_date")
        total = try reader.money("total")
        pooled = try reader.money("pooled")
        large = try reader.money("large")
        supplement = try reader.money("supplement")
        account = try reader.money("account")
        family = try reader.money("family")
        cash = try reader.money("cash")
    }

    static func isBefore(_ left: Key, _ right: Key) -> Bool {
        left.person == right.person
            ? left.id.key < right.id.key : left.person < right.person
    }

    static func person(of key: Key) -> PersonID? { key.person }
}

/// A claim as lists need it; the claim itself is in the journal entry `seq`.
struct ClaimMark: Stored {
    var id: ClaimID
    var person: PersonID
    var state: ClaimRow.State
    var due: CivilDate?
    var account: Int64

    static let table = Table(
        "claim", keys: .requestKey,
        values: [
            .person, Column("state", .int2), Column("due", .int4),
            .account,
        ])

    var key: ClaimID { id }

    init(_ row: ClaimRow, account: Int64) {
        id = row.id
        person = row.person
        state = row.state
        due = row.due
        self.account = account
    }

    static func write(_ key: ClaimID, to writer: inout ColumnWriter) { writer.key(key.key) }

    func writeValues(to writer: inout ColumnWriter) {
        writer.person(person)
        writer.choice(state)
        writer.optionalDate(due)
        writer.integer(account)
    }

    init(from reader: inout ColumnReader) throws(StoreFault) {
        id = ClaimID(try reader.key())
        person = try reader.person("person")
        state = try reader.choice("state")
        due = reader.isNull() ? nil : try reader.date("due")
        account = reader.integer()
    }
}

/// An upload of fees; its lines are in the journal entry `seq`.
struct FeeUploadMark: Stored {
    var key: FeeUploadKey
    var account: Int64

    static let table = Table(
        "fee_upload", keys: .requestKey + [Column("number", .int4)],
        values: [.account])

    init(_ row: FeeUploadRow, account: Int64) {
        key = row.key
        self.account = account
    }

    static func write(_ key: FeeUploadKey, to writer: inout ColumnWriter) {
        writer.key(key.admission.key)
        writer.number(key.number)
    }

    func writeValues(to writer: inout ColumnWriter) { writer.integer(account) }

    init(from reader: inout ColumnReader) throws(StoreFault) {
        let admission = AdmissionID(try reader.key())
        key = FeeUploadKey(admission: admission, number: try reader.number("number"))
        account = reader.integer()
    }

    static func isBefore(_ left: FeeUploadKey, _ right: FeeUploadKey) -> Bool {
        left.admission == right.admission
            ? left.number < right.number : left.admission < right.admission
    }
}

/// A catalog version; its entries are in the journal entry `seq`.
struct CatalogMark: Stored {
    var version: CatalogVersion
    var account: Int64

    static let table = Table(
        "catalog", keys: [Column("version", .int8)], values: [.account])

    var key: CatalogVersion { version }

    init(_ row: CatalogRow, account: Int64) {
        version = row.catalog.version
        self.account = account
    }

    static func write(_ key: CatalogVersion, to writer: inout ColumnWriter) {
        writer.number(key.rawValue)
    }

    func writeValues(to writer: inout ColumnWriter) { writer.integer(account) }

    init(from reader: inout ColumnReader) throws(StoreFault) {
        version = CatalogVersion(rawValue: try reader.number("version"))
        account = reader.integer()
    }
}
