import Ledger
import SettlementDomain
import TestSupport
import Testing

@testable import LedgerSQLite

@Suite("A history in eras")
struct EraTests {
    private static func bench(entriesInEra: UInt64) throws -> Bench {
        var options = Bench.cramped
        options.entriesInEra = entriesInEra
        let bench = try Bench(seed: 52, options: options)
        for _ in 0..<20 {
            try bench.run(14)
            bench.store.tidy()
        }
        return bench
    }

    /// Every page of every list of some persons' histories.
    private static func pages(_ store: SQLiteStore) throws -> [String] {
        var pages: [String] = []
        let entries = try store.entryCount()
        for number in 1...12 {
            let person = SyntheticLedger.person(number)
            for before in [nil, entries, entries / 2, entries / 3, 1, 0] as [UInt64?] {
                for limit in [1, 3, 1_000] {
                    let questions: [StoreQuestion] = [
                        .movements(person, before: before, limit: limit),
                        .settlementsOf(person, before: before, limit: limit),
                        .accesses(person, before: before, limit: limit),
                        .historyOf(
                            person, from: .first, through: .last, before: before, limit: limit),
                        .movesOf(
                            person, from: SyntheticLedger.firstDate, through: .last,
                            before: before, limit: limit),
                    ]
                    for question in questions {
                        pages.append("\(question): \(try store.read(question))")
                    }
                }
            }
            let year = SyntheticLedger.firstDate.year
            for year in (year - 1)...(year + 1) {
                pages.append("\(try store.projections.balances(of: person, in: year))")
            }
        }
        return pages
    }

    @Test("a person's history reads the same however short the eras are")
    func length() throws {
        let whole = try Self.bench(entriesInEra: 1 << 20)
        let expected = try Self.pages(whole.store)
        #expect(expected.contains { $0.hasPrefix("settlementsOf") && $0.count > 1_000 })
        for entriesInEra in [1, 2, 13, 100] as [UInt64] {
            let bench = try Self.bench(entriesInEra: entriesInEra)
            #expect(try Self.pages(bench.store) == expected)
            try bench.store.sweepAll()
            #expect(try Self.pages(bench.store) == expected)
            #expect(try bench.verify().isSound)
        }
    }

    @Test("a store keeps the eras that it was made with, whatever a later start asks for")
    func kept() throws {
        let bench = try Self.bench(entriesInEra: 13)
        let expected = try Self.pages(bench.store)
        bench.store.close()
        bench.store = try SQLiteStore(opening: bench.path, seal: TestSeal())
        #expect(bench.store.projections.eras.entries == 13)
        #expect(try Self.pages(bench.store) == expected)
        try bench.store.rebuild()
        #expect(try Self.pages(bench.store) == expected)
        let eras = try bench.store.access { handle in
            try Statement(
                "SELECT count(*) FROM history WHERE era != seq / 13", on: handle
            ).first { $0.integer() }
        }
        #expect(eras == 0)
        #expect(try bench.verify().isSound)
    }

    @Test("a store whose note of its eras is gone or no number is refused, and says where")
    func missing() throws {
        for sql in [
            "DELETE FROM meta WHERE name = 'entries_in_era'",
            "UPDATE meta SET value = 0 WHERE name = 'entries_in_era'",
        ] {
            let bench = try Bench()
            #expect {
                try bench.tamper(sql)
            } throws: { fault in
                "\(fault)".contains("table meta, row entries_in_era")
            }
        }
    }
}
