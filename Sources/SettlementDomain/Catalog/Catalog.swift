/// One version of the catalog: entries in the order of their indexes, found by index or code.
public final class Catalog: Sendable, Hashable {
    /// Which version.
    public let version: CatalogVersion
    /// The entries; a terminal may name an item by its position.
    public let entries: [CatalogEntry]
    /// The first entry of each code.
    private let firstIndex: [ItemCode: Int32]
    /// The next entry of the same code, -1 after the last; empty where no code occurs twice.
    private let nextIndex: [Int32]

    /// Creates a catalog of at most 2^31 - 1 entries.
    ///
    /// Where entries of one code overlap in time, the one with the lower index is found.
    public init(version: CatalogVersion, entries: [CatalogEntry]) {
        self.version = version
        self.entries = entries
        var first: [ItemCode: Int32] = [:]
        first.reserveCapacity(entries.count)
        var next: [Int32] = []
        // From the back, so that each chain runs in the order of indexes.
        for (index, entry) in entries.enumerated().reversed() {
            if let later = first.updateValue(Int32(index), forKey: entry.code) {
                if next.isEmpty { next = [Int32](repeating: -1, count: entries.count) }
                next[index] = later
            }
        }
        firstIndex = first
        nextIndex = next
    }

    /// The entry at an index; nil outside the catalog.
    public func entry(at index: Int) -> CatalogEntry? {
        entries.indices.contains(index) ? entries[index] : nil
    }

    /// The index of the code's entry in force on that day; nil where there is none.
    public func index(of code: ItemCode, on day: CivilDate) -> Int? {
        guard var index = firstIndex[code].map(Int.init) else { return nil }
        while !entries[index].isEffective(on: day) {
            guard !nextIndex.isEmpty, nextIndex[index] >= 0 else { return nil }
            index = Int(nextIndex[index])
        }
        return index
    }

    /// The code's entry in force on that day; nil where there is none.
    public func entry(of code: ItemCode, on day: CivilDate) -> CatalogEntry? {
        index(of: code, on: day).map { entries[$0] }
    }

    /// Whether course or frequency of the code's entry in force on that day is limited.
    public func needsHistory(_ code: ItemCode, on day: CivilDate) -> Bool {
        index(of: code, on: day).map { entries[$0].needsHistory } ?? false
    }

    /// Whether version and entries are equal.
    public static func == (left: Catalog, right: Catalog) -> Bool {
        left === right || left.version == right.version && left.entries == right.entries
    }

    /// Feeds the version.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(version)
    }
}
