import GRDB
import GRDBSQLite
import Ledger

/// What SQLite answered instead of doing what it was asked; never an SQL argument.
struct SQLiteFault: Error, CustomStringConvertible {
    /// The extended result code.
    var code: Int32
    /// SQLite's own words.
    var message: String

    /// The last fault of a connection.
    init(code: Int32, on handle: OpaquePointer?) {
        self.code = code
        message = handle.map { String(cString: sqlite3_errmsg($0)) } ?? "no connection"
    }

    /// A fault of known parts.
    init(code: Int32, message: String) {
        self.code = code
        self.message = message
    }

    /// Whether the file itself contradicts SQLite's format.
    var isCorruption: Bool { code & 0xff == SQLITE_CORRUPT || code & 0xff == SQLITE_NOTADB }

    /// Whether a file could not be read, written or synced; a full disk is no such fault.
    var isFailedAccess: Bool { code & 0xff == SQLITE_IOERR }

    var description: String { "SQLite \(code): \(message)" }
}

/// A stored value that none of the ledger's types can hold.
struct ColumnFault: Error, CustomStringConvertible {
    var table: String
    var column: String

    var problem: String { "not a value of its type" }
    var description: String { "table \(table), column \(column): \(problem)" }
}

extension StoreFault {
    /// Of a journal with a gap.
    static func missingEntry(_ sequence: UInt64, next: UInt64) -> StoreFault {
        .corrupt("journal entry \(sequence) is missing; the next is \(next)")
    }

    /// The fault of a failed operation that has left nothing behind.
    init(_ error: any Error) {
        switch error {
        case let fault as StoreFault: self = fault
        case let fault as SQLiteFault:
            self = fault.isCorruption ? .corrupt("\(fault)") : .unavailable("\(fault)")
        case let fault as ColumnFault: self = .corrupt("\(fault)")
        case let fault as DatabaseError:
            let code = fault.extendedResultCode.rawValue
            self = StoreFault(SQLiteFault(code: code, message: fault.message ?? "no message"))
        default: self = .unavailable("\(error)")
        }
    }
}

extension StoreFault {
    /// The same, in words that name the file.
    func naming(_ path: String) -> StoreFault {
        func named(_ text: String) -> String { text.contains(path) ? text : "\(path): \(text)" }
        return switch self {
        case .unavailable(let why): .unavailable(named(why))
        case .outcomeUnknown(let why): .outcomeUnknown(named(why))
        case .corrupt(let what): .corrupt(named(what))
        case .conflict, .outdatedReference: self
        }
    }
}

/// Runs the body; whatever it throws is a store's fault, and names the file where one is given.
func mappingFaults<Result>(
    naming path: String? = nil, _ body: () throws -> Result
) throws(StoreFault) -> Result {
    do {
        return try body()
    } catch {
        let fault = StoreFault(error)
        throw path.map { fault.naming($0) } ?? fault
    }
}
