import GRDBSQLite
import Ledger
import SettlementDomain

extension SQLiteStore {
    /// How a transaction ended.
    enum Attempt {
        case committed
        /// Nothing of it was written.
        case undone(any Error)
        /// COMMIT failed, and SQLite cannot tell whether it is on the disk.
        case unknown(any Error)
    }

    func attempt(_ body: (OpaquePointer) throws -> Void) -> Attempt {
        do {
            return try access { handle in
                guard let transaction else { throw StoreFault.unavailable("the store is closed") }
                do {
                    try transaction.begin.run()
                    try body(handle)
                } catch {
                    projections.abandon()
                    return try undo(error, on: handle)
                }
                do {
                    try reach(.committing)
                    try transaction.commit.run()
                    try reach(.committed)
                    return .committed
                } catch {
                    projections.abandon()
                    guard sqlite3_get_autocommit(handle) == 0 else { return .unknown(error) }
                    return try undo(error, on: handle)
                }
            }
        } catch {
            return .unknown(error)
        }
    }

    /// Rolls back, and makes sure of it.
    private func undo(_ error: any Error, on handle: OpaquePointer) throws -> Attempt {
        // Some faults roll back by themselves; then there is nothing to roll back.
        try? transaction?.rollback.run()
        return sqlite3_get_autocommit(handle) != 0 ? .undone(error) : .unknown(error)
    }

    /// Returns where the transaction is committed; else says what became of it.
    func settle(_ attempt: Attempt, first: JournalEntry?) throws(StoreFault) {
        switch attempt {
        case .committed: return
        case .undone(let error):
            if (error as? SQLiteFault)?.isFailedAccess == true { distrustLog() }
            throw StoreFault(error)
        case .unknown(let error):
            let isWritten: Bool
            do {
                isWritten = try reopen(lookingFor: first)
            } catch {
                detach()
                throw .outcomeUnknown("after a failed commit: \(error)")
            }
            // If the sweep was written, sweeping it again does no harm: whether tables have its rows is
            // looked up.
            guard first != nil, isWritten else { throw StoreFault(error).asUnavailable }
            mended = StoreFault(error).asUnavailable
        }
    }

    /// Opens the file anew and tells whether the entry is in the journal; if it is not, makes sure
    /// that it never will be.
    private func reopen(lookingFor entry: JournalEntry?) throws -> Bool {
        detach()
        checkpointer.isLogDoubtful = true
        try reach(.reopening)
        try attach(
            try Connection(path: path, purpose: .write, cacheBytes: options.pageCacheBytes))
        return try access { handle in
            // Nothing is appended to, and nothing believed of, a log that may be torn.
            try Connection.rewriteLog(on: handle)
            checkpointer.isLogDoubtful = false
            try projections.reload(from: handle)
            if let entry {
                let found = try projections.journal.entry(entry.sequence)
                if found.map(JournalCoding.encode) == JournalCoding.encode(entry) { return true }
            }
            try reach(.settling)
            // The failed transaction's pages may lie behind the log's end. This overwrites their
            // beginning, durably, so that no recovery can take them for committed.
            try Connection.execute(
                "UPDATE meta SET value = value + 1 WHERE name = 'recoveries'", on: handle)
            return false
        }
    }

    /// Has the next call write the log again: a sync of it has failed, or may have.
    ///
    /// What was written before it may never reach the disk, and whatever is appended to it would be
    /// lost with it.
    private func distrustLog() {
        checkpointer.isLogDoubtful = true
        detach()
    }

    /// Opens the file again after a fault that left it closed.
    func ready() throws(StoreFault) {
        guard !isClosed else { throw .unavailable("the store is closed") }
        takeCommitted()
        guard connection == nil || checkpointer.isLogDoubtful else { return }
        do {
            _ = try reopen(lookingFor: nil)
            try access { try replay(on: $0) }
        } catch {
            detach()
            throw StoreFault(error).asUnavailable
        }
    }

    /// Takes over the journal's entries that memory has not seen.
    func replay(
        on handle: OpaquePointer, _ progress: StoreAudit.Progress = { _, _ in }
    ) throws {
        let end = try JournalTable.lastSequence(on: handle)
        let reader = projections.journal.reader(
            after: projections.last, hasThread: options.hasThreads)
        while try replaySlice(of: reader) { progress(projections.last, end) }
    }

    /// Takes over the next entries, in one read transaction; false at the journal's end.
    private func replaySlice(of reader: JournalReader) throws -> Bool {
        guard let transaction else { return false }
        try transaction.read.run()
        do {
            let entries = try reader.next().map { try $0.readable() }
            let found = try projections.antecedents(of: entries, lookingUpRows: false)
            for (entry, found) in zip(entries, found) {
                guard entry.sequence == projections.last + 1 else {
                    throw StoreFault.missingEntry(projections.last + 1, next: entry.sequence)
                }
                projections.take(entry, found)
            }
            try transaction.commit.run()
            if projections.isOverfull { try sweepPassWithinAccess() }
            return !entries.isEmpty
        } catch {
            try? transaction.rollback.run()
            throw error
        }
    }

    private func sweepPassWithinAccess() throws {
        guard let transaction else { return }
        repeat {
            try transaction.begin.run()
            do {
                try projections.sweep(rowsMax: options.rowsInSliceMax)
                try transaction.commit.run()
            } catch {
                projections.abandon()
                try? transaction.rollback.run()
                throw error
            }
            projections.confirm()
            checkpointer.awaitCopy()
        } while projections.isInPass
    }
}

/// What begins and ends transactions, compiled.
struct TransactionStatements {
    let begin: Statement
    let read: Statement
    let commit: Statement
    let rollback: Statement

    init(on handle: OpaquePointer) throws {
        begin = try Statement("BEGIN IMMEDIATE", on: handle)
        read = try Statement("BEGIN", on: handle)
        commit = try Statement("COMMIT", on: handle)
        rollback = try Statement("ROLLBACK", on: handle)
    }
}

extension StoreFault {
    /// This fault, where nothing was executed.
    var asUnavailable: StoreFault {
        switch self {
        case .unavailable, .corrupt: self
        case .conflict, .outdatedReference: .unavailable("conflict")
        case .outcomeUnknown(let text): .unavailable(text)
        }
    }
}
