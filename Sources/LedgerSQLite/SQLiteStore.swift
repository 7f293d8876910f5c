import GRDBSQLite
import Ledger
import SettlementDomain

/// The ledger in one SQLite file: the journal is written synchronously, projections behind it.
///
/// Owned by one thread. A second store on the same file is refused until this one is closed or its
/// process has ended.
/// - Source: ARCHITECTURE.md, "The store".
public final class SQLiteStore: LedgerStore {
    /// How much of the store is held in memory.
    public struct Options: Sendable {
        /// How many changed rows may wait in memory until commits have swept them into tables.
        ///
        /// About 150 bytes each. Half as many more may wait after a start that takes over what was not
        /// swept. Range 1...; default 2,000,000.
        public var waitingRowsMax: Int
        /// How many unchanged rows are kept of each of the tables that every settlement reads.
        ///
        /// About 150 bytes each; those of a person some 600 in all. A table that has no more is read into
        /// memory ahead (``SQLiteStore/readAhead()``). Range 1...; default 1,000,000.
        public var cachedRowsMax: Int
        /// The size of SQLite's page cache, in bytes; default 16 MiB.
        ///
        /// More is slower: rows are cached as rows, pages by the system, and SQLite looks through
        /// its whole cache at the end of a transaction that divided a page of a tree, as long as
        /// the file is below 1 GiB.
        public var pageCacheBytes: Int
        /// The length of the write-ahead log at which it is copied into the file, in pages of
        /// 4 KiB; default 1024 (4 MiB).
        ///
        /// A longer one is copied seldom, and then commits wait for all of it: for the processor that
        /// copies, and for the disk, whose cache each sync of the log empties.
        ///
        /// The log's file is given a quarter more at start and keeps it.
        public var logPagesMax: Int32
        /// How many journal entries an era of a new store's history has; 1 or more.
        ///
        /// Reckoned at 50 bytes a row, an era takes some 50 MB of its table. The fewer entries, the fewer pages are
        /// written, and the more eras are looked into for an old history.
        package var entriesInEra: UInt64 = 1 << 20
        /// False for simulation: no thread is begun, and the log is copied by ``SQLiteStore/tidy()``.
        package var hasThreads = true
        /// Where threads come from; for tests.
        var starter: ThreadStarter = beginThread
        /// At most so many rows are swept in one transaction, so that the log stays near its length.
        var rowsInSliceMax: Int { Int(logPagesMax) * 8 }
        /// From so many entries on a commit sweeps while its sync is on its way; smaller ones sweep when
        /// their answers have left.
        package var entriesBesideSyncMin = 8
        /// Once a batch's rows were read from the disk, at least so many blocks of 512 bytes, the next batch's
        /// are read side by side.
        package var blocksReadMin = 64
        /// So many rows are read ahead at once: some 100 us of work, for which a request may have to wait.
        package var rowsReadAheadAtOnce = 64

        /// Creates options; what is not named is the default.
        public init(
            waitingRowsMax: Int = 2_000_000, cachedRowsMax: Int = 1_000_000,
            pageCacheBytes: Int = 16 << 20, logPagesMax: Int32 = 1024
        ) {
            self.waitingRowsMax = max(1, waitingRowsMax)
            self.cachedRowsMax = max(1, cachedRowsMax)
            self.pageCacheBytes = pageCacheBytes
            self.logPagesMax = max(1, logPagesMax)
        }

        /// For a tool or a test that writes little: no room is reserved that it would not use.
        public static let brief = Options(
            waitingRowsMax: 50_000, cachedRowsMax: 50_000, pageCacheBytes: 32 << 20,
            logPagesMax: 256)
    }

    /// Moments of a commit at which tests make it fail.
    package enum Moment: Sendable, CaseIterable {
        case begun, journalWritten, swept, committing, committed, reopening, settling
    }

    let path: String
    let options: Options
    let projections: Projections
    private var lock: StoreLock?
    let mark: StoreMark
    var place: StorePlace
    let checkpointer: Checkpointer
    let logSync: LogSync
    /// Made for the batch after the first that had to read the disk; gone with the connection.
    private var fetcher: PageFetcher?
    /// Whether the last batch had to read the disk.
    private var fetches = false
    /// Whether the connection's fetcher has done what it was asked.
    private var canFetch = true
    var connection: Connection?
    var isClosed = false
    var transaction: TransactionStatements?
    /// Whether the connection's COMMIT waits for the disk, as it does when it is opened.
    var syncsFully = true
    /// What ``tidy()`` has to do for the last commit.
    var untidied: Untidied?
    /// A fault that was mended before its call returned, and that nobody was told of.
    var mended: StoreFault?

    /// Called at each moment of a commit; what it throws is the failure.
    package var onMoment: ((Moment) throws -> Void)?

    /// Makes a new store for a site whose first business date is given, and opens it.
    ///
    /// Refuses a path at which something exists.
    public static func create(
        at path: String, seal: any StoreSeal, businessDate: CivilDate, options: Options = Options()
    ) throws(StoreFault) -> SQLiteStore {
        let lock = try StoreLock(forStoreAt: path)
        try StoreFile.create(at: path) { (partial: String) throws(StoreFault) in
            let connection = try Connection(path: partial, purpose: .create)
            defer { connection.close() }
            try connection.migrate(path: path)
            try mappingFaults {
                try connection.access { handle in
                    let put = try Statement(BusinessDateMark.putSQL, on: handle)
                    try BusinessDateMark(businessDate).put(sequence: 0, with: put)
                    let first = try Statement(
                        "INSERT INTO meta VALUES ('first_business_date', ?)", on: handle)
                    first.bind { $0.date(businessDate) }
                    try first.run()
                    try Eras.note(options.entriesInEra, on: handle)
                    try Connection.noteKeys(of: seal, on: handle)
                    // What fails when it is closed, nobody is told.
                    try Connection.copyLog(on: handle)
                }
            }
        }
        return try SQLiteStore(opening: path, seal: seal, options: options, holding: lock)
    }

    /// Opens a store and brings its memory up to the journal's end.
    ///
    /// `whenLocked` is called once no other process can open it, before it is read.
    public convenience init(
        opening path: String, seal: any StoreSeal, options: Options = Options(),
        whenLocked: () -> Void = {}
    ) throws(StoreFault) {
        let lock = try StoreLock(forStoreAt: path)
        whenLocked()
        try self.init(opening: path, seal: seal, options: options, holding: lock)
    }

    private init(
        opening path: String, seal: any StoreSeal, options: Options, holding lock: StoreLock
    ) throws(StoreFault) {
        self.path = path
        self.options = options
        self.lock = lock
        projections = Projections(options: options, seal: seal)
        mark = try StoreMark(ofStoreAt: path)
        place = StorePlace(path: path)
        // A frame of the log is a page and 24 bytes. Some room is for commits during a checkpoint.
        StoreFile.reserveLog(of: path, bytes: Int(options.logPagesMax) * 4120 * 5 / 4)
        let connection = try Connection(
            path: path, purpose: .write, cacheBytes: options.pageCacheBytes)
        try connection.migrate(path: path)
        try connection.requireKeys(of: seal, path: path)
        checkpointer = try Checkpointer(
            path: path, pagesMax: options.logPagesMax, options.hasThreads ? options.starter : nil)
        logSync = LogSync(options.hasThreads ? options.starter : nil)
        try attach(connection)
        try mappingFaults(naming: path) {
            try access { handle in
                let end = try JournalTable.lastSequence(on: handle)
                // Nothing is written to a file that is to be looked at or thrown away.
                guard end >= mark.acknowledged else {
                    throw StoreFault.corrupt(
                        "\(path) ends at journal entry \(end), but entry \(mark.acknowledged) was "
                            + "acknowledged: its log was cut or damaged, or the file is an older "
                            + "copy; restore a backup with `settlectl restore`")
                }
                let isClean = try Statement(
                    "SELECT value FROM meta WHERE name = 'clean'", on: handle
                )
                .first { $0.integer() }
                // The process before may have ended after a sync that failed.
                if isClean != 1 { try Connection.rewriteLog(on: handle) }
                try Connection.execute("UPDATE meta SET value = 0 WHERE name = 'clean'", on: handle)
                try projections.restart(on: handle)
                try replay(on: handle)
            }
        }
    }

    deinit {
        guard !isClosed else { return }
        letGo()
    }

    /// All reference data.
    public func loadReference() throws(StoreFault) -> Reference {
        try ready()
        return try reading { try reference(on: $0) }
    }

    /// The rows named by `keys`, as of the last commit.
    public func load(
        _ keys: LoadKeys, reference: Reference
    ) throws(StoreFault) -> WorkingSet {
        try ready()
        return try reading { _ in
            // One read transaction: SQLite takes its locks once.
            try transaction?.read.run()
            defer { try? transaction?.commit.run() }
            projections.touch(keys)
            let blocksBefore = DiskReads.blocksOfThread
            let fetched = fetches ? try fetch(keys) : 0
            let rows = try projections.workingSet(keys, reference: reference)
            let blocksRead = DiskReads.blocksOfThread - blocksBefore + fetched
            fetches = options.hasThreads && canFetch && blocksRead >= options.blocksReadMin
            return rows
        }
    }

    /// Has the pages of what a batch asks of tables read side by side; gives the blocks that were read.
    private func fetch(_ keys: LoadKeys) throws -> Int {
        let fetcher = fetcher ?? PageFetcher(path: path, options.starter)
        self.fetcher = fetcher
        let cards = fetcher.fetch(projections.cardsNotInMemory(of: keys))
        let rows = fetcher.fetch(try projections.rowsNotInMemory(of: keys))
        canFetch = cards.failed + rows.failed == 0
        return cards.blocksRead + rows.blocksRead
    }

    /// Reads the next rows of the tables that every settlement asks into memory, if all of them have
    /// room there.
    public func readAhead() throws(StoreFault) -> Int {
        try ready()
        return try reading { _ in try projections.readAhead(options.rowsReadAheadAtOnce) }
    }

    /// Answers one page of a question about what is stored, as of the last commit.
    public func read(_ question: StoreQuestion) throws(StoreFault) -> StorePage {
        try ready()
        return try reading { try answer(question, on: $0) }
    }

    /// Sweeps what waits into tables, copies the log into the file and lets go of the store.
    ///
    /// The log's file stays, with nothing in it that the store's file has not.
    public func close() {
        guard !isClosed else { return }
        // Opens it again, with a log that is whole, if a fault has left it otherwise.
        try? ready()
        takeCommitted()
        isClosed = true
        if connection != nil, !checkpointer.isLogDoubtful {
            try? sweepAll()
            try? access { handle in
                try Connection.execute("UPDATE meta SET value = 1 WHERE name = 'clean'", on: handle)
            }
        }
        checkpointer.stop()
        logSync.stop()
        try? access { handle in
            guard !checkpointer.isLogDoubtful else { return }
            _ = sqlite3_wal_checkpoint_v2(handle, nil, SQLITE_CHECKPOINT_RESTART, nil, nil)
        }
        detach()
        lock = nil
    }

    /// Lets go without sweeping: what the end of the process would do.
    package func letGo() {
        isClosed = true
        checkpointer.stop()
        logSync.stop()
        detach()
        lock = nil
    }

    /// Writes all that waits in memory into the tables.
    func sweepAll() throws(StoreFault) {
        takeCommitted()
        while projections.waiting > 0 || projections.projectedThrough < projections.last {
            try write { _ in try projections.sweep(rowsMax: options.rowsInSliceMax) }
            projections.confirm()
            checkpointer.awaitCopy()
        }
    }

    /// Reads, but not while the log is being begun anew: a reader would keep it from that.
    private func reading<Result>(
        _ body: (OpaquePointer) throws -> Result
    ) throws(StoreFault) -> Result {
        try mappingFaults { try checkpointer.passing { try access(body) } }
    }

    func access<Result>(_ body: (OpaquePointer) throws -> Result) throws -> Result {
        guard let connection else { throw StoreFault.unavailable("the store is closed") }
        return try connection.access(body)
    }

    func attach(_ connection: Connection) throws(StoreFault) {
        try mappingFaults(naming: path) {
            try connection.access { handle in
                checkpointer.watch(handle)
                try projections.attach(to: handle)
                transaction = try TransactionStatements(on: handle)
            }
        }
        try place.opened()
        self.connection = connection
        syncsFully = true
        logSync.logChanged()
    }

    func detach() {
        fetcher?.stop()
        fetcher = nil
        canFetch = true
        projections.detach()
        transaction = nil
        connection?.close()
        connection = nil
    }

    /// Rolls back as SQLite does by itself after some faults; for tests, at a moment of a commit.
    func rollBackWithinAccess() throws {
        try transaction?.rollback.run()
    }

    func reach(_ moment: Moment) throws {
        if let onMoment { try onMoment(moment) }
    }
}

extension JournalEntry {
    /// About how many rows wait in memory after this entry.
    var rowsAdded: Int {
        // Of what moves money, the answer, the history and the day's books; else the answer.
        changes.count + (answer == nil ? 0 : 1) + (postings.isEmpty ? 1 : 2)
    }
}
