import Ledger
import SettlementDomain

/// The ledger in a PostgreSQL database, which any number of daemons share.
///
/// Owned by one thread. Journal and tables change together, in one transaction; a row is only put in
/// the place of the version that the decision has read.
/// - Source: ARCHITECTURE.md, "The store for more than one machine".
public final class PostgreSQLStore: LedgerStore {
    let options: PostgreSQLOptions
    let fetch: Fetch
    var connection: Connection?
    private var writer: Writer?
    /// The entry that last changed reference data, as `loadReference` read it; nil before.
    private var reference: UInt64?
    private var transaction = Transaction.none
    /// The persons of batches that met another writer, since the last that did not.
    private var contested: Set<PersonID> = []
    private var conflicts = 0
    private var isClosed = false
    private var retry = Backoff()
    private var planning = Planning()

    /// The transaction under way.
    private enum Transaction {
        case none
        /// It only reads; what is written comes in another.
        case reading
        /// It holds the contested persons' accounts and writes too.
        case holding
    }

    /// After so many conflicts in a row, the persons are held from the reading on.
    private static let patience = 2

    /// Moments of a commit at which tests break the connection.
    package enum Moment: Sendable, CaseIterable { case begun, written, committing, committed }

    /// Asked at each moment of a commit: where it says so, the connection is cut.
    package var onMoment: ((Moment) -> Bool)?

    /// Connects to a database that holds a ledger.
    ///
    /// - Throws: `unavailable`, where it cannot be reached, has no schema or one of another version,
    ///   or was made under another seal.
    public init(_ options: PostgreSQLOptions) throws(StoreFault) {
        self.options = options
        fetch = Fetch(seal: options.seal)
        try connect()
    }

    deinit { close() }

    /// The entry that last changed reference data, as of `loadReference` or the last commit.
    public var referenceVersion: UInt64 { reference ?? 0 }

    /// Whether another writer has changed reference data since.
    public func isReferenceOutdated() throws(StoreFault) -> Bool {
        try connected { () throws(StoreFault) in
            try beginReading([])
            try finishReading()
        }
        return writer?.reference != reference
    }

    /// All reference data.
    public func loadReference() throws(StoreFault) -> Reference {
        let result = try connected { () throws(StoreFault) in
            try beginReading([])
            let result = try readReference()
            try finishReading()
            return result
        }
        reference = writer?.reference
        return result
    }

    /// The rows named by `keys`, as of one moment.
    public func load(
        _ keys: LoadKeys, reference: Reference
    ) throws(StoreFault) -> WorkingSet {
        try connected { () throws(StoreFault) in
            try loadOnce(keys, reference: reference)
        }
    }

    private func loadOnce(
        _ keys: LoadKeys, reference: Reference
    ) throws(StoreFault) -> WorkingSet {
        fetch.forget()
        // What the walk will need, as far as can be guessed, comes with the first answer.
        fetch.noteStrangers(keys)
        _ = try fetch.workingSet(keys, reference: reference)
        try beginReading(try fetch.reads())
        guard writer?.reference == self.reference ?? writer?.reference else {
            throw .outdatedReference
        }
        while true {
            let rows = try fetch.workingSet(keys, reference: reference)
            let reads = try fetch.reads()
            if reads.isEmpty { return rows }
            try read(reads)
        }
    }

    /// Answers one page of a question about what is stored, as of the last commit.
    public func read(_ question: StoreQuestion) throws(StoreFault) -> StorePage {
        try connected { () throws(StoreFault) in
            fetch.forget()
            try finishReading()
            return try answer(question)
        }
    }

    /// Makes the entries durable, all or none.
    public func commit(_ entries: [JournalEntry]) throws(StoreFault) {
        guard !entries.isEmpty else { return }
        try ready()
        defer { fetch.forget() }
        do throws(StoreFault) {
            try commitOnce(entries)
            conflicts = 0
            contested = []
        } catch {
            if case .conflict = error {
                conflicts += 1
                contested.formUnion(fetch.accounts.found.keys)
            }
            throw error
        }
    }

    private func commitOnce(_ entries: [JournalEntry]) throws(StoreFault) {
        let changesReference = entries.contains { $0.changesReference }
        let numbered: [JournalEntry]
        do throws(StoreFault) {
            numbered = try write(entries, changesReference)
        } catch {
            rollBack()
            throw error
        }
        try settle(numbered)
        if changesReference, let last = numbered.last?.sequence {
            reference = last
            writer?.reference = last
        }
    }

    /// Ends the transaction in which the last batch was read, if nothing came of it.
    public func tidy() { try? finishReading() }

    /// Gives back the right to write and lets go of the database.
    public func close() {
        guard !isClosed else { return }
        isClosed = true
        try? finishReading()
        if let connection, connection.isOpen, let writer {
            _ = try? connection.run([writer.release])
        }
        letGo()
    }

    /// Lets go at once: what the end of the process would do.
    package func letGo() {
        connection?.close()
        connection = nil
        writer = nil
        transaction = .none
    }
}

extension PostgreSQLStore {
    /// Begins a transaction that only reads, with its first reads, and learns whether reference data
    /// has changed.
    private func beginReading(_ reads: [Fetch.Read]) throws(StoreFault) {
        guard let writer else { throw .unavailable("there is no connection to the database") }
        if planning.comesDue() {
            try finishReading()
            _ = try query([Command("DISCARD PLANS")])
        }
        try finishHolding()
        var commands = transaction == .reading ? [Command("COMMIT")] : []
        let holds = conflicts >= Self.patience && !contested.isEmpty
        if holds {
            commands += [Command("BEGIN"), writer.hold, AccountSlot.hold(contested)]
        } else {
            commands.append(Command("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"))
        }
        transaction = holds ? .holding : .reading
        let first = commands.count
        let results: [ResultRows]
        do throws(StoreFault) {
            results = try query(commands + [writer.readCommand] + reads.map(\.command))
        } catch {
            rollBack()
            throw error
        }
        var reader = results[first].reader(0, of: "writer")
        guard results[first].count == 1, !reader.isNull(), reader.flag() else {
            // Another has taken the row: this one was silent for too long.
            letGo()
            throw .conflict
        }
        self.writer?.reference = reader.unsigned()
        for (read, result) in zip(reads, results.dropFirst(first + 1)) { try read.take(result) }
    }

    /// Lets go of what a batch has held that came to nothing.
    private func finishHolding() throws(StoreFault) {
        guard transaction == .holding else { return }
        transaction = .none
        _ = try query([Command("ROLLBACK")])
    }

    /// Reads in one round trip; a fault is the ledger's.
    func read(_ reads: [Fetch.Read]) throws(StoreFault) {
        let results = try query(reads.map(\.command))
        for (read, result) in zip(reads, results) { try read.take(result) }
    }

    /// Runs commands that nothing is written by.
    func query(_ commands: [Command]) throws(StoreFault) -> [ResultRows] {
        guard let connection else { throw .unavailable("there is no connection to the database") }
        do throws(DatabaseFault) {
            return try connection.run(commands)
        } catch {
            throw error.storeFault
        }
    }

    func finishReading() throws(StoreFault) {
        guard transaction != .none else { return }
        transaction = .none
        _ = try query([Command("COMMIT")])
    }

    /// Numbers and writes entries in a transaction that is not committed yet.
    private func write(
        _ entries: [JournalEntry], _ changesReference: Bool
    ) throws(StoreFault) -> [JournalEntry] {
        guard var writer else { throw .unavailable("there is no connection to the database") }
        // Sent with what comes next.
        var first: [Command] =
            switch transaction {
            case .none: [Command("BEGIN")]
            case .reading: [Command("COMMIT"), Command("BEGIN")]
            case .holding: []
            }
        transaction = .none
        if changesReference {
            // What other writers commit comes before this, or is decided after it.
            let rows = try query(first + [Writer.standStill])
            first = []
            var reader = rows[rows.count - 1].reader(0, of: "writer")
            writer.clock.pass(reader.unsigned())
        }
        var batch: Batch
        writer.clock.pass(writer.reference)
        while true {
            writer.clock.pass(fetch.newest)
            batch = Batch(
                entries.map { entry in
                    var entry = entry
                    entry.sequence = writer.clock.next(at: entry.time)
                    return entry
                })
            let reads = try batch.missingVersions(in: fetch)
            if reads.isEmpty { break }
            if !first.isEmpty { _ = try query(first) }
            first = []
            try read(reads)
        }
        self.writer?.clock = writer.clock
        guard let last = batch.entries.last?.sequence else { return [] }
        let renewal = Batch.Write(
            command: writer.renewal(
                last: last, entries: entries.count, decidedBy: reference ?? writer.reference),
            rows: 1)
        let writes = try [renewal] + batch.writes(over: fetch, by: writer.id)
        let announcement = changesReference ? [Writer.announce(last)] : []
        try reach(.begun)
        let results = try query(first + writes.map(\.command) + announcement)
        for (write, result) in zip(writes, results.dropFirst(first.count))
        where result.written != write.rows {
            throw .conflict
        }
        try reach(.written)
        return batch.entries
    }

    /// Commits; where the answer is lost, finds out what became of it.
    private func settle(_ entries: [JournalEntry]) throws(StoreFault) {
        guard let connection, let first = entries.first else { return }
        do throws(DatabaseFault) {
            try breaking(.committing)
            // A server that waits for its standby must not give up in the middle: it would call
            // durable what is not.
            let warnings = connection.warnings
            try connection.run([Command("SET LOCAL statement_timeout = 0"), Command("COMMIT")])
            guard connection.warnings == warnings else { throw .unconfirmed }
            try breaking(.committed)
        } catch {
            // A server that says that it ends may have committed before.
            guard error.endsConnection else { throw error.storeFault }
            guard try isCommitted(first, "\(error.storeFault)") else { throw .conflict }
        }
    }

    /// Whether a transaction whose commit was not answered has happened.
    ///
    /// - Throws: `outcomeUnknown` where the database cannot be asked in time.
    private func isCommitted(_ entry: JournalEntry, _ why: String) throws(StoreFault) -> Bool {
        guard let lost = writer else { throw .outcomeUnknown(why) }
        letGo()
        let end = Monotonic.millis + options.resolveMillis
        var pause = Backoff()
        while Monotonic.millis < end {
            pause.wait()
            do throws(StoreFault) {
                try connect()
                // Waits for the transaction, if the server still has it, and keeps it from being
                // committed, if the server never got to it.
                _ = try query([lost.fence(as: "-")])
                let rows = try query([
                    Fetch.entriesCommand([
                        EntryPlace(account: entry.account, sequence: entry.sequence)
                    ])
                ])[0]
                _ = try query([
                    Command(
                        "UPDATE writer SET holder = NULL WHERE id = $1 AND holder = '-'",
                        [.number(lost.id)])
                ])
                return rows.count == 1
            } catch {
                pause.failed()
            }
        }
        throw .outcomeUnknown("\(why); the database could not be asked what became of it")
    }

    private func rollBack() {
        transaction = .none
        guard let connection, connection.isOpen else { return }
        do throws(DatabaseFault) {
            try connection.run([Command("ROLLBACK")])
        } catch {
            connection.close()
        }
    }

    /// Reads over a connection that works: one that turns out to be dead, as after a failover, is
    /// followed by another once.
    private func connected<Result>(
        _ body: () throws(StoreFault) -> Result
    ) throws(StoreFault) -> Result {
        try ready()
        do throws(StoreFault) {
            return try body()
        } catch {
            guard case .unavailable = error, connection?.isOpen != true else { throw error }
            try ready()
            return try body()
        }
    }

    /// Connects where there is no connection.
    private func ready() throws(StoreFault) {
        guard !isClosed else { throw .unavailable("the store is closed") }
        if let connection, connection.isOpen, writer != nil { return }
        guard retry.isDue else {
            throw .unavailable("the database cannot be reached; it will be tried again")
        }
        try connect()
    }

    private func connect() throws(StoreFault) {
        letGo()
        do throws(StoreFault) {
            let connection = try Session.open(options)
            try Session.requireSchema(connection)
            self.connection = connection
            planning = Planning()
            do throws(DatabaseFault) {
                writer = try Writer.claim(on: connection)
            } catch {
                throw error.storeFault
            }
            guard writer != nil else {
                throw .unavailable(
                    "all \(SequenceClock.writersMax - 1) writers of the database are in use")
            }
        } catch {
            letGo()
            retry.failed()
            throw error
        }
        retry = Backoff()
    }

    private func reach(_ moment: Moment) throws(StoreFault) {
        do throws(DatabaseFault) {
            try breaking(moment)
        } catch {
            throw error.storeFault
        }
    }

    /// For tests: ends the connection at a moment.
    private func breaking(_ moment: Moment) throws(DatabaseFault) {
        guard let onMoment, onMoment(moment) else { return }
        connection?.close()
        throw .lost("the connection was cut")
    }
}
