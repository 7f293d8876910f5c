import Dispatch
import Foundation
import GRDBSQLite
import Ledger
import SettlementDomain

/// Looks rows up side by side on connections of its own, so that the system has their pages when the
/// store's connection looks for them.
///
/// A disk that is asked for one page after the other gives a part of what it could. What is found here
/// is not kept, and what goes wrong is only counted: whoever needs the row meets it.
///
/// One round at a time, and the owner waits for it: no connection reads outside one, so that none is in
/// the way of a log that is begun anew.
///
/// `@unchecked Sendable`: `round` is only touched with `lock` locked, the rest is immutable or its
/// owner's.
final class PageFetcher: @unchecked Sendable {
    /// The key of a row that may be in a table.
    enum Wanted: Sendable {
        case card(CardToken)
        case person(PersonID)
        case account(PersonID)
        case family(PersonID)
        case accumulator(AccumulatorKey)
        case usage(UsageKey)
    }

    /// What became of a round.
    struct Fetched: Equatable {
        /// Rows that could not be looked for.
        var failed = 0
        /// Blocks of 512 bytes that the lanes had to read from the disk.
        var blocksRead = 0
    }

    private struct Round {
        var wanted: [Wanted] = []
        /// The first that no lane has taken.
        var next = 0
        /// Lanes that have taken one and may not be done with it.
        var lanesAtWork = 0
        var fetched = Fetched()
        var isStopping = false
    }

    /// Disks and their queues gain little from more.
    static let lanesMax = 8

    private let path: String
    private let lock = NSLock()
    private let asked = DispatchSemaphore(value: 0)
    private let done = DispatchSemaphore(value: 0)
    private var round = Round()
    /// As many as the system gave threads for.
    private var laneCount = 0

    /// Begins the threads; each opens its connection when it is first asked.
    init(path: String, _ starter: ThreadStarter = beginThread) {
        self.path = path
        while laneCount < Self.lanesMax, starter("settled.fetch", { [self] in run() }) {
            laneCount += 1
        }
    }

    /// Looks for the rows, and waits until all were looked for; for one alone nobody is woken.
    func fetch(_ wanted: [Wanted]) -> Fetched {
        guard wanted.count > 1 else { return Fetched() }
        guard laneCount > 0 else { return Fetched(failed: wanted.count) }
        lock.lock()
        round = Round(wanted: wanted)
        lock.unlock()
        for _ in 0..<min(wanted.count, laneCount) { asked.signal() }
        done.wait()
        return lock.withLock { round.fetched }
    }

    /// Ends the threads and closes their connections.
    func stop() {
        lock.withLock { round.isStopping = true }
        for _ in 0..<laneCount { asked.signal() }
        for _ in 0..<laneCount { done.wait() }
    }

    private func run() {
        var connection: Connection?
        var lookups: Lookups?
        while true {
            asked.wait()
            guard !lock.withLock({ round.isStopping }) else { break }
            var next = take(isFirst: true)
            guard next != nil else { continue }
            var fetched = Fetched()
            let blocksBefore = DiskReads.blocksOfThread
            if connection == nil {
                connection = try? Connection(path: path, purpose: .read, cacheBytes: 2 << 20)
                lookups = try? connection?.access { try Lookups(on: $0) }
            }
            try? connection?.access { _ in
                guard let lookups else { return }
                lookups.begin()
                defer { lookups.end() }
                while let wanted = next {
                    do { try lookups.look(wanted) } catch { fetched.failed += 1 }
                    next = take(isFirst: false)
                }
            }
            // A lane that cannot read ends the round for all: nothing depends on what is fetched.
            while next != nil {
                fetched.failed += 1
                next = take(isFirst: false)
            }
            fetched.blocksRead = DiskReads.blocksOfThread - blocksBefore
            finish(fetched)
        }
        lookups = nil
        connection?.close()
        done.signal()
    }

    /// The next row of the round for a lane; nil: none is left.
    private func take(isFirst: Bool) -> Wanted? {
        lock.withLock {
            guard round.next < round.wanted.count else { return nil }
            if isFirst { round.lanesAtWork += 1 }
            defer { round.next += 1 }
            return round.wanted[round.next]
        }
    }

    /// The last lane that is done ends the round.
    private func finish(_ fetched: Fetched) {
        let isOver = lock.withLock {
            round.lanesAtWork -= 1
            round.fetched.failed += fetched.failed
            round.fetched.blocksRead += fetched.blocksRead
            return round.lanesAtWork == 0 && round.next == round.wanted.count
        }
        if isOver { done.signal() }
    }
}

/// The statements of one lane.
private final class Lookups {
    private let transaction: TransactionStatements
    private let cards: Statement
    private let persons: Statement
    private let accounts: Statement
    private let families: Statement
    private let accumulators: Statement
    private let usages: Statement

    init(on handle: OpaquePointer) throws {
        transaction = try TransactionStatements(on: handle)
        cards = try Statement(CardMark.selectSQL, on: handle)
        persons = try Statement(PersonRow.selectSQL, on: handle)
        accounts = try Statement(AccountRow.selectSQL, on: handle)
        families = try Statement(FamilyRow.selectSQL, on: handle)
        accumulators = try Statement(AccumulatorRow.selectSQL, on: handle)
        usages = try Statement(UsageRow.selectSQL, on: handle)
    }

    /// One transaction for a round: SQLite takes its locks once.
    func begin() { try? transaction.read.run() }

    func end() { try? transaction.commit.run() }

    func look(_ wanted: PageFetcher.Wanted) throws {
        let statement: Statement
        switch wanted {
        case .card(let token):
            statement = cards
            statement.bind { CardMark.bind(token, to: &$0) }
        case .person(let id):
            statement = persons
            statement.bind { PersonRow.bind(id, to: &$0) }
        case .account(let id):
            statement = accounts
            statement.bind { AccountRow.bind(id, to: &$0) }
        case .family(let id):
            statement = families
            statement.bind { FamilyRow.bind(id, to: &$0) }
        case .accumulator(let key):
            statement = accumulators
            statement.bind { AccumulatorRow.bind(key, to: &$0) }
        case .usage(let key):
            statement = usages
            statement.bind { UsageRow.bind(key, to: &$0) }
        }
        _ = try statement.first { _ in true }
    }
}
