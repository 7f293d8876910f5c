import Ledger
import SettlementDomain

/// A row that lies in a table of its own.
protocol Stored: Sendable, Equatable {
    associatedtype Key: Hashable & Sendable

    static var table: Table { get }
    var key: Key { get }
    /// Writes the key's columns.
    static func write(_ key: Key, to writer: inout ColumnWriter) throws(StoreFault)
    /// Writes the other columns.
    func writeValues(to writer: inout ColumnWriter) throws(StoreFault)
    /// Reads the key's columns and the others.
    init(from reader: inout ColumnReader) throws(StoreFault)
    /// In which order transactions take rows, so that they seldom wait for each other in a circle.
    static func isBefore(_ left: Key, _ right: Key) -> Bool
    /// Whose row it is, where the key says so.
    static func person(of key: Key) -> PersonID?
}

extension Stored {
    static func person(of key: Key) -> PersonID? { nil }
}

extension Stored where Key: Comparable {
    static func isBefore(_ left: Key, _ right: Key) -> Bool { left < right }
}

/// A row whose last column is itself in the journal's coding, sealed, behind the columns by which it
/// is found.
protocol Coded: Stored, Journaled {
    /// Writes the columns between key and `row`.
    func writeSearched(to writer: inout ColumnWriter)
}

extension Coded {
    func writeSearched(to writer: inout ColumnWriter) {}

    func writeValues(to writer: inout ColumnWriter) throws(StoreFault) {
        writeSearched(to: &writer)
        try writer.sealed(JournalCoding.encode(self), place: Self.table.place)
    }

    init(from reader: inout ColumnReader) throws(StoreFault) {
        reader.skip(Self.table.keys.count + Self.table.values.count - 1)
        self = try reader.coded("row", place: Self.table.place)
    }
}

/// A row of one person.
protocol PersonKeyed: Stored where Key == PersonID {}

extension PersonKeyed {
    static func write(_ key: PersonID, to writer: inout ColumnWriter) { writer.person(key) }
    static func person(of key: PersonID) -> PersonID? { key }
}

/// A person's account, with or without money: the row by which writers notice each other.
///
/// Every entry that changes anything of a person's puts a new version of this row, so that two
/// daemons never decide about the same person from the same state.
struct AccountSlot: PersonKeyed {
    var key: PersonID
    /// Nil where the person has no individual account.
    var account: AccountRow?

    static let table = Table(
        "account", keys: [.person],
        values: [Column("balance", .int8), Column("entries", .int8), Column("head", .bytea)])

    init(_ key: PersonID, _ account: AccountRow?) {
        self.key = key
        self.account = account
    }

    /// Keeps other writers from these persons until the transaction ends.
    ///
    /// An update that changes nothing: locking selects do not work across servers.
    static func hold(_ persons: Set<PersonID>) -> Command {
        var ids = ColumnArray(.int8, capacity: persons.count)
        for person in persons.sorted() { ids.integer(Int64(person.rawValue)) }
        return Command(
            "UPDATE account AS t SET seq = t.seq FROM unnest($1::bigint[]) AS k(person) "
                + "WHERE t.person = k.person", [ids.parameter()])
    }

    func writeValues(to writer: inout ColumnWriter) throws(StoreFault) {
        guard let account else {
            for _ in 0..<3 { writer.null() }
            return
        }
        writer.money(account.balance)
        writer.integer(Int64(account.entries))
        var bytes = ByteWriter(capacity: 32)
        bytes.digest(account.head)
        // Whoever sees what an entry's bytes come to can try which bytes they are.
        try writer.sealed(bytes.bytes, place: Self.table.place)
    }

    init(from reader: inout ColumnReader) throws(StoreFault) {
        key = try reader.person("person")
        guard !reader.isNull() else {
            reader.skip(2)
            return
        }
        let balance = try reader.money("balance")
        let entries = reader.unsigned()
        var bytes = ByteReader(try reader.opened("head", place: Self.table.place))
        account = AccountRow(
            person: key, balance: balance, entries: entries,
            head: try reader.checked(try? bytes.digest(), "head"))
    }
}

extension CardRow: Coded {
    static let table = Table("card", keys: [Column("token", .bytea)], values: [.person, .row])

    var key: CardNumber { number }

    static func write(_ key: CardNumber, to writer: inout ColumnWriter) {
        writer.card(key)
    }

    func writeSearched(to writer: inout ColumnWriter) { writer.person(person) }
}

extension PersonRow: Coded, PersonKeyed {
    static let table = Table(
        "person", keys: [.person], values: [Column("id_number", .int8), .row])

    var key: PersonID { person.id }

    func writeSearched(to writer: inout ColumnWriter) {
        writer.integer(Int64(idNumber.digits))
    }
}

extension FamilyRow: Coded, PersonKeyed {
    static let table = Table("family", keys: [.person], values: [.row])
    var key: PersonID { member }
}

extension OwnerRow: Coded, PersonKeyed {
    static let table = Table("family_owner", keys: [.person], values: [.row])
    var key: PersonID { owner }
}

extension OpenStaysRow: Coded, PersonKeyed {
    static let table = Table("open_stays", keys: [.person], values: [.row])
    var key: PersonID { person }
}

extension AccumulatorRow: Coded {
    static let table = Table(
        "accumulator", keys: [.person, Column("year", .int4), Column("category", .int2)],
        values: [.row])

    static func write(_ key: AccumulatorKey, to writer: inout ColumnWriter) {
        writer.person(key.person)
        writer.number(key.year)
        writer.choice(key.category)
    }

    static func isBefore(_ left: AccumulatorKey, _ right: AccumulatorKey) -> Bool {
        (left.person, left.year, left.category.rawValue)
            < (right.person, right.year, right.category.rawValue)
    }

    static func person(of key: AccumulatorKey) -> PersonID? { key.person }
}

extension UsageRow: Coded {
    static let table = Table("usage", keys: [.person, Column("code", .text)], values: [.row])

    static func write(_ key: UsageKey, to writer: inout ColumnWriter) {
        writer.person(key.person)
        writer.text(key.code.text)
    }

    static func isBefore(_ left: UsageKey, _ right: UsageKey) -> Bool {
        (left.person, left.code.text) < (right.person, right.code.text)
    }

    static func person(of key: UsageKey) -> PersonID? { key.person }
}

extension CreditRow: Coded {
    static let table = Table("credit", keys: [.person, Column("reference", .text)], values: [.row])

    static func write(_ key: CreditKey, to writer: inout ColumnWriter) {
        writer.person(key.person)
        writer.text(key.reference)
    }

    static func isBefore(_ left: CreditKey, _ right: CreditKey) -> Bool {
        (left.person, left.reference) < (right.person, right.reference)
    }

    static func person(of key: CreditKey) -> PersonID? { key.person }
}

extension ContributionRow: Coded {
    static let table = Table(
        "contribution", keys: [.person, Column("period", .int4)], values: [.row])

    static func write(_ key: ContributionKey, to writer: inout ColumnWriter) {
        writer.person(key.person)
        writer.number(key.period.yyyymm)
    }

    static func isBefore(_ left: ContributionKey, _ right: ContributionKey) -> Bool {
        (left.person, left.period) < (right.person, right.period)
    }

    static func person(of key: ContributionKey) -> PersonID? { key.person }
}

extension TraceCodeRow: Coded {
    static let table = Table("trace_code", keys: [Column("code", .text)], values: [.row])

    var key: TraceCode { code }

    static func write(_ key: TraceCode, to writer: inout ColumnWriter) { writer.text(key.text) }
}

extension BillRow: Coded {
    static let table = Table(
        "bill", keys: [Column("code", .text), Column("number", .text)], values: [.row])

    static func write(_ key: BillKey, to writer: inout ColumnWriter) {
        writer.text(key.code)
        writer.text(key.number)
    }

    static func isBefore(_ left: BillKey, _ right: BillKey) -> Bool {
        (left.code, left.number) < (right.code, right.number)
    }
}

extension ClearingRow: Coded {
    static let table = Table(
        "clearing", keys: [Column("institution", .text), Column("date", .int4)], values: [.row])

    static func write(_ key: ClearingKey, to writer: inout ColumnWriter) {
        writer.text(key.institution.text)
        writer.date(key.date)
    }

    static func isBefore(_ left: ClearingKey, _ right: ClearingKey) -> Bool {
        (left.institution, left.date) < (right.institution, right.date)
    }
}

extension DeclarationLineRow: Coded {
    static let table = Table(
        "declaration_line",
        keys: [
            Column("institution", .text), Column("declaration", .text), Column("line", .int8),
        ], values: [.row])

    static func write(_ key: DeclarationLineKey, to writer: inout ColumnWriter) {
        writer.text(key.institution.text)
        writer.text(key.declaration)
        writer.number(key.line)
    }

    static func isBefore(_ left: DeclarationLineKey, _ right: DeclarationLineKey) -> Bool {
        (left.institution.text, left.declaration, left.line)
            < (right.institution.text, right.declaration, right.line)
    }
}

extension AdmissionRow: Coded {
    static let table = Table(
        "admission", keys: .requestKey, values: [.person, .row])

    var key: AdmissionID { id }

    static func write(_ key: AdmissionID, to writer: inout ColumnWriter) { writer.key(key.key) }

    func writeSearched(to writer: inout ColumnWriter) { writer.person(person) }
}

extension InstitutionRow: Coded {
    static let table = Table("institution", keys: [Column("id", .text)], values: [.row])

    var key: InstitutionID { institution.id }

    static func write(_ key: InstitutionID, to writer: inout ColumnWriter) {
        writer.text(key.text)
    }
}

extension TerminalRow: Coded {
    static let table = Table("terminal", keys: [Column("id", .text)], values: [.row])

    var key: TerminalID { id }

    static func write(_ key: TerminalID, to writer: inout ColumnWriter) { writer.text(key.text) }
}

extension PolicyRow: Coded {
    struct Key: Hashable, Sendable {
        var region: RegionCode
        var version: PolicyVersion
    }

    static let table = Table(
        "policy", keys: [Column("region", .int4), Column("version", .int8)], values: [.row])

    var key: Key { Key(region: policy.region, version: policy.version) }

    static func write(_ key: Key, to writer: inout ColumnWriter) {
        writer.number(key.region.rawValue)
        writer.number(key.version.rawValue)
    }

    static func isBefore(_ left: Key, _ right: Key) -> Bool {
        (left.region, left.version) < (right.region, right.version)
    }
}

/// The daemons' business date: one row.
struct BusinessDateMark: Stored {
    var date: CivilDate

    static let table = Table(
        "business_date", keys: [Column("id", .int2)], values: [Column("date", .int4)])

    var key: UInt8 { 1 }

    init(_ date: CivilDate) { self.date = date }

    static func write(_ key: UInt8, to writer: inout ColumnWriter) { writer.number(key) }

    func writeValues(to writer: inout ColumnWriter) { writer.date(date) }

    init(from reader: inout ColumnReader) throws(StoreFault) {
        reader.skip(1)
        date = try reader.date("date")
    }
}
