import Ledger

/// A row of a table that only grows, found by what it belongs to.
protocol Added: Projected {
    /// Rows of one thread are looked for together.
    associatedtype Thread: Equatable

    var thread: Thread { get }
    static func hash(of thread: Thread) -> UInt64
}

/// Rows that are only ever added, swept in the order of their keys.
///
/// They are in memory until the pass that sweeps them ends, threaded by what they belong to.
final class AddedRows<Row: Added>: SweptTable {
    /// Rows added between two passes.
    private struct Generation: ~Copyable {
        /// A row, the entry that made it, and the place of the one before it of the same thread.
        struct Place {
            var row: Row
            var sequence: UInt64
            var before: Int32
        }

        var places = BlockArray<Place>()
        /// What a pass sweeps.
        var elements: [GradualSort.Element] = []
        /// The newest place of each thread.
        private var newest = SlotIndex()

        mutating func add(_ row: Row, sequence: UInt64) {
            let thread = row.thread
            let hash = Row.hash(of: thread)
            let before = newestPlace(of: thread, hash)
            let place = places.count
            places.append(Place(row: row, sequence: sequence, before: Int32(before ?? -1)))
            elements.append(GradualSort.Element(position: row.position, place: Int32(place)))
            if let before {
                newest.replace(hash, before, by: place)
            } else {
                newest.insert(hash, place)
            }
        }

        func newestPlace(of thread: Row.Thread, _ hash: UInt64) -> Int? {
            places.reading { places in
                newest.find(hash) { places.pointer(to: $0).pointee.row.thread == thread }
            }
        }
    }

    private var current = Generation()
    private var pass = Generation()
    private var order = GradualSort([])
    private var swept = 0
    private var tentative = 0
    private var putStatement: Statement?
    private(set) var select: Statement?

    var waiting: Int { current.places.count + pass.places.count - swept }
    var leftInPass: Int { pass.places.count - tentative }

    func attach(to handle: OpaquePointer) throws {
        putStatement = try Statement(Row.putSQL, on: handle)
        select = try Statement(Row.selectSQL, on: handle)
    }

    func detach() {
        putStatement = nil
        select = nil
    }

    func forget() {
        current = Generation()
        endPass()
    }

    func add(_ row: Row, sequence: UInt64) {
        current.add(row, sequence: sequence)
    }

    /// The entry that made the newest row of a thread, where it is in memory.
    func newestSequence(of thread: Row.Thread) -> UInt64? {
        let hash = Row.hash(of: thread)
        if let place = current.newestPlace(of: thread, hash) {
            return current.places[place].sequence
        }
        return pass.newestPlace(of: thread, hash).map { pass.places[$0].sequence }
    }

    /// The rows of a thread in memory, newest first; some of them may be in the table already.
    func newestFirst(of thread: Row.Thread) -> [Row] {
        let hash = Row.hash(of: thread)
        var rows: [Row] = []
        var place = current.newestPlace(of: thread, hash)
        while let found = place, found >= 0 {
            rows.append(current.places[found].row)
            place = Int(current.places[found].before)
        }
        place = pass.newestPlace(of: thread, hash)
        while let found = place, found >= 0 {
            rows.append(pass.places[found].row)
            place = Int(pass.places[found].before)
        }
        return rows
    }

    func beginPass() {
        pass = Generation()
        swap(&pass, &current)
        order = GradualSort(pass.elements)
        pass.elements = []
        // The next is about as long: room for it is not moved to as it grows.
        current.elements.reserveCapacity(order.count)
    }

    func sweep(_ budget: inout Int) throws {
        guard budget > 0, tentative < order.count, let putStatement else { return }
        let end = tentative + min(order.count - tentative, budget)
        budget -= end - tentative
        for index in tentative..<end {
            // Of two rows under one key the newer is put last.
            let place = order.place(at: index)
            try pass.places[place].row.put(
                sequence: pass.places[place].sequence, with: putStatement)
        }
        tentative = end
    }

    func confirm() {
        swept = tentative
        if order.count > 0, swept == order.count { endPass() }
    }

    func abandon() {
        tentative = swept
    }

    private func endPass() {
        pass = Generation()
        order = GradualSort([])
        swept = 0
        tentative = 0
    }
}
