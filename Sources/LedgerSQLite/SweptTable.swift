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
    /// Takes from the store what it must know of the table, at a start and after each outcome that was
    /// unknown.
    func load(from handle: OpaquePointer) throws
    /// Makes what is waiting now the pass.
    func beginPass()
    /// Writes the next rows of the pass into the table, at most `budget`, which is lowered.
    func sweep(_ budget: inout Int) throws
    /// The transaction is committed.
    func confirm()
    /// The transaction is rolled back, or its outcome is unknown: `load` follows then.
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
            if sequenceInKey == nil { binder.integer(sequence) }
        }
        try statement.run()
    }
}
