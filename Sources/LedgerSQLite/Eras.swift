import Ledger

/// How a store's history is parted: what the entries of one era did lies together, by person.
///
/// Rows of every person are added all the time. In one tree by person each would be alone in its page,
/// and the more pages there are the more are written; in an era's part of it many share a page. Whoever
/// asks for a person's history looks into one era after the other, from the newest.
struct Eras {
    /// The store's note of it in the table `meta`, made with the store.
    static let metaName = "entries_in_era"

    /// How many entries an era has; 1 or more.
    let entries: UInt64

    /// One for all entries.
    static let one = Eras(entries: .max)

    private init(entries: UInt64) { self.entries = entries }

    /// As the store was made.
    init(of handle: OpaquePointer) throws {
        let statement = try Statement("SELECT value FROM meta WHERE name = ?", on: handle)
        statement.bind { $0.text(Self.metaName) }
        guard let entries = try statement.first({ $0.unsigned() }), entries > 0 else {
            throw StoreFault.corrupt("table meta, row \(Self.metaName): is not a number from 1 on")
        }
        self.entries = entries
    }

    /// Notes in a new store how many entries its eras have.
    static func note(_ entries: UInt64, on handle: OpaquePointer) throws {
        let statement = try Statement("INSERT INTO meta VALUES (?, ?)", on: handle)
        statement.bind { binder in
            binder.text(metaName)
            binder.integer(entries)
        }
        try statement.run()
    }

    /// The era of an entry; 0 is the first.
    func era(of sequence: UInt64) -> UInt64 { sequence / entries }
}
