import Ledger

/// The rows of one projection that are in memory: all that are not swept yet, and as many others
/// as `cleanMax` allows, so that hot rows cost no read.
///
/// A row that was looked for and does not exist is remembered too.
final class RowTable<Row: Projected>: SweptTable {
    private struct Slot {
        var key: Row.Key
        /// Nil: there is no such row.
        var row: Row?
        /// The entry that last changed it.
        var sequence: UInt64
        /// Newer than the table's.
        var isDirty: Bool
        /// Whether the table has this row, older or not.
        var isStored: Bool
        /// Used since the clock's hand last passed.
        var isRecent: Bool
    }

    private let cleanMax: Int
    private let counted: StoreCount?
    /// Rows in the table, as its tally says.
    private var storedCount: Int64 = 0
    /// Rows in memory that the table has not.
    private var unstoredCount: Int64 = 0
    /// Rows that the open transaction has added to the table.
    private var addedCount: Int64 = 0
    private var tally: Statement?
    private var index = SlotIndex()
    private var slots: [Slot] = []
    private var hand = 0
    private var dirtyCount = 0
    private var changed: [Int32] = []
    private var pass: [Int32] = []
    private var isSorted = true
    private var swept = 0
    private var tentative = 0
    private var putStatement: Statement?
    private var selectStatement: Statement?
    /// What `touch` read, so that it is not left out.
    private var touched: UInt64 = 0
    private let whereTypeIsKnown: Bound

    /// What is called through `SweptTable`, bound where the rows' type is known: called through the
    /// protocol itself it would be code for rows of any type, several times slower.
    private struct Bound {
        var sweep: (RowTable, inout Int) throws -> Void
        var confirm: (RowTable) -> Void
    }

    var waiting: Int { dirtyCount }
    var leftInPass: Int { pass.count - tentative }

    /// Creates an empty table; `counted` is the name under which its rows are tallied, nil where
    /// they are counted elsewhere.
    init(cleanMax: Int, counted: StoreCount?) {
        self.cleanMax = cleanMax
        self.counted = counted
        whereTypeIsKnown = Bound(
            sweep: { table, budget in try table.sweepRows(&budget) },
            confirm: { table in table.confirmRows() })
    }

    /// How many rows there are, in the table and in memory.
    var count: Int64 { storedCount + unstoredCount }

    func attach(to handle: OpaquePointer) throws {
        putStatement = try Statement(Row.putSQL, on: handle)
        selectStatement = try Statement(Row.selectSQL, on: handle)
        tally = try Statement("INSERT OR REPLACE INTO tally VALUES (?, ?)", on: handle)
    }

    func detach() {
        putStatement = nil
        selectStatement = nil
        tally = nil
    }

    func forget() {
        storedCount = 0
        unstoredCount = 0
        addedCount = 0
        index = SlotIndex()
        slots = []
        hand = 0
        dirtyCount = 0
        changed = []
        pass = []
        swept = 0
        tentative = 0
    }

    /// Takes the number of rows in the table from its tally.
    func load(from handle: OpaquePointer) throws {
        guard let counted else { return }
        let statement = try Statement("SELECT count FROM tally WHERE name = ?", on: handle)
        statement.bind { $0.text(counted.rawValue) }
        storedCount = try statement.first { $0.integer() } ?? 0
    }

    /// Reads a byte of each cache line of the rows that memory has, for nothing but their coming.
    func touch(_ keys: some Sequence<Row.Key>) {
        var sum: UInt64 = 0
        for key in keys { sum &+= index.word(at: Row.hash(of: key)) }
        let stride = MemoryLayout<Slot>.stride
        for key in keys {
            guard let place = place(of: key, Row.hash(of: key)) else { continue }
            slots.withUnsafeBytes { bytes in
                var offset = place * stride + 64
                while offset < (place + 1) * stride {
                    sum &+= UInt64(bytes[offset])
                    offset += 64
                }
            }
        }
        touched = sum
    }

    /// The row as of the last commit, and the entry that last changed it.
    func find(_ key: Row.Key) throws -> (row: Row, sequence: UInt64)? {
        let hash = Row.hash(of: key)
        if let slot = place(of: key, hash) {
            slots[slot].isRecent = true
            return slots[slot].row.map { ($0, slots[slot].sequence) }
        }
        let stored = try readTable(key)
        insert(
            Slot(
                key: key, row: stored?.row, sequence: stored?.sequence ?? 0, isDirty: false,
                isStored: stored != nil, isRecent: true), hash)
        return stored
    }

    /// Whether there is a row as of the last commit.
    func exists(_ key: Row.Key) throws -> Bool {
        if let slot = place(of: key, Row.hash(of: key)) { return slots[slot].row != nil }
        return try find(key) != nil
    }

    /// What memory says: nil where it does not know, else the row or that there is none.
    func remembered(_ key: Row.Key) -> (row: Row, sequence: UInt64)?? {
        guard let slot = place(of: key, Row.hash(of: key)) else { return .none }
        return .some(slots[slot].row.map { ($0, slots[slot].sequence) })
    }

    /// Takes over a row's new value; `existed` is what was found before the commit, used where
    /// memory has forgotten it.
    func take(_ row: Row, sequence: UInt64, existed: Bool) {
        let key = row.key
        let hash = Row.hash(of: key)
        if let slot = place(of: key, hash) {
            if slots[slot].row == nil { unstoredCount += 1 }
            slots[slot].row = row
            slots[slot].sequence = sequence
            slots[slot].isRecent = true
            if !slots[slot].isDirty {
                slots[slot].isDirty = true
                dirtyCount += 1
                changed.append(Int32(slot))
            }
            return
        }
        dirtyCount += 1
        if !existed { unstoredCount += 1 }
        changed.append(
            insert(
                Slot(
                    key: key, row: row, sequence: sequence, isDirty: true, isStored: existed,
                    isRecent: true), hash))
    }

    /// Those rows that are not in the table yet and fit, in no order.
    func dirtyRows(where fits: (Row) -> Bool) -> [Row] {
        guard dirtyCount > 0 else { return [] }
        var found: [Row.Key: Row] = [:]
        for slots in [pass[swept...], changed[...]] {
            for slot in slots where self.slots[Int(slot)].isDirty {
                guard let row = self.slots[Int(slot)].row, fits(row) else { continue }
                found[row.key] = row
            }
        }
        return Array(found.values)
    }

    /// The rows that are not in the table yet, in no order.
    var dirtyRows: [(row: Row, sequence: UInt64)] {
        guard dirtyCount > 0 else { return [] }
        var result: [(row: Row, sequence: UInt64)] = []
        result.reserveCapacity(dirtyCount)
        var seen: Set<Int32> = []
        for slot in pass[swept...] + changed[...] where slots[Int(slot)].isDirty {
            guard seen.insert(slot).inserted, let row = slots[Int(slot)].row else { continue }
            result.append((row, slots[Int(slot)].sequence))
        }
        return result
    }

    func beginPass() {
        pass = changed
        changed = []
        isSorted = false
        swept = 0
        tentative = 0
    }

    func sweep(_ budget: inout Int) throws {
        try whereTypeIsKnown.sweep(self, &budget)
    }

    func confirm() {
        whereTypeIsKnown.confirm(self)
    }

    private func sweepRows(_ budget: inout Int) throws {
        guard budget > 0, tentative < pass.count, let putStatement else { return }
        if !isSorted { sortPass() }
        let addedBefore = addedCount
        while tentative < pass.count, budget > 0 {
            let slot = slots[Int(pass[tentative])]
            tentative += 1
            // Clean: an earlier slice or pass wrote its newest value.
            guard slot.isDirty, let row = slot.row else { continue }
            try row.put(sequence: slot.sequence, with: putStatement)
            if !slot.isStored { addedCount += 1 }
            budget -= 1
        }
        guard addedCount != addedBefore, let counted, let tally else { return }
        tally.bind { binder in
            binder.text(counted.rawValue)
            binder.integer(storedCount + addedCount)
        }
        try tally.run()
    }

    private func confirmRows() {
        for slot in pass[swept..<tentative] where slots[Int(slot)].isDirty {
            slots[Int(slot)].isDirty = false
            slots[Int(slot)].isStored = true
            dirtyCount -= 1
        }
        storedCount += addedCount
        unstoredCount -= addedCount
        addedCount = 0
        swept = tentative
        guard swept == pass.count else { return }
        pass = []
        swept = 0
        tentative = 0
    }

    func abandon() {
        addedCount = 0
        tentative = swept
    }

    private func sortPass() {
        var order = pass.map { slot in
            (slots[Int(slot)].row?.position ?? TreePosition(0), slot)
        }
        order.sort { $0.0 < $1.0 }
        pass = order.map(\.1)
        isSorted = true
    }

    private func readTable(_ key: Row.Key) throws -> (row: Row, sequence: UInt64)? {
        guard let selectStatement else { return nil }
        selectStatement.bind { Row.bind(key, to: &$0) }
        return try selectStatement.first { reader in
            (try Row(from: &reader), reader.unsigned())
        }
    }

    @inline(__always)
    private func place(of key: Row.Key, _ hash: UInt64) -> Int? {
        slots.withUnsafeBufferPointer { slots in
            index.find(hash) { slots[$0].key == key }
        }
    }

    @discardableResult
    private func insert(_ slot: Slot, _ hash: UInt64) -> Int32 {
        if slots.count - dirtyCount >= cleanMax, let victim = victim() {
            index.remove(Row.hash(of: slots[victim].key), victim) {
                Row.hash(of: slots[$0].key)
            }
            slots[victim] = slot
            index.insert(hash, victim) { Row.hash(of: slots[$0].key) }
            return Int32(victim)
        }
        slots.append(slot)
        index.insert(hash, slots.count - 1) { Row.hash(of: slots[$0].key) }
        return Int32(slots.count - 1)
    }

    /// A clean slot that was not used lately; nil where a short look finds none.
    private func victim() -> Int? {
        for _ in 0..<min(slots.count, 64) {
            hand = hand + 1 < slots.count ? hand + 1 : 0
            if slots[hand].isDirty { continue }
            if slots[hand].isRecent {
                slots[hand].isRecent = false
                continue
            }
            return hand
        }
        return nil
    }
}
