import Foundation
import Ledger
import TestSupport
import Testing

@testable import LedgerSQLite

@Suite("SQLite: a system that gives no more threads")
struct ThreadlessTests {
    /// Threads of one name alone, and at most so many of them.
    private static func only(_ name: String, atMost countMax: Int = .max) -> ThreadStarter {
        let lock = NSLock()
        // `nonisolated(unsafe)`: only touched with `lock` locked.
        nonisolated(unsafe) var count = 0
        return { asked, body in
            let isGiven = lock.withLock {
                guard asked == name, count < countMax else { return false }
                count += 1
                return true
            }
            return isGiven && beginThread(asked, body)
        }
    }

    @Test("a store that cannot copy its log is not opened, and says what to raise")
    func opensNot() throws {
        let bench = try Bench(seed: 7)
        try bench.run(50)
        bench.store.close()
        var options = Bench.cramped
        options.starter = { _, _ in false }
        let fault = #expect(throws: StoreFault.self) {
            try SQLiteStore(opening: bench.path, seal: TestSeal(), options: options)
        }
        guard case .unavailable(let why) = fault else {
            Issue.record("\(String(describing: fault))")
            return
        }
        #expect(why.contains(bench.path) && why.contains("ulimit -u"))
        // Nothing of the attempt is left in the way.
        try bench.reopen(Bench.cramped)
        #expect(try bench.verify().isSound)
    }

    @Test("without threads to sync and to fetch, commits and loads go on as ever")
    func goesOn() throws {
        var options = Bench.cramped
        options.starter = Self.only("settled.checkpoint")
        options.entriesBesideSyncMin = 1
        options.blocksReadMin = 0
        let bench = try Bench(seed: 8, options: options)
        let reference = try bench.store.loadReference()
        for number in 1...40 {
            try bench.run(10)
            var keys = LoadKeys()
            let numbers = [number, number + 1].map { 1 + $0 % bench.ledger.personCount }
            keys.cards = numbers.map {
                LoadKeys.Card(number: SyntheticLedger.card($0), year: 2026, family: true)
            }
            let loaded = try bench.store.load(keys, reference: reference)
            for number in numbers {
                let person = SyntheticLedger.person(number)
                #expect(loaded.accounts[person] == bench.ledger.rows.accounts[person])
            }
        }
        let last = try bench.store.entryCount()
        let copy = try bench.copyAfterPowerLoss()
        #expect(try copy.entryCount() == last)
        copy.close()
        #expect(try bench.verify().isSound)
    }

    @Test("rows are fetched by as many lanes as there are threads, and none is waited for in vain")
    func fewerLanes() throws {
        let bench = try Bench(seed: 9)
        try bench.run(100)
        let wanted = (1...60).map { PageFetcher.Wanted.person(SyntheticLedger.person($0)) }
        for (lanes, failed) in [(0, 60), (1, 0), (3, 0)] {
            let fetcher = PageFetcher(path: bench.path, Self.only("settled.fetch", atMost: lanes))
            for _ in 0..<10 { #expect(fetcher.fetch(wanted).failed == failed) }
            fetcher.stop()
        }
    }
}
