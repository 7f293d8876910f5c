import CPostgreSQL
import Ledger
import SettlementDomain

/// A column's type, as far as the store uses them.
enum ColumnType: Sendable {
    case int2, int4, int8, bool, text, bytea

    /// The type's number in the server's catalog.
    var oid: Oid {
        switch self {
        case .int2: 21
        case .int4: 23
        case .int8: 20
        case .bool: 16
        case .text: 25
        case .bytea: 17
        }
    }

    /// The number of the type of arrays of it.
    var arrayOid: Oid {
        switch self {
        case .int2: 1005
        case .int4: 1007
        case .int8: 1016
        case .bool: 1000
        case .text: 1009
        case .bytea: 1001
        }
    }

    /// The type's name in SQL.
    var name: String {
        switch self {
        case .int2: "smallint"
        case .int4: "integer"
        case .int8: "bigint"
        case .bool: "boolean"
        case .text: "text"
        case .bytea: "bytea"
        }
    }
}

/// One column's values as a one-dimensional array in the binary format.
struct ColumnArray {
    private let type: ColumnType
    private var bytes: [UInt8]
    private var count: Int32 = 0
    private var hasNull = false

    private static let headerLength = 20

    init(_ type: ColumnType, capacity: Int) {
        self.type = type
        bytes = [UInt8](repeating: 0, count: Self.headerLength)
        bytes.reserveCapacity(Self.headerLength + capacity * 12)
    }

    mutating func null() {
        append(Int32(-1))
        hasNull = true
        count += 1
    }

    mutating func integer(_ value: Int64) {
        switch type {
        case .int2: number(Int16(truncatingIfNeeded: value))
        case .int4: number(Int32(truncatingIfNeeded: value))
        case .int8: number(value)
        case .bool: run(CollectionOfOne<UInt8>(value == 0 ? 0 : 1))
        // Tables and their rows are ours: each is written by a test, and no value chooses its column.
        case .text, .bytea: preconditionFailure("a number in a column of \(type.name)")
        }
    }

    mutating func run(_ value: some Collection<UInt8>) {
        append(Int32(value.count))
        bytes.append(contentsOf: value)
        count += 1
    }

    /// The array as a parameter; nothing is added to it afterwards.
    consuming func parameter() -> Command.Parameter {
        var result = bytes
        let arrayType = type.arrayOid
        let header: [Int32] = [count == 0 ? 0 : 1, hasNull ? 1 : 0, Int32(type.oid), count, 1]
        // An array without elements has no dimension.
        let words = count == 0 ? 3 : header.count
        if count == 0 { result.removeLast(8) }
        result.withUnsafeMutableBytes { buffer in
            for (index, value) in header.prefix(words).enumerated() {
                buffer.storeBytes(of: value.bigEndian, toByteOffset: index * 4, as: Int32.self)
            }
        }
        return Command.Parameter(type: arrayType, bytes: result)
    }

    private mutating func number(_ value: some FixedWidthInteger) {
        append(Int32(value.bitWidth / 8))
        append(value)
        count += 1
    }

    private mutating func append<Value: FixedWidthInteger>(_ value: Value) {
        withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) }
    }
}

/// Takes rows column by column: each call fills the next column of the row under way.
struct ColumnWriter {
    private let seal: any StoreSeal
    private var arrays: [ColumnArray]
    private var next = 0
    private(set) var rows = 0

    init(_ types: [ColumnType], rows: Int, seal: any StoreSeal) {
        self.seal = seal
        arrays = types.map { ColumnArray($0, capacity: rows) }
    }

    mutating func integer(_ value: Int64) {
        arrays[next].integer(value)
        advance()
    }

    mutating func number(_ value: some FixedWidthInteger) { integer(Int64(value)) }

    mutating func optionalInteger(_ value: Int64?) {
        if let value { integer(value) } else { null() }
    }

    mutating func null() {
        arrays[next].null()
        advance()
    }

    mutating func text(_ value: String) {
        arrays[next].run(value.utf8)
        advance()
    }

    mutating func optionalText(_ value: String?) {
        if let value { text(value) } else { null() }
    }

    mutating func run(_ value: [UInt8]) {
        arrays[next].run(value)
        advance()
    }

    /// Bytes that are sealed, and open in this place alone.
    mutating func sealed(_ value: [UInt8], place: UInt64) throws(StoreFault) {
        run(try seal.seal(value, place: place))
    }

    /// What stands for a card's number.
    mutating func card(_ number: CardNumber) {
        let token = seal.token(of: number)
        token.withUnsafeBytes { arrays[next].run($0) }
        advance()
    }

    mutating func date(_ value: CivilDate) { integer(Int64(value.yyyymmdd)) }

    mutating func optionalDate(_ value: CivilDate?) {
        if let value { date(value) } else { null() }
    }

    mutating func money(_ value: Money) { integer(value.fen) }

    mutating func person(_ value: PersonID) { integer(Int64(value.rawValue)) }

    mutating func choice<Value: RawRepresentable>(_ value: Value)
    where Value.RawValue: FixedWidthInteger & UnsignedInteger {
        number(value.rawValue)
    }

    mutating func flag(_ value: Bool) { integer(value ? 1 : 0) }

    mutating func key(_ value: RequestKey) {
        text(value.terminal.text)
        date(value.date)
        number(value.stan)
    }

    /// The columns' arrays as parameters, in order.
    var parameters: [Command.Parameter] { arrays.map { $0.parameter() } }

    private mutating func advance() {
        next += 1
        guard next == arrays.count else { return }
        next = 0
        rows += 1
    }
}
