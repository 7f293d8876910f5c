import Ledger
import SettlementDomain

/// Copies a journal from one store to another, entry by entry, whatever engines they are of.
///
/// The target is new and makes its tables of the entries; numbers are its own.
public struct StoreCopy {
    private let source: any StoreReader
    private let target: any LedgerStore

    /// Entries of a page.
    private static let pageLength = 1000

    /// Creates a copy from a store that is not written to meanwhile.
    public init(from source: any StoreReader, to target: any LedgerStore) {
        self.source = source
        self.target = target
    }

    /// The date on which a store's site began.
    public static func firstBusinessDate(
        of store: any LedgerStore
    ) throws(StoreFault) -> CivilDate {
        if case .entries(let first) = try store.read(.entries(after: 0, limit: 1)),
            let entry = first.first
        {
            return entry.bookedDate
        }
        return try store.loadReference().businessDate
    }

    /// Copies every entry, or those up to the first that was decided after a moment.
    ///
    /// - Parameter end: milliseconds since 1970 UTC; nil: every entry is copied.
    /// - Returns: how many entries were copied.
    /// - Throws: what either store throws; the target is then to be thrown away.
    public func run(until end: Int64? = nil) throws(StoreFault) -> UInt64 {
        var after: UInt64 = 0
        var copied: UInt64 = 0
        while case .entries(let page) = try source.read(
            .entries(after: after, limit: Self.pageLength)), let last = page.last
        {
            let part = Array(page.prefix { entry in end.map { entry.time <= $0 } ?? true })
            try target.commit(part)
            target.tidy()
            after = last.sequence
            copied += UInt64(part.count)
            if part.count < page.count { break }
        }
        return copied
    }
}
