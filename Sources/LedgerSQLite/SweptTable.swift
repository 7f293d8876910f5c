/// A projection whose newest rows are in memory until they are swept into its table.
///
/// A pass sweeps what was waiting when it began, in slices within the committer's transactions.
/// A slice counts only once its transaction is committed: `confirm`, or `abandon`.
protocol SweptTable: AnyObject {
    /// Rows that are not in the table yet.
    var waiting: Int { get }
    /// Rows of the pass that were not swept yet.
    var leftInPass: Int { get }
    /// Compiles its statements.
    func attach(to handle: OpaquePointer) throws
    /// Lets go of its statements.
    func detach()
    /// Forgets everything in memory.
    func forget()
    /// Takes from the store what it must know of the table.
    func load(from handle: OpaquePointer) throws
    /// Makes what is waiting now the pass.
    func beginPass()
    /// Writes the next rows of the pass into the table, at most `budget`, which is lowered.
    func sweep(_ budget: inout Int) throws
    /// The transaction is committed.
    func confirm()
    /// The transaction is rolled back.
    func abandon()
}

extension SweptTable {
    func load(from handle: OpaquePointer) throws {}
}

extension Projected {
    /// Binds a row with the number of the entry that last changed it.
    func put(sequence: UInt64, with statement: Statement) throws {
        statement.bind { binder in
            bind(to: &binder)
            if Self.self != HistoryMark.self { binder.integer(sequence) }
        }
        try statement.run()
    }
}

/// Rows that are only ever added, swept in the order of their keys.
final class AddedRows<Row: Projected>: SweptTable {
    /// A row and the entry that made it.
    struct Added {
        var row: Row
        var sequence: UInt64
    }

    private(set) var current: [Added] = []
    private(set) var pass: [Added] = []
    private var isSorted = true
    private var swept = 0
    private var tentative = 0
    private var putStatement: Statement?
    private(set) var select: Statement?

    var waiting: Int { current.count + pass.count - swept }
    var leftInPass: Int { pass.count - tentative }

    func attach(to handle: OpaquePointer) throws {
        putStatement = try Statement(Row.putSQL, on: handle)
        select = try Statement(Row.selectSQL, on: handle)
    }

    func detach() {
        putStatement = nil
        select = nil
    }

    func forget() {
        current = []
        pass = []
        swept = 0
        tentative = 0
    }

    func add(_ row: Row, sequence: UInt64) {
        current.append(Added(row: row, sequence: sequence))
    }

    func beginPass() {
        pass = current
        current = []
        isSorted = false
        swept = 0
        tentative = 0
    }

    func sweep(_ budget: inout Int) throws {
        guard budget > 0, tentative < pass.count, let putStatement else { return }
        if !isSorted {
            sortPass()
        }
        let end = tentative + min(pass.count - tentative, budget)
        budget -= end - tentative
        for index in tentative..<end {
            try pass[index].row.put(sequence: pass[index].sequence, with: putStatement)
        }
        tentative = end
    }

    /// Of two rows under one key the newer is put last.
    private func sortPass() {
        var order = pass.indices.map { (pass[$0].row.position, pass[$0].sequence, $0) }
        order.sort { $0.0 == $1.0 ? $0.1 < $1.1 : $0.0 < $1.0 }
        pass = order.map { pass[$0.2] }
        isSorted = true
    }

    /// The rows that the committed transaction put into the table.
    var confirmed: ArraySlice<Added> { pass[swept..<tentative] }

    func confirm() {
        swept = tentative
        guard swept == pass.count else { return }
        pass = []
        swept = 0
        tentative = 0
    }

    func abandon() {
        tentative = swept
    }
}
