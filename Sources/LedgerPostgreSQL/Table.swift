import Ledger

/// A column: its name and type.
struct Column: Sendable {
    var name: String
    var type: ColumnType

    init(_ name: String, _ type: ColumnType) {
        self.name = name
        self.type = type
    }

    /// A person's id.
    static let person = Column("person", .int8)
    /// The account under which a journal entry is filed.
    static let account = Column("account", .int8)
    /// A row in the journal's coding, sealed.
    static let row = Column("row", .bytea)
}

extension [Column] {
    /// A request's key.
    static let requestKey = [
        Column("terminal", .text), Column("date", .int4), Column("stan", .int4),
    ]
}

/// A table of rows that entries change, and the statements that read and write many rows at once.
///
/// Beside its own columns each row has `seq`, the number of the entry that last changed it, and
/// `prior`, the number of the one before: a row is only put in the place of the one that was read.
struct Table: Sendable {
    let name: String
    /// The primary key; its first column is the one that rows are distributed by.
    let keys: [Column]
    let values: [Column]
    /// What its rows are sealed for, so that they open in no other table, and as no journal entry:
    /// a number above every entry's.
    let place: UInt64
    /// Finds rows by arrays of their keys' columns.
    let findSQL: String
    /// Adds rows that were not there.
    let addSQL: String
    /// Puts rows in place of those that were read.
    let changeSQL: String
    /// The columns that reading gives, `seq` last.
    let columnList: String

    init(_ name: String, keys: [Column], values: [Column]) {
        self.name = name
        self.keys = keys
        self.values = values
        place = Array(name.utf8).withUnsafeBytes { XXHash64.hash($0, seed: 0) } | 1 << 63
        let columns = keys + values
        let list = (columns.map(\.name) + ["seq"]).map { "t.\($0)" }.joined(separator: ", ")
        columnList = list
        if let only = keys.first, keys.count == 1 {
            findSQL =
                "SELECT \(list) FROM \(name) AS t "
                + "WHERE t.\(only.name) = ANY($1::\(only.type.name)[])"
        } else {
            let arrays = Self.arrays(of: keys)
            let names = keys.indices.map { "c\($0)" }.joined(separator: ", ")
            let equal = keys.enumerated().map { "t.\($1.name) = k.c\($0)" }
            findSQL =
                "SELECT \(list) FROM unnest(\(arrays)) AS k(\(names)) JOIN \(name) AS t "
                + "ON \(equal.joined(separator: " AND "))"
        }
        let all = columns + Self.versions
        let target = all.map(\.name).joined(separator: ", ")
        let rows = "unnest(\(Self.arrays(of: all)))"
        addSQL = "INSERT INTO \(name) (\(target)) SELECT * FROM \(rows)"
        let changed = (values + Self.versions).map { "\($0.name) = v.\($0.name)" }
        let same = keys.map { "t.\($0.name) = v.\($0.name)" } + ["t.seq = v.prior"]
        changeSQL =
            "UPDATE \(name) AS t SET \(changed.joined(separator: ", ")) "
            + "FROM \(rows) AS v(\(target)) WHERE \(same.joined(separator: " AND "))"
    }

    /// `seq` and `prior`.
    static let versions = [Column("seq", .int8), Column("prior", .int8)]

    /// The types of the columns that `addSQL` and `changeSQL` take.
    var writtenTypes: [ColumnType] { (keys + values + Self.versions).map(\.type) }

    /// Parameters that are arrays, as the columns of a table function.
    static func arrays(of columns: [Column]) -> String {
        columns.enumerated().map { "$\($0 + 1)::\($1.type.name)[]" }.joined(separator: ", ")
    }
}
