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
        /// Whether the table has this row, older or not; nil: not looked up, only of dirty rows.
        var isStored: Bool?
        /// Used since the clock's hand last passed.
        var isRecent: Bool
    }

    private let cleanMax: Int
    private let counted: StoreCount?
    /// Rows in the table, as its tally says.
    private var storedCount: Int64 = 0
    /// Rows in memory of which it is known that the table has them not.
    private var unstoredCount: Int64 = 0
    /// Rows in memory of which it is not known whether the table has them.
    private var unknownCount = 0
    /// Rows that the open transaction has added to the table.
    private var addedCount: Int64 = 0
    private var tally: Statement?
    private var index = SlotIndex()
    private var slots = BlockArray<Slot>()
    private var hand = 0
    private var dirtyCount = 0
    /// Rows that are newer than the table's, or were when they came here.
    private var changed: [GradualSort.Element] = []
    private var pass = GradualSort([])
    private var swept = 0
    private var tentative = 0
    private var putStatement: Statement?
    private var selectStatement: Statement?
    private var scan: TableScan<Row>?
    /// The row up to which the table was read ahead.
    private var readThrough: Row.Key?
    /// Whether memory has had to give up a row of the table for another.
    private var hasGivenUp = false
    /// Whether every row of the table is in memory, so that what is not found here does not exist.
    private var isWhole = false
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
    ///
    /// After a start that took over entries it may have to look up many rows, once.
    func count() throws -> Int64 {
        if unknownCount > 0 { try forEachDirtySlot { slot in _ = try isStored(slot) } }
        return storedCount + unstoredCount
    }

    func attach(to handle: OpaquePointer) throws {
        putStatement = try Statement(Row.putSQL, on: handle)
        selectStatement = try Statement(Row.selectSQL, on: handle)
        scan = try TableScan(on: handle)
        tally = try Statement("INSERT OR REPLACE INTO tally VALUES (?, ?)", on: handle)
    }

    func detach() {
        putStatement = nil
        selectStatement = nil
        scan = nil
        tally = nil
    }

    func forget() {
        storedCount = 0
        unstoredCount = 0
        unknownCount = 0
        addedCount = 0
        index = SlotIndex()
        slots = BlockArray()
        hand = 0
        dirtyCount = 0
        readThrough = nil
        hasGivenUp = false
        isWhole = false
        changed = []
        pass = GradualSort([])
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
        for key in keys {
            guard let place = place(of: key, Row.hash(of: key)) else { continue }
            slots.reading { slots in
                let bytes = UnsafeRawPointer(slots.pointer(to: place))
                for offset in stride(from: 64, to: MemoryLayout<Slot>.stride, by: 64) {
                    sum &+= UInt64(bytes.load(fromByteOffset: offset, as: UInt8.self))
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
        if isWhole { return nil }
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

    /// Reads at most so many of the table's next rows into memory, if all of it has room there.
    ///
    /// A row that memory has already is at least as new as the table's, and one that it has not is as
    /// the table says.
    /// - Returns: how many rows were read; 0 when there is nothing left to do.
    func readAhead(_ rowsMax: Int) throws -> Int {
        guard !isWhole, !hasGivenUp, storedCount <= Int64(cleanMax), let scan else { return 0 }
        var count = 0
        let isAtEnd = try scan.read(after: readThrough, atMost: rowsMax) { row, sequence in
            count += 1
            let key = row.key
            readThrough = key
            let hash = Row.hash(of: key)
            if let slot = place(of: key, hash) {
                if slots[slot].isStored == nil { learn(slot, isStored: true) }
                return
            }
            insert(
                Slot(
                    key: key, row: row, sequence: sequence, isDirty: false, isStored: true,
                    isRecent: false), hash)
        }
        isWhole = isAtEnd && !hasGivenUp
        return count
    }

    /// What memory says: nil where it does not know, else the row or that there is none.
    func remembered(_ key: Row.Key) -> (row: Row, sequence: UInt64)?? {
        guard let slot = place(of: key, Row.hash(of: key)) else { return .none }
        return .some(slots[slot].row.map { ($0, slots[slot].sequence) })
    }

    /// Whether finding the row reads the table.
    func mustAskTable(of key: Row.Key) -> Bool {
        !isWhole && place(of: key, Row.hash(of: key)) == nil
    }

    /// Takes over a row's new value; `existed` is what was found before the commit, used where
    /// memory has forgotten it; nil: it is looked up when the row is swept.
    func take(_ row: Row, sequence: UInt64, existed: Bool?) {
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
                noteChange(of: row, at: slot)
            }
            return
        }
        dirtyCount += 1
        switch existed {
        case true?: break
        case false?: unstoredCount += 1
        case nil: unknownCount += 1
        }
        let slot = insert(
            Slot(
                key: key, row: row, sequence: sequence, isDirty: true, isStored: existed,
                isRecent: true), hash)
        noteChange(of: row, at: slot)
    }

    /// Those rows that are not in the table yet and fit, in no order.
    func dirtyRows(where fits: (Row) -> Bool) -> [Row] {
        guard dirtyCount > 0 else { return [] }
        var found: [Row.Key: Row] = [:]
        forEachDirtySlot { slot in
            guard let row = slots[slot].row, fits(row) else { return }
            found[row.key] = row
        }
        return Array(found.values)
    }

    /// The rows that are not in the table yet, in no order.
    var dirtyRows: [(row: Row, sequence: UInt64)] {
        guard dirtyCount > 0 else { return [] }
        var result: [(row: Row, sequence: UInt64)] = []
        result.reserveCapacity(dirtyCount)
        var seen: Set<Int> = []
        forEachDirtySlot { slot in
            guard seen.insert(slot).inserted, let row = slots[slot].row else { return }
            result.append((row, slots[slot].sequence))
        }
        return result
    }

    /// Slots of rows that are not in the table yet, some of them twice.
    private func forEachDirtySlot(_ body: (Int) throws -> Void) rethrows {
        for slot in pass.places(from: swept) where slots[slot].isDirty { try body(slot) }
        for element in changed where slots[Int(element.place)].isDirty {
            try body(Int(element.place))
        }
    }

    /// Whether the table has the row of a slot, which is looked up if it has to be.
    private func isStored(_ slot: Int) throws -> Bool {
        if let isStored = slots[slot].isStored { return isStored }
        let isStored = try isInTable(slots[slot].key)
        learn(slot, isStored: isStored)
        return isStored
    }

    private func learn(_ slot: Int, isStored: Bool) {
        slots[slot].isStored = isStored
        unknownCount -= 1
        if !isStored { unstoredCount += 1 }
    }

    func beginPass() {
        pass = GradualSort(changed)
        changed = []
        // The next is about as long: room for it is not moved to as it grows.
        changed.reserveCapacity(pass.count)
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
        let addedBefore = addedCount
        while tentative < pass.count, budget > 0 {
            let place = pass.place(at: tentative)
            let slot = slots[place]
            tentative += 1
            // Clean: an earlier slice or pass wrote its newest value.
            guard slot.isDirty, let row = slot.row else { continue }
            // Before it is put: then the table has it.
            if counted != nil, try !isStored(place) { addedCount += 1 }
            try row.put(sequence: slot.sequence, with: putStatement)
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
        for index in swept..<tentative {
            let slot = pass.place(at: index)
            guard slots[slot].isDirty else { continue }
            slots[slot].isDirty = false
            if slots[slot].isStored == nil { unknownCount -= 1 }
            slots[slot].isStored = true
            dirtyCount -= 1
        }
        storedCount += addedCount
        unstoredCount -= addedCount
        addedCount = 0
        swept = tentative
        guard swept == pass.count else { return }
        pass = GradualSort([])
        swept = 0
        tentative = 0
    }

    /// What was put may be in the table all the same: of a transaction whose outcome is unknown.
    func abandon() {
        for index in swept..<tentative {
            let slot = pass.place(at: index)
            guard slots[slot].isDirty, slots[slot].isStored == false else { continue }
            slots[slot].isStored = nil
            unstoredCount -= 1
            unknownCount += 1
        }
        addedCount = 0
        tentative = swept
    }

    private func readTable(_ key: Row.Key) throws -> (row: Row, sequence: UInt64)? {
        guard let selectStatement else { return nil }
        selectStatement.bind { Row.bind(key, to: &$0) }
        return try selectStatement.first { reader in
            (try Row(from: &reader), reader.unsigned())
        }
    }

    /// Whether the table has a row, readable or not.
    private func isInTable(_ key: Row.Key) throws -> Bool {
        guard let selectStatement else { return false }
        selectStatement.bind { Row.bind(key, to: &$0) }
        return try selectStatement.first { _ in true } ?? false
    }

    @inline(__always)
    private func place(of key: Row.Key, _ hash: UInt64) -> Int? {
        slots.reading { slots in
            index.find(hash) { slots.pointer(to: $0).pointee.key == key }
        }
    }

    private func noteChange(of row: Row, at slot: Int) {
        changed.append(GradualSort.Element(position: row.position, place: Int32(slot)))
    }

    @discardableResult
    private func insert(_ slot: Slot, _ hash: UInt64) -> Int {
        let place: Int
        if slots.count - dirtyCount >= cleanMax, let victim = victim() {
            index.remove(Row.hash(of: slots[victim].key), victim)
            if slots[victim].row != nil {
                hasGivenUp = true
                isWhole = false
            }
            slots[victim] = slot
            place = victim
        } else {
            slots.append(slot)
            place = slots.count - 1
        }
        index.insert(hash, place)
        return place
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
