/// Tables that a pass sweeps one after the other, while it goes through all lanes side by side.
struct SweepLane {
    let tables: [any SweptTable]
    /// Rows that the pass began with.
    private(set) var rows = 0

    init(_ tables: [any SweptTable]) { self.tables = tables }

    /// Rows of the pass that were not swept yet.
    var rowsLeft: Int { tables.reduce(0) { $0 + $1.leftInPass } }

    /// How much of the pass is left, from 0 to 1.
    var shareLeft: Double { rows == 0 ? 0 : Double(rowsLeft) / Double(rows) }

    /// Makes what is waiting now the pass.
    mutating func beginPass() {
        for table in tables { table.beginPass() }
        rows = rowsLeft
    }

    /// Writes the next rows into their tables, at most `budget`, which is lowered.
    func sweep(_ budget: inout Int) throws {
        for table in tables where budget > 0 { try table.sweep(&budget) }
    }
}
