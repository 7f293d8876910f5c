import Foundation
import Ledger
import LedgerSQLite
import SettlementDomain
import TestSupport

/// A real SQLite store of one daemon, whose files fail, are torn and are lost.
final class FileDisk: SimulatedDisk {
    private let folder: URL
    let files: FaultyFiles
    private let chance: Chance
    private var store: WatchedStore?
    private let options: SQLiteStore.Options
    /// Whether what ends a process is a loss of power; nil: chance says it.
    var losesPower: Bool?
    var oneFaultIn: Int? {
        didSet { files.oneFaultIn = oneFaultIn }
    }
    /// One daemon has the store for itself.
    var meanwhile: (() -> Void)?

    init(
        chance: Chance, businessDate: CivilDate, flaw: Flaw? = nil,
        options given: SQLiteStore.Options? = nil
    ) throws {
        self.chance = chance
        folder = try SimulationFolder.make()
        files = FaultyFiles(
            path: folder.appendingPathComponent("store.sqlite").path, chance: chance)
        // Little fits, so that rows are swept, logs copied and caches missed all the time.
        var options =
            given
            ?? SQLiteStore.Options(
                waitingRowsMax: 20 + chance.below(300), cachedRowsMax: 1 + chance.below(40),
                pageCacheBytes: 1 << 16, logPagesMax: Int32(8 + chance.below(100)))
        if given == nil { options.entriesInEra = UInt64(options.waitingRowsMax) }
        options.hasThreads = false
        options.rowsReadAheadAtOnce = 1 + chance.below(8)
        options.entriesBesideSyncMin = 1 + chance.below(4)
        self.options = options
        FaultyFileSystem.take(files)
        try SQLiteStore.create(
            at: files.path, seal: TestSeal(), businessDate: businessDate, options: options
        ).close()
        files.forgetsSyncs = flaw == .forgetsSyncs
    }

    deinit {
        FaultyFileSystem.release(files)
        try? FileManager.default.removeItem(at: folder)
    }

    func open() throws(StoreFault) -> any LedgerStore {
        do throws(StoreFault) {
            let opened = WatchedStore(
                try SQLiteStore(opening: files.path, seal: TestSeal(), options: options),
                files: files)
            store = opened
            return opened
        } catch {
            endProcess()
            throw error
        }
    }

    func processEnded(_ ended: any LedgerStore) {
        store?.letGo()
        store = nil
        endProcess()
    }

    private func endProcess() { files.end(losingPower: losesPower ?? chance.one(in: 2)) }

    /// Closes the store as a daemon does that is told to stop.
    func stop() {
        store?.close()
        store = nil
        if files.isDead { endProcess() }
    }

    var lastFault: String? { store?.lastFault.map { "\($0)" } }

    func takeDeath(of store: any LedgerStore) -> Bool { files.isDead }

    func read(_ question: StoreQuestion) -> StorePage? {
        guard let store, store.isHealthy, !files.isDead else { return nil }
        let script = files.script
        files.oneFaultIn = nil
        if script != nil { files.script = { _, _ in .works } }
        defer {
            files.oneFaultIn = oneFaultIn
            files.script = script
        }
        return try? store.read(question)
    }
}

/// A store that remembers whether its last commit or load went well.
private final class WatchedStore: LedgerStore {
    private let store: SQLiteStore
    private let files: FaultyFiles
    private(set) var isHealthy = true
    private(set) var lastFault: StoreFault?

    init(_ store: SQLiteStore, files: FaultyFiles) {
        self.store = store
        self.files = files
    }

    var referenceVersion: UInt64 { store.referenceVersion }

    func loadReference() throws(StoreFault) -> Reference {
        try watching { () throws(StoreFault) in try store.loadReference() }
    }

    func isReferenceOutdated() throws(StoreFault) -> Bool { try store.isReferenceOutdated() }

    func load(_ keys: LoadKeys, reference: Reference) throws(StoreFault) -> WorkingSet {
        try watching { () throws(StoreFault) in try store.load(keys, reference: reference) }
    }

    func commit(_ entries: [JournalEntry]) throws(StoreFault) {
        try watching { () throws(StoreFault) in try store.commit(entries) }
    }

    func read(_ question: StoreQuestion) throws(StoreFault) -> StorePage {
        try store.read(question)
    }

    func readAhead() throws(StoreFault) -> Int {
        try watching { () throws(StoreFault) in try store.readAhead() }
    }

    func tidy() { store.tidy() }
    func close() { store.close() }
    func letGo() { store.letGo() }

    private func watching<Value>(
        _ body: () throws(StoreFault) -> Value
    ) throws(StoreFault) -> Value {
        isHealthy = false
        do throws(StoreFault) {
            let value = try body()
            isHealthy = true
            return value
        } catch {
            lastFault = error
            throw error
        }
    }
}
