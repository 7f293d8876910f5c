import Ledger
import SettlementDomain
import TestSupport
import Testing

@testable import LedgerSQLite

@Suite("SQLite: a start takes over what was not swept")
struct TakeOverTests {
    private static let roomy = SQLiteStore.Options(
        waitingRowsMax: 50_000, cachedRowsMax: 5, pageCacheBytes: 1 << 20, logPagesMax: 40)

    @Test("no row of a table is read for it: what is written again need not be readable")
    func readsNoTables() throws {
        let bench = try Bench(seed: 61, options: Self.roomy)
        try bench.run(300)
        try bench.reopen(Self.roomy)
        try bench.run(300)
        let changed = Set(bench.store.projections.accounts.dirtyRows.map(\.row.person))
        bench.store.letGo()
        let other = try Connection(path: bench.path, purpose: .write)
        let list = changed.map { "\($0.rawValue)" }.joined(separator: ", ")
        let damaged = try other.access { handle in
            try Connection.execute(
                "UPDATE account SET head = x'00' WHERE person IN (\(list))", on: handle)
            return try Statement("SELECT changes()", on: handle).first { $0.integer() } ?? 0
        }
        other.close()
        #expect(damaged > 3)
        try bench.reopen(Self.roomy)
        for person in changed {
            let account = try bench.store.projections.account(person)
            #expect(account == bench.ledger.rows.accounts[person])
        }
        try bench.store.sweepAll()
        #expect(try bench.verify().isSound)
    }

    @Test(
        "rows are counted as before the kill, whatever a pass had swept, asked at once or later",
        arguments: 1...4)
    func countsStay(_ seed: UInt64) throws {
        var generator = SplitMix(seed: seed)
        var options = Bench.cramped
        options.waitingRowsMax = Int.random(in: 30...600, using: &generator)
        // The same each time.
        options.hasThreads = false
        let bench = try Bench(seed: seed, options: options)
        var kills = 0
        for _ in 0..<60 {
            try bench.run(Int.random(in: 1...20, using: &generator))
            if Bool.random(using: &generator) { bench.store.tidy() }
            guard Int.random(in: 0...2, using: &generator) == 0 else { continue }
            let isInPass = bench.store.projections.isInPass
            if isInPass { kills += 1 }
            let copy = try bench.copyAfterPowerLoss()
            let counts = try Self.counts(of: bench.store)
            #expect(try Self.counts(of: copy) == counts)
            copy.close()
            bench.store.letGo()
            try bench.reopen(options)
            if Bool.random(using: &generator) {
                #expect(try Self.counts(of: bench.store) == counts)
            }
        }
        #expect(kills > 1)
        let counts = try Self.counts(of: bench.store)
        try bench.store.sweepAll()
        #expect(try Self.counts(of: bench.store) == counts)
        #expect(try bench.verify().isSound)
    }

    @Test("a start sweeps nothing of what memory can hold; commits catch up with it")
    func startsBeforeSweeping() throws {
        var options = Self.roomy
        options.logPagesMax = 16
        let bench = try Bench(seed: 35, options: options)
        try bench.run(1400)
        let waiting = bench.store.projections.waiting
        options.waitingRowsMax = waiting * 4 / 5
        bench.store.letGo()
        try bench.reopen(options)
        // The last commit's rows were not taken over when they were counted.
        #expect(bench.store.projections.waiting >= waiting)
        #expect(bench.store.projections.isFull)
        try bench.run(1400)
        #expect(bench.store.projections.waiting < options.waitingRowsMax)
        #expect(try bench.verify().isSound)
    }

    private static func counts(of store: SQLiteStore) throws -> [String: UInt64] {
        guard case .counts(let counts) = try store.read(.counts) else { return [:] }
        return Dictionary(uniqueKeysWithValues: counts.map { ($0.name, $0.count) })
    }
}
