import GRDBSQLite
import Ledger
import SettlementDomain

extension SQLiteStore {
    /// What a commit has left for the time after its answers.
    struct Untidied {
        /// Committed entries that memory has not taken over yet, and what stood before each.
        var entries: [JournalEntry]
        var found: [Antecedents]
        /// Rows that a sweep owes for them; nil: it was done while they were synced.
        var rowsToSweep: Int?
    }

    /// Makes the entries durable, all or none.
    ///
    /// COMMIT writes them to the log, then the log is synced. While the disk works on that, a large
    /// commit sweeps what waits into tables, in a transaction that nothing waits for.
    public func commit(_ entries: [JournalEntry]) throws(StoreFault) {
        guard !entries.isEmpty else { return }
        try ready()
        try place.check()
        let first = projections.last + 1
        var numbered = entries
        for index in numbered.indices { numbered[index].sequence = first + UInt64(index) }
        let added = numbered.reduce(0) { $0 + $1.rowsAdded }
        var found: [Antecedents] = []
        var isSwept = false
        try sync(fully: false)
        let written = checkpointer.passing {
            attempt { handle in
                try reach(.begun)
                found = try projections.antecedents(of: numbered)
                try append(numbered)
                try reach(.journalWritten)
                if projections.isFull {
                    try projections.sweep(adding: added)
                    isSwept = true
                }
                try reach(.swept)
            }
        }
        try settle(written, first: numbered[0])
        // Another thread is worth its wake-up only where there is something to do meanwhile.
        let sweeps = numbered.count >= options.entriesBesideSyncMin && !isSwept && maySweep
        let swept = try syncLog(of: numbered[0], sweeping: sweeps ? added : nil)
        mark.advance(to: first + UInt64(numbered.count) - 1)
        untidied = Untidied(
            entries: numbered, found: found, rowsToSweep: isSwept || swept ? nil : added)
    }

    /// Takes over what was committed, and sweeps some of what waits into tables, unless that was done
    /// while the commit was synced.
    ///
    /// The sweep is a transaction of its own that is not synced: what is lost of it is made of the
    /// journal again, and the next commit syncs it with its entries.
    public func tidy() {
        defer { if !options.hasThreads { checkpointer.copyIfDue() } }
        let rowsToSweep = untidied?.rowsToSweep
        takeCommitted()
        guard let rowsToSweep, connection != nil, let swept = sweep(adding: rowsToSweep) else {
            return
        }
        conclude(sweep: swept)
    }

    /// The fault that the last commit met and mended, once.
    public func takeMended() -> StoreFault? {
        defer { mended = nil }
        return mended
    }

    /// The rows of the last commit are what is read from now on.
    func takeCommitted() {
        guard let done = untidied else { return }
        untidied = nil
        for (entry, found) in zip(done.entries, done.found) { projections.take(entry, found) }
    }

    /// Runs a transaction that adds nothing to the journal, and waits for the disk.
    func write(_ body: (OpaquePointer) throws -> Void) throws(StoreFault) {
        takeCommitted()
        try sync(fully: true)
        try settle(checkpointer.passing { attempt(body) }, first: nil)
    }

    private func append(_ entries: [JournalEntry]) throws {
        var writer = ByteWriter(capacity: 4096)
        for entry in entries {
            writer.removeAll()
            JournalCoding.write(entry, to: &writer)
            try writer.withUnsafeBytes {
                try projections.journal.append($0, sequence: entry.sequence)
            }
        }
    }

    /// Makes durable what was committed; meanwhile sweeps for so many rows that were added.
    ///
    /// - Returns: whether it swept.
    private func syncLog(
        of entry: JournalEntry, sweeping added: Int?
    ) throws(StoreFault) -> Bool {
        var swept: Attempt?
        do {
            try access { handle in
                try added == nil ? logSync.sync(on: handle) : logSync.begin(on: handle)
            }
            if let added { swept = sweep(adding: added) }
            try logSync.wait()
        } catch {
            // It is in the log and perhaps not on the disk: the log is written again.
            projections.abandon()
            try settle(.unknown(error), first: entry)
            return false
        }
        if let swept {
            conclude(sweep: swept)
        } else {
            // What the commit itself has swept counts now.
            projections.confirm()
        }
        return swept != nil
    }

    private var maySweep: Bool { projections.isSweepDue && !checkpointer.isCopying }

    /// Writes a slice of what waits, unsynced; nil: this is not the time.
    private func sweep(adding added: Int) -> Attempt? {
        guard maySweep else { return nil }
        return checkpointer.passing { attempt { _ in try projections.sweep(adding: added) } }
    }

    /// What failed waits on; a commit that finds no room left says why.
    private func conclude(sweep: Attempt) {
        do {
            try settle(sweep, first: nil)
            projections.confirm()
        } catch {}
    }

    /// Chooses whether COMMIT waits for the disk: commits of entries sync the log themselves.
    private func sync(fully: Bool) throws(StoreFault) {
        guard fully != syncsFully else { return }
        try mappingFaults {
            try access { handle in
                try Connection.execute(
                    "PRAGMA synchronous = \(fully ? "FULL" : "NORMAL")", on: handle)
                let mode = try Connection.pragma("synchronous", on: handle)
                guard mode == (fully ? 2 : 1) else {
                    throw StoreFault.unavailable(
                        "\(path): synchronous is \(mode) and cannot be set")
                }
            }
        }
        syncsFully = fully
    }
}
