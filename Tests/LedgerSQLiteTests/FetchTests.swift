import Foundation
import Ledger
import SettlementDomain
import TestSupport
import Testing

@testable import LedgerSQLite

@Suite("SQLite: pages fetched side by side")
struct FetchTests {
    /// Every batch after the first is fetched, whether the disk is read or not.
    private static let always = {
        var options = Bench.cramped
        options.blocksReadMin = 0
        return options
    }()

    @Test(
        "what a batch loads is as new as the last commit, whatever was changed or given up",
        arguments: 1...6)
    func rowsAreNew(_ seed: UInt64) throws {
        var generator = SplitMix(seed: seed)
        var options = Self.always
        options.cachedRowsMax = [2, 15, 60][Int(seed % 3)]
        let bench = try Bench(seed: seed, options: options)
        try bench.run(300)
        let reference = try bench.store.loadReference()
        for _ in 0..<80 {
            try bench.run(Int.random(in: 1...9, using: &generator))
            let numbers = (0..<Int.random(in: 1...20, using: &generator)).map { _ in
                // One in some has no card.
                Int.random(in: 1...bench.ledger.personCount + 3, using: &generator)
            }
            let keys = Self.keys(of: numbers, bench.ledger)
            let loaded = try bench.store.load(keys, reference: reference)
            for number in numbers {
                let person = SyntheticLedger.person(number)
                let card = SyntheticLedger.card(number)
                #expect(loaded.cards[card] == bench.ledger.rows.cards[card])
                guard loaded.cards[card] != nil else { continue }
                #expect(loaded.persons[person] == bench.ledger.rows.persons[person])
                #expect(loaded.accounts[person] == bench.ledger.rows.accounts[person])
                #expect(loaded.families[person] == bench.ledger.rows.families[person])
            }
            for key in bench.ledger.rows.accumulators.keys
            where key.year == 2026
                && numbers.contains(where: { SyntheticLedger.person($0) == key.person })
            {
                #expect(loaded.accumulators[key] == bench.ledger.rows.accumulators[key])
            }
        }
        #expect(try bench.verify().isSound)
    }

    @Test("only what memory does not know is fetched")
    func memoryIsAskedFirst() throws {
        let bench = try Bench(seed: 3, options: Self.always)
        try bench.run(400)
        var options = Self.always
        options.cachedRowsMax = 5000
        try bench.reopen(options)
        let projections = bench.store.projections
        let keys = Self.keys(of: Array(1...bench.ledger.personCount), bench.ledger)
        #expect(projections.cardsNotInMemory(of: keys).count == bench.ledger.personCount)
        let rows = try projections.rowsNotInMemory(of: keys)
        #expect(rows.count > 3 * bench.ledger.personCount)
        // Their holders were looked up in the cards' table.
        #expect(projections.cardsNotInMemory(of: keys).isEmpty)
        while try bench.store.readAhead() > 0 {}
        #expect(try projections.rowsNotInMemory(of: keys).isEmpty)
    }

    @Test("fetching keeps no log from being begun anew, and a closed store leaves no log open")
    func readersAreGone() throws {
        let bench = try Bench(seed: 4, options: Self.always)
        let reference = try bench.store.loadReference()
        let before = try openLogs(of: bench)
        for start in 0..<60 {
            try bench.run(20)
            let numbers = (start..<start + 15).map { 1 + $0 % bench.ledger.personCount }
            _ = try bench.store.load(Self.keys(of: numbers, bench.ledger), reference: reference)
        }
        #expect(bench.store.checkpointer.readersMet == 0)
        #expect(try openLogs(of: bench) > before)
        bench.store.close()
        #expect(try openLogs(of: bench) == 0)
    }

    @Test("all rows of a round are looked for, those that there are not too")
    func allAreLookedFor() throws {
        let bench = try Bench(seed: 5)
        try bench.run(100)
        let fetcher = PageFetcher(path: bench.path)
        let wanted = Self.persons(bench.ledger.personCount + 30)
        for _ in 0..<20 { #expect(fetcher.fetch(wanted).failed == 0) }
        fetcher.stop()
    }

    @Test("a file that cannot be read ends a round all the same, and it is said")
    func faultsEndRounds() {
        let fetcher = PageFetcher(path: "/nowhere/store.db")
        for _ in 0..<20 { #expect(fetcher.fetch(Self.persons(50)).failed == 50) }
        fetcher.stop()
    }

    @Test("after a commit of unknown outcome no connection of a fetch is left from before")
    func faultsCloseLanes() throws {
        struct Broken: Error {}
        let bench = try Bench(seed: 6, options: Self.always)
        try bench.run(300)
        let reference = try bench.store.loadReference()
        let before = try openLogs(of: bench)
        let keys = Self.keys(of: Array(1...bench.ledger.personCount), bench.ledger)
        for _ in 0..<2 { _ = try bench.store.load(keys, reference: reference) }
        #expect(try openLogs(of: bench) > before)
        var openWhenReopening: Int?
        bench.store.onMoment = { moment in
            if moment == .committed { throw Broken() }
            if moment == .reopening { openWhenReopening = try self.openLogs(of: bench) }
        }
        try bench.run(7)
        bench.store.onMoment = nil
        // The checkpointer's, if any.
        #expect(try #require(openWhenReopening) <= 1)
        for _ in 0..<2 { _ = try bench.store.load(keys, reference: reference) }
        #expect(try openLogs(of: bench) > before)
        #expect(try bench.verify().isSound)
    }

    private static func persons(_ count: Int) -> [PageFetcher.Wanted] {
        (1...count).map { .person(SyntheticLedger.person($0)) }
    }

    private static func keys(of numbers: [Int], _ ledger: SyntheticLedger) -> LoadKeys {
        var keys = LoadKeys()
        keys.changesPolicies = true
        keys.cards = numbers.map {
            LoadKeys.Card(number: SyntheticLedger.card($0), year: 2026, family: true)
        }
        keys.usages = ledger.rows.usages.keys.compactMap { key in
            numbers.first { SyntheticLedger.person($0) == key.person }.map {
                LoadKeys.Usage(card: SyntheticLedger.card($0), code: key.code)
            }
        }
        return keys
    }

    /// How often this process has the store's log open: once for each connection that has read. (The file itself
    /// SQLite keeps open for connections that are closed, as long as another has a lock on it.)
    private func openLogs(of bench: Bench) throws -> Int {
        let folder = URL(fileURLWithPath: "/proc/self/fd")
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        return names.count { name in
            let link = folder.appendingPathComponent(name).path
            let target = try? FileManager.default.destinationOfSymbolicLink(atPath: link)
            return target == bench.path + "-wal"
        }
    }
}
