import Ledger
import SettlementDomain
import TestSupport
import Testing

@testable import LedgerSQLite

@Suite("SQLite: reading ahead")
struct ReadAheadTests {
    private static let roomy = SQLiteStore.Options(
        waitingRowsMax: 60, cachedRowsMax: 5000, pageCacheBytes: 1 << 20, logPagesMax: 40)

    @Test("rows that were read ahead are asked of memory alone, and so are rows that there are not")
    func tablesAreNotAsked() throws {
        let bench = try Bench(seed: 41, options: Self.roomy)
        try bench.run(700)
        try bench.reopen(Self.roomy)
        #expect(try readAll(of: bench.store) > 2 * bench.ledger.personCount)
        #expect(try bench.store.readAhead() == 0)
        // Behind the store's back: it would see this if it asked.
        let other = try Connection(path: bench.path, purpose: .write)
        let tables = ["person", "card", "account", "accumulator", "family", "usage"]
        try other.access { handle in
            try Connection.execute(
                tables.map { "DELETE FROM \($0);" }.joined()
                    + "INSERT INTO account SELECT 999, 1, 1, zeroblob(32), 1;", on: handle)
        }
        other.close()
        try expectAll(of: bench)
        #expect(try bench.store.projections.account(SyntheticLedger.person(999)) == nil)
    }

    @Test(
        "rows read ahead are as new as the last commit, whatever was changed or given up meanwhile",
        arguments: 1...12)
    func rowsAreNew(_ seed: UInt64) throws {
        var generator = SplitMix(seed: seed)
        var options = Self.roomy
        options.rowsReadAheadAtOnce = Int.random(in: 1...9, using: &generator)
        options.waitingRowsMax = Int.random(in: 20...300, using: &generator)
        // From fewer than there are persons to more than there are rows of any table.
        options.cachedRowsMax = [3, 40, 150, 400, 2000][Int(seed % 5)]
        let bench = try Bench(seed: seed, options: options)
        try bench.run(300)
        try bench.reopen(options)
        for _ in 0..<120 {
            try bench.run(Int.random(in: 1...7, using: &generator))
            bench.store.tidy()
            for _ in 0..<Int.random(in: 0...3, using: &generator) {
                _ = try bench.store.readAhead()
            }
            let person = SyntheticLedger.person(
                .random(in: 1...bench.ledger.personCount, using: &generator))
            let account = try bench.store.projections.account(person)
            #expect(account == bench.ledger.rows.accounts[person])
        }
        _ = try readAll(of: bench.store)
        try expectAll(of: bench)
        #expect(try bench.verify().isSound)
    }

    @Test("a table that memory has no room for is not read ahead")
    func largeTablesAreLeft() throws {
        var options = Self.roomy
        options.cachedRowsMax = 20
        let bench = try Bench(seed: 43, options: options)
        try bench.run(700)
        try bench.reopen(options)
        #expect(bench.ledger.personCount > 20)
        #expect(try readAll(of: bench.store) <= 4 * 20)
        #expect(try bench.store.projections.persons.readAhead(64) == 0)
        try expectAll(of: bench)
    }

    private func readAll(of store: SQLiteStore) throws -> Int {
        var rows = 0
        while true {
            let count = try store.readAhead()
            if count == 0 { return rows }
            rows += count
        }
    }

    /// Every row that settlements ask for is as the ledger has it.
    private func expectAll(of bench: Bench) throws {
        let (projections, rows) = (bench.store.projections, bench.ledger.rows)
        for number in 1...bench.ledger.personCount {
            let person = SyntheticLedger.person(number)
            let card = SyntheticLedger.card(number)
            #expect(try projections.person(person) == rows.persons[person])
            #expect(try projections.account(person) == rows.accounts[person])
            #expect(try projections.card(card) == rows.cards[card])
            #expect(try projections.family(person) == rows.families[person])
        }
        for (key, row) in rows.accumulators { #expect(try projections.accumulator(key) == row) }
        for (key, row) in rows.usages { #expect(try projections.usage(key) == row) }
    }
}
