import CPostgreSQL
import Ledger
import SettlementDomain

/// What the server answered to one command.
final class ResultRows {
    fileprivate let result: OpaquePointer
    fileprivate let seal: any StoreSeal

    init(_ result: OpaquePointer, seal: any StoreSeal) {
        self.result = result
        self.seal = seal
    }

    deinit { PQclear(result) }

    /// How many rows came back.
    var count: Int { Int(PQntuples(result)) }

    /// How many rows the command wrote.
    var written: Int {
        PQcmdTuples(result).flatMap { Int(String(cString: $0)) } ?? 0
    }

    /// Reads the row of a number, from its first column on; `table` names it in faults.
    func reader(_ row: Int, of table: String) -> ColumnReader {
        ColumnReader(self, row: Int32(row), table: table)
    }

    /// Reads every row.
    func map<Value>(
        of table: String, _ read: (inout ColumnReader) throws(StoreFault) -> Value
    ) throws(StoreFault) -> [Value] {
        var values: [Value] = []
        values.reserveCapacity(count)
        for row in 0..<count {
            var reader = reader(row, of: table)
            values.append(try read(&reader))
        }
        return values
    }
}

/// Reads a row column by column: each call takes the next.
struct ColumnReader {
    /// Kept for as long as its bytes are read.
    private let rows: ResultRows
    private let row: Int32
    private var column: Int32 = 0
    private let table: String

    init(_ rows: ResultRows, row: Int32, table: String) {
        self.rows = rows
        self.row = row
        self.table = table
    }

    mutating func skip(_ columns: Int) { column += Int32(columns) }

    /// Whether the column is NULL; the column is taken where it is.
    mutating func isNull() -> Bool {
        guard PQgetisnull(rows.result, row, column) == 1 else { return false }
        column += 1
        return true
    }

    /// A number of any width.
    mutating func integer() -> Int64 {
        var value: Int64 = 0
        let bytes = take()
        for (index, byte) in bytes.enumerated() {
            value = index == 0 ? Int64(Int8(bitPattern: byte)) : value << 8 | Int64(byte)
        }
        return value
    }

    mutating func unsigned() -> UInt64 { UInt64(bitPattern: integer()) }

    mutating func text() -> String { String(decoding: take(), as: UTF8.self) }

    mutating func run() -> [UInt8] { Array(take()) }

    mutating func flag() -> Bool { take().first != 0 }

    mutating func number<Value: FixedWidthInteger>(
        _ column: String, _ type: Value.Type = Value.self
    ) throws(StoreFault) -> Value {
        try checked(Value(exactly: integer()), column)
    }

    mutating func choice<Value: RawRepresentable>(
        _ column: String, _ type: Value.Type = Value.self
    ) throws(StoreFault) -> Value where Value.RawValue: FixedWidthInteger {
        try checked(Value.RawValue(exactly: integer()).flatMap(Value.init(rawValue:)), column)
    }

    mutating func date(_ column: String) throws(StoreFault) -> CivilDate {
        try checked(Int32(exactly: integer()).flatMap(CivilDate.init(yyyymmdd:)), column)
    }

    mutating func money(_ column: String) throws(StoreFault) -> Money {
        let money = Money(fen: integer())
        return try checked(money.isInRange ? money : nil, column)
    }

    mutating func person(_ column: String) throws(StoreFault) -> PersonID {
        try checked(PersonID(rawValue: unsigned()), column)
    }

    mutating func institution(_ column: String) throws(StoreFault) -> InstitutionID {
        try checked(InstitutionID(text()), column)
    }

    mutating func key() throws(StoreFault) -> RequestKey {
        RequestKey(
            terminal: try checked(TerminalID(text()), "terminal"), date: try date("date"),
            stan: try number("stan"))
    }

    /// The bytes that were sealed for a place.
    mutating func opened(_ column: String, place: UInt64) throws(StoreFault) -> [UInt8] {
        try rows.seal.open(run(), place: place, of: "table \(table), column \(column)")
    }

    /// A sealed value in the journal's coding.
    mutating func coded<Value: Journaled>(
        _ column: String, place: UInt64, _ type: Value.Type = Value.self
    ) throws(StoreFault) -> Value {
        let bytes = try opened(column, place: place)
        do throws(CodingFault) {
            return try JournalCoding.decode(Value.self, bytes)
        } catch {
            throw .corrupt(
                "table \(table), column \(column): at byte \(error.offset), "
                    + "expected \(error.expected)")
        }
    }

    /// A journal entry from the columns `seq`, `checksum` and `entry`.
    mutating func journalEntry() throws(StoreFault) -> JournalEntry {
        let sequence = unsigned()
        let checksum = unsigned()
        let sealed = run()
        guard JournalCoding.checksum(of: sealed, sequence: sequence) == checksum else {
            throw .corrupt("journal entry \(sequence): its checksum differs")
        }
        let bytes = try rows.seal.open(sealed, place: sequence, of: "journal entry \(sequence)")
        do throws(CodingFault) {
            return try JournalCoding.decode(bytes, sequence: sequence)
        } catch {
            throw .corrupt(
                "journal entry \(sequence): at byte \(error.offset), expected \(error.expected)")
        }
    }

    /// The value, or a fault that names table and column.
    func checked<Value>(_ value: Value?, _ column: String) throws(StoreFault) -> Value {
        guard let value else { throw .corrupt("table \(table), column \(column): no such value") }
        return value
    }

    /// The column's bytes, which last as long as the reader does.
    private mutating func take() -> UnsafeBufferPointer<UInt8> {
        defer { column += 1 }
        guard let start = PQgetvalue(rows.result, row, column) else {
            return UnsafeBufferPointer(start: nil, count: 0)
        }
        let count = Int(PQgetlength(rows.result, row, column))
        return UnsafeRawBufferPointer(start: start, count: count).bindMemory(to: UInt8.self)
    }
}
