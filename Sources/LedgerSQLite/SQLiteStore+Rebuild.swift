import Ledger
import SettlementDomain

extension SQLiteStore {
    /// Makes every projection anew from the journal, which is read whole first: where an entry cannot be
    /// read, nothing is changed.
    ///
    /// The tables are emptied in one transaction with the watermark; from there on a start-up would
    /// do the rest, so that an interruption loses nothing. Progress is in journal entries.
    public func rebuild(progress: StoreAudit.Progress = { _, _ in }) throws(StoreFault) {
        do {
            try access { _ in try readJournal() }
        } catch {
            throw StoreFault(error)
        }
        try empty()
        do {
            try access { handle in
                try projections.restart(on: handle)
                try replay(on: handle, progress)
            }
        } catch {
            // Memory ends before the journal does: nothing may be committed until it is replayed.
            detach()
            throw StoreFault(error)
        }
        try sweepAll()
    }

    /// Reads every entry, for the faults that it throws.
    private func readJournal() throws {
        var last: UInt64 = 0
        let reader = projections.journal.reader(after: last, hasThread: options.hasThreads)
        while true {
            let slice = try reader.next()
            for item in slice {
                guard item.sequence == last + 1 else {
                    throw StoreFault.missingEntry(last + 1, next: item.sequence)
                }
                last = try item.readable().sequence
            }
            if slice.isEmpty { return }
        }
    }

    private func empty() throws(StoreFault) {
        try write { handle in
            for table in Schema.projections {
                try Connection.execute("DELETE FROM \(table)", on: handle)
            }
            try Connection.execute(
                """
                UPDATE meta SET value = 0 WHERE name = 'projected_through';
                INSERT INTO business_date
                    SELECT 1, value, 0 FROM meta WHERE name = 'first_business_date';
                """, on: handle)
        }
    }
}
