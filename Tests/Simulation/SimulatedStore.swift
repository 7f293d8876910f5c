import Ledger
import SettlementDomain

/// What several daemons share: the entries that are durable, in memory.
protocol SimulatedDisk: AnyObject {
    /// Opens the store, as a daemon does when it starts.
    func open() throws(StoreFault) -> any LedgerStore
    /// The process that has opened the store is gone; what it had not made durable may be lost.
    func processEnded(_ store: any LedgerStore)
    /// Whether the process is to die at once: a fault in the middle of a call said so.
    func takeDeath(of store: any LedgerStore) -> Bool
    /// Reads behind everyone's back, without faults; nil while nothing can be read.
    func read(_ question: StoreQuestion) -> StorePage?
    /// What the store said last of a call that failed.
    var lastFault: String? { get }
    /// From now on one call in so many goes wrong; nil: none.
    var oneFaultIn: Int? { get set }
    /// Lets other daemons work between what one has read and what it writes.
    var meanwhile: (() -> Void)? { get set }
}

/// A database that several daemons share, which keeps what was committed and checks that nobody
/// else came between.
final class SharedDisk: SimulatedDisk {
    fileprivate let memory: MemoryStore
    fileprivate var commits: UInt64 = 0
    fileprivate var referenceVersion: UInt64 = 0
    fileprivate let chance: Chance
    fileprivate let flaw: Flaw?
    /// A commit whose sender has given up waiting, and that may still happen.
    fileprivate var late: (entries: [JournalEntry], after: UInt64)?
    var oneFaultIn: Int?
    var meanwhile: (() -> Void)?

    init(chance: Chance, businessDate: CivilDate, flaw: Flaw? = nil) {
        self.chance = chance
        self.flaw = flaw
        memory = MemoryStore(businessDate: businessDate)
    }

    func open() throws(StoreFault) -> any LedgerStore { FaultyStore(self) }
    func processEnded(_ store: any LedgerStore) { settleLate() }
    var lastFault: String? { nil }
    func takeDeath(of store: any LedgerStore) -> Bool { (store as? FaultyStore)?.isDead ?? false }

    func read(_ question: StoreQuestion) -> StorePage? { try? memory.read(question) }

    fileprivate func apply(_ entries: [JournalEntry]) throws(StoreFault) {
        try memory.commit(entries)
        commits += 1
        let changesReference = entries.contains { entry in
            entry.changes.contains { change in
                switch change {
                case .institution, .terminal, .catalog, .policy, .businessDate: true
                default: false
                }
            }
        }
        if changesReference { referenceVersion += 1 }
    }

    /// The late commit happens, or never will.
    fileprivate func settleLate() {
        guard let (entries, after) = late else { return }
        late = nil
        if after == commits, chance.one(in: 2) { try? apply(entries) }
    }

    fileprivate var isFaulty: Bool { oneFaultIn.map { chance.one(in: $0) } ?? false }
}

/// One daemon's way to the database; each call may fail before, in the middle or after.
private final class FaultyStore: LedgerStore {
    private let disk: SharedDisk
    private var loadedAt: UInt64 = 0
    private(set) var referenceVersion: UInt64 = 0
    fileprivate var isDead = false

    init(_ disk: SharedDisk) { self.disk = disk }

    func loadReference() throws(StoreFault) -> Reference {
        try beforeCall()
        referenceVersion = disk.referenceVersion
        return try disk.memory.loadReference()
    }

    func isReferenceOutdated() throws(StoreFault) -> Bool {
        try beforeCall()
        return referenceVersion != disk.referenceVersion
    }

    func load(_ keys: LoadKeys, reference: Reference) throws(StoreFault) -> WorkingSet {
        try beforeCall()
        if referenceVersion != disk.referenceVersion { throw .outdatedReference }
        loadedAt = disk.commits
        return try disk.memory.load(keys, reference: reference)
    }

    func read(_ question: StoreQuestion) throws(StoreFault) -> StorePage {
        try beforeCall()
        let page = try disk.memory.read(question)
        return disk.flaw?.spoiled(page) ?? page
    }

    func commit(_ decided: [JournalEntry]) throws(StoreFault) {
        let entries = disk.flaw.map { flaw in decided.map { flaw.spoiled($0) } } ?? decided
        disk.meanwhile?()
        try beforeCall()
        if referenceVersion != disk.referenceVersion { throw .outdatedReference }
        if loadedAt != disk.commits, disk.flaw != .overlooksOthers { throw .conflict }
        if disk.flaw == .forgetsCommits, disk.chance.one(in: 100) { return }
        guard disk.isFaulty else {
            try disk.apply(entries)
            referenceVersion = disk.referenceVersion
            return
        }
        switch disk.chance.below(6) {
        case 0: throw .conflict
        case 1:
            try disk.apply(entries)
            if disk.flaw == .callsTheUnknownUndone { throw .unavailable("a lie") }
        case 2: break
        case 3: disk.late = (entries, disk.commits)
        case 4:
            isDead = true
            try disk.apply(entries)
        default: isDead = true
        }
        throw .outcomeUnknown("the simulated connection was lost")
    }

    func close() {}

    /// What went wrong before is settled before anything else is done: so a store must.
    private func beforeCall() throws(StoreFault) {
        disk.settleLate()
        if disk.isFaulty { throw .unavailable("the simulated store is away") }
    }
}
