import GRDBSQLite

/// Reads a table from its first row to its last in the order of its key, some rows at a time.
final class TableScan<Row: Projected> {
    private let first: Statement
    private let next: Statement

    /// Compiles its statements.
    init(on handle: OpaquePointer) throws {
        let columns = Row.keyColumns.joined(separator: ", ")
        let marks = Row.keyColumns.map { _ in "?" }.joined(separator: ", ")
        let select = "SELECT \(Row.allColumns) FROM \(Row.table)"
        let order = "ORDER BY \(columns) LIMIT ?"
        first = try Statement("\(select) \(order)", on: handle)
        next = try Statement("\(select) WHERE (\(columns)) > (\(marks)) \(order)", on: handle)
    }

    /// Gives at most so many rows after the one with this key, nil: from the first on, each with the
    /// entry that last changed it.
    ///
    /// - Returns: whether the table has no more.
    func read(
        after key: Row.Key?, atMost rowsMax: Int, _ take: (Row, UInt64) -> Void
    ) throws -> Bool {
        let statement = key == nil ? first : next
        statement.bind { binder in
            if let key { Row.bind(key, to: &binder) }
            binder.integer(Int64(rowsMax))
        }
        defer { statement.reset() }
        var count = 0
        while try statement.step() {
            let (row, sequence) = try statement.row { (try Row(from: &$0), $0.unsigned()) }
            take(row, sequence)
            count += 1
        }
        return count < rowsMax
    }
}
