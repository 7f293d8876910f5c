import GRDBSQLite

/// A prepared statement of SQLite's C API, on the connection that GRDB opened.
///
/// Used only while its connection is accessed; finalized when let go.
final class Statement {
    private let pointer: OpaquePointer
    private let handle: OpaquePointer
    /// A place for each parameter's short text, which SQLite then need not copy.
    private let room: UnsafeMutableRawPointer

    /// Compiles the SQL.
    init(_ sql: String, on handle: OpaquePointer) throws {
        var pointer: OpaquePointer?
        let code = sqlite3_prepare_v3(
            handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &pointer, nil)
        guard code == SQLITE_OK, let pointer else {
            throw SQLiteFault(code: code, on: handle)
        }
        self.pointer = pointer
        self.handle = handle
        let places = max(1, Int(sqlite3_bind_parameter_count(pointer)))
        room = .allocate(byteCount: places * ColumnBinder.shortTextBytesMax, alignment: 1)
    }

    deinit {
        sqlite3_finalize(pointer)
        room.deallocate()
    }

    /// Binds parameters from the first on.
    func bind(_ write: (inout ColumnBinder) -> Void) {
        var binder = ColumnBinder(pointer: pointer, room: room)
        write(&binder)
    }

    /// Steps to the next row; false at the end, where the statement is reset.
    func step() throws -> Bool {
        let code = sqlite3_step(pointer)
        if code == SQLITE_ROW { return true }
        let fault = code == SQLITE_DONE ? nil : SQLiteFault(code: code, on: handle)
        sqlite3_reset(pointer)
        if let fault { throw fault }
        return false
    }

    /// Steps once and resets: for statements without rows.
    func run() throws {
        let code = sqlite3_step(pointer)
        if code != SQLITE_DONE, code != SQLITE_ROW {
            let fault = SQLiteFault(code: code, on: handle)
            sqlite3_reset(pointer)
            throw fault
        }
        sqlite3_reset(pointer)
    }

    /// Reads the first row, if there is one, and resets.
    func first<Value>(_ read: (inout ColumnReader) throws -> Value) throws -> Value? {
        guard try step() else { return nil }
        defer { sqlite3_reset(pointer) }
        return try row(read)
    }

    /// Reads every row.
    func all<Value>(_ read: (inout ColumnReader) throws -> Value) throws -> [Value] {
        var result: [Value] = []
        defer { sqlite3_reset(pointer) }
        while try step() { result.append(try row(read)) }
        return result
    }

    /// Reads the row stepped to.
    ///
    /// - Throws: what the reading throws; `ColumnFault` if a column holds another type than was read:
    ///   SQLite would make one of it, so that damage to a type would go unnoticed.
    func row<Value>(_ read: (inout ColumnReader) throws -> Value) throws -> Value {
        var reader = ColumnReader(pointer: pointer)
        let value = try read(&reader)
        if let column = reader.misread {
            throw ColumnFault(
                table: ColumnReader.name(sqlite3_column_table_name(pointer, column)),
                column: ColumnReader.name(sqlite3_column_name(pointer, column)))
        }
        return value
    }

    /// Lets go of a row before the end.
    func reset() {
        sqlite3_reset(pointer)
    }
}

/// Binds one parameter after the other.
struct ColumnBinder {
    /// The most bytes that `shortText` and `shortBlob` take.
    static let shortTextBytesMax = 32

    private let pointer: OpaquePointer
    private let room: UnsafeMutableRawPointer
    private var next: Int32 = 1

    init(pointer: OpaquePointer, room: UnsafeMutableRawPointer) {
        self.pointer = pointer
        self.room = room
    }

    mutating func integer(_ value: Int64) {
        sqlite3_bind_int64(pointer, next, value)
        next += 1
    }

    mutating func integer(_ value: some FixedWidthInteger & UnsignedInteger) {
        integer(Int64(bitPattern: UInt64(value)))
    }

    mutating func null() {
        sqlite3_bind_null(pointer, next)
        next += 1
    }

    mutating func text(_ value: String) {
        var value = value
        let index = next
        value.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) { characters in
                _ = sqlite3_bind_text(
                    pointer, index, characters.baseAddress ?? Self.nothing,
                    Int32(characters.count), Self.copied)
            }
        }
        next += 1
    }

    /// Binds the UTF-8 bytes of a text of at most 32: they lie beside the statement until its next
    /// binding.
    mutating func shortText(_ bytes: UnsafeRawBufferPointer) {
        let place = place(of: bytes)
        sqlite3_bind_text(
            pointer, next, place.assumingMemoryBound(to: CChar.self), Int32(bytes.count), nil)
        next += 1
    }

    /// Puts the next parameter's bytes beside the statement.
    private func place(of bytes: UnsafeRawBufferPointer) -> UnsafeMutableRawPointer {
        precondition(bytes.count <= Self.shortTextBytesMax)
        let place = room + Int(next - 1) * Self.shortTextBytesMax
        if let start = bytes.baseAddress { place.copyMemory(from: start, byteCount: bytes.count) }
        return place
    }

    /// Binds at most 32 bytes, as `shortText` does.
    mutating func shortBlob(_ bytes: UnsafeRawBufferPointer) {
        let place = place(of: bytes)
        sqlite3_bind_blob(pointer, next, place, Int32(bytes.count), nil)
        next += 1
    }

    mutating func blob(_ value: [UInt8]) {
        value.withUnsafeBytes { copiedBlob($0) }
    }

    /// Binds bytes that may be gone when the statement runs.
    mutating func copiedBlob(_ bytes: UnsafeRawBufferPointer) {
        sqlite3_bind_blob(pointer, next, bytes.baseAddress, Int32(bytes.count), Self.copied)
        next += 1
    }

    /// Binds bytes that stay where they are until the statement has run.
    mutating func borrowedBlob(_ bytes: UnsafeRawBufferPointer) {
        sqlite3_bind_blob(pointer, next, bytes.baseAddress, Int32(bytes.count), nil)
        next += 1
    }

    /// An empty string's address, where a buffer has none.
    ///
    /// `nonisolated(unsafe)`: the byte is written once, before the address is known to anyone.
    nonisolated(unsafe) private static let nothing: UnsafePointer<CChar> = {
        // Never written, never freed: it lives as long as the process.
        let pointer = UnsafeMutablePointer<CChar>.allocate(capacity: 1)
        pointer.initialize(to: 0)
        return UnsafePointer(pointer)
    }()

    /// SQLITE_TRANSIENT, a macro that Swift does not import: SQLite copies before it returns.
    private static var copied: sqlite3_destructor_type {
        unsafeBitCast(-1, to: sqlite3_destructor_type.self)
    }
}

/// Reads one column after the other.
struct ColumnReader {
    private let pointer: OpaquePointer
    private var next: Int32 = 0
    /// The first column that was read as what it is not.
    private(set) var misread: Int32?

    init(pointer: OpaquePointer) {
        self.pointer = pointer
    }

    mutating func integer() -> Int64 {
        expect(SQLITE_INTEGER)
        defer { next += 1 }
        return sqlite3_column_int64(pointer, next)
    }

    mutating func unsigned() -> UInt64 {
        UInt64(bitPattern: integer())
    }

    mutating func text() -> String {
        expect(SQLITE_TEXT)
        defer { next += 1 }
        guard let bytes = sqlite3_column_text(pointer, next) else { return "" }
        let count = Int(sqlite3_column_bytes(pointer, next))
        return String(decoding: UnsafeBufferPointer(start: bytes, count: count), as: UTF8.self)
    }

    mutating func blob() -> [UInt8] {
        expect(SQLITE_BLOB)
        defer { next += 1 }
        guard let bytes = sqlite3_column_blob(pointer, next) else { return [] }
        let count = Int(sqlite3_column_bytes(pointer, next))
        return Array(UnsafeRawBufferPointer(start: bytes, count: count))
    }

    /// Whether a column was read as what it is not, for who says himself what is wrong with the row.
    mutating func takeMisread() -> Bool {
        defer { misread = nil }
        return misread != nil
    }

    /// Whether the next column is NULL; it is passed over if so.
    mutating func isNull() -> Bool {
        guard sqlite3_column_type(pointer, next) == SQLITE_NULL else { return false }
        next += 1
        return true
    }

    /// Makes a value of what was read; nil says that the column holds none.
    func checked<Value>(_ value: Value?, _ column: String) throws -> Value {
        guard let value else {
            throw ColumnFault(
                table: Self.name(sqlite3_column_table_name(pointer, 0)), column: column)
        }
        return value
    }

    static func name(_ name: UnsafePointer<CChar>?) -> String {
        name.map { String(cString: $0) } ?? "?"
    }

    private mutating func expect(_ type: Int32) {
        if sqlite3_column_type(pointer, next) != type, misread == nil { misread = next }
    }
}
