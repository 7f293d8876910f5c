import SettlementDomain

/// Where a row lies in its table's tree, roughly: sweeping in this order touches each page once.
struct TreePosition: Comparable {
    var high: UInt64
    var low: UInt64 = 0

    /// The position of a text key: its first sixteen bytes.
    init(_ text: String) {
        var text = text
        var words: (UInt64, UInt64) = (0, 0)
        text.withUTF8 { bytes in
            withUnsafeMutableBytes(of: &words) { words in
                words.copyBytes(from: bytes.prefix(16))
            }
        }
        high = words.0.bigEndian
        low = words.1.bigEndian
    }

    /// The position of a key of two numbers.
    init(_ high: UInt64, _ low: UInt64 = 0) {
        self.high = high
        self.low = low
    }

    static func < (left: TreePosition, right: TreePosition) -> Bool {
        left.high == right.high ? left.low < right.low : left.high < right.high
    }
}

/// A row of a projection: a table that is made of the journal and can be made anew.
///
/// Each table has the row's columns, its key first, and last `seq`: the journal entry that last
/// changed the row.
protocol Projected: Sendable, Equatable {
    associatedtype Key: Hashable & Sendable

    /// The table's name.
    static var table: String { get }
    /// The key's columns.
    static var keyColumns: [String] { get }
    /// The other columns, but for `seq`.
    static var columns: [String] { get }
    /// All columns in the order of binding and reading, `seq` last where the key has it not.
    static var allColumns: String { get }

    var key: Key { get }
    /// The entry that made the row, where that is a part of its key and no column of its own.
    var sequenceInKey: UInt64? { get }
    static func bind(_ key: Key, to binder: inout ColumnBinder)
    /// Binds all columns, the key's first.
    func bind(to binder: inout ColumnBinder)
    /// Reads all columns, the key's first.
    init(from reader: inout ColumnReader) throws
    static func position(of key: Key) -> TreePosition
    /// For finding rows in memory; of keys that peers choose freely, by `Hasher`.
    static func hash(of key: Key) -> UInt64
    var position: TreePosition { get }
    /// Finds one row by its key.
    static var selectSQL: String { get }
}

extension Projected {
    static var allColumns: String { (keyColumns + columns + ["seq"]).joined(separator: ", ") }

    var position: TreePosition { Self.position(of: key) }

    var sequenceInKey: UInt64? { nil }

    static func hash(of key: Key) -> UInt64 {
        let position = position(of: key)
        return KeyHash.of(position.high, position.low)
    }

    static var selectSQL: String {
        let condition = keyColumns.map { "\($0) = ?" }.joined(separator: " AND ")
        return "SELECT \(allColumns) FROM \(table) WHERE \(condition)"
    }

    /// Puts a row in place, new or not.
    static var putSQL: String {
        let count = allColumns.split(separator: ",").count
        let marks = Array(repeating: "?", count: count)
        return "INSERT OR REPLACE INTO \(table) (\(allColumns)) "
            + "VALUES (\(marks.joined(separator: ", ")))"
    }
}
