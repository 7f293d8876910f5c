import Ledger
import LedgerPostgreSQL
import TestSupport
import Testing

@Suite("PostgreSQL: verify and rebuild")
struct AuditTests {
    @Test("a store is sound after each batch, and once daemons have come and gone")
    func sound() throws {
        var bench = try Bench(seed: 6)
        for _ in 0..<6 {
            try bench.run(40)
            let report = try bench.verify()
            #expect(report.isSound, "\(report.lines)")
        }
        let count = try bench.entries().count
        #expect(try bench.verify().entries == UInt64(count))
        bench.store.close()
        #expect(try bench.verify().isSound)
    }

    /// What somebody does to the tables by hand, and what verify must name.
    private static let tamperings: [(statement: String, place: String)] = [
        (
            "UPDATE account SET balance = balance + 1 WHERE balance IS NOT NULL AND person = "
                + "(SELECT min(person) FROM account WHERE entries > 0)", "table account"
        ),
        ("UPDATE account SET head = '\\x" + String(repeating: "11", count: 32) + "'", "account"),
        ("DELETE FROM answer WHERE stan = (SELECT min(stan) FROM answer)", "table answer"),
        ("UPDATE answer SET code = 0 WHERE code <> 0", "table answer"),
        ("UPDATE settlement SET total = total + 1", "table settlement"),
        ("UPDATE day SET pooled = pooled + 1", "table day"),
        ("DELETE FROM day", "table day"),
        ("UPDATE total SET balance = balance + 1", "table total"),
        (
            "UPDATE journal SET amount = amount + 1 WHERE amount IS NOT NULL",
            "table journal"
        ),
        (
            "DELETE FROM journal WHERE entry IS NOT NULL AND seq = (SELECT max(seq) FROM journal)",
            "writer"
        ),
        (
            "UPDATE journal SET entry = set_byte(entry, 20, get_byte(entry, 20) # 1) "
                + "WHERE seq = (SELECT min(seq) FROM journal)", "checksum"
        ),
        (
            "INSERT INTO trace_code SELECT 'FORGED', row, seq, 0 FROM trace_code LIMIT 1",
            "table trace_code"
        ),
        ("DELETE FROM credit", "table credit"),
        ("UPDATE business_date SET date = 20300101", "business_date"),
        ("UPDATE card SET row = (SELECT row FROM card ORDER BY token LIMIT 1)", "table card"),
        (
            "UPDATE person SET row = set_byte(row, 20, get_byte(row, 20) # 1) "
                + "WHERE person = (SELECT max(person) FROM person)", "table person, row"
        ),
        (
            "UPDATE person SET row = (SELECT row FROM card ORDER BY token LIMIT 1)",
            "cannot be read: table person, column row: it does not open"
        ),
        ("UPDATE writer SET entries = entries - 1 WHERE entries > 0", "table writer"),
    ]

    @Test("a change by hand is named by verify", arguments: tamperings.indices)
    func tampering(_ index: Int) throws {
        var bench = try Bench(seed: 7)
        for _ in 0..<4 { try bench.run(40) }
        #expect(try bench.verify().isSound)
        let (statement, place) = Self.tamperings[index]
        try bench.sql(statement)
        let report = try bench.verify()
        #expect(!report.isSound, "\(statement)")
        #expect(report.lines.contains { $0.contains(place) }, "\(statement): \(report.lines)")
    }

    @Test("tables made anew of the journal equal those that were there, however damaged")
    func rebuild() throws {
        var bench = try Bench(seed: 8)
        for _ in 0..<8 { try bench.run(40) }
        let before = try bench.entries().map(JournalCoding.encode)
        #expect(
            fault { () throws(StoreFault) in try DatabaseRebuild(of: bench.options).run() }?
                .contains("stop every daemon") == true)
        bench.store.close()
        try bench.sql(
            "UPDATE account SET balance = 7; DELETE FROM answer; UPDATE total SET balance = 1; "
                + "DELETE FROM usage; DELETE FROM journal WHERE entry IS NULL")
        #expect(try !bench.verify().isSound)
        try DatabaseRebuild(of: bench.options).run()
        let report = try bench.verify()
        #expect(report.isSound, "\(report.lines)")
        let store = try PostgreSQLStore(bench.options)
        defer { store.close() }
        guard case .entries(let entries) = try store.read(.entries(after: 0, limit: 100_000))
        else { return }
        #expect(entries.map(JournalCoding.encode) == before)
        // And life goes on.
        try store.commit((0..<40).map { _ in bench.ledger.any() })
        #expect(try bench.verify().isSound)
    }
}
