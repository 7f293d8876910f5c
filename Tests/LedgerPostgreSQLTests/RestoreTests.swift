import Foundation
import Ledger
import LedgerPostgreSQL
import TestProcesses
import TestSupport
import Testing

@Suite("PostgreSQL: backup and restore")
struct RestoreTests {
    @Test("a base backup taken under load and the archived log give the ledger of a moment, sound")
    func pointInTime() throws {
        let archive = "/tmp/settled-archive-\(UInt32.random(in: 0 ... .max))"
        defer { try? FileManager.default.removeItem(atPath: archive) }
        try FileManager.default.createDirectory(
            atPath: archive, withIntermediateDirectories: false,
            attributes: [.posixPermissions: 0o777])
        try FileManager.default.setAttributes([.posixPermissions: 0o777], ofItemAtPath: archive)
        let server = try DatabaseServer(
            port: nil,
            settings: [
                "archive_mode = on",
                "archive_command = 'test ! -f \(archive)/%f && cp %p \(archive)/%f'",
            ])
        let options = PostgreSQLOptions(connection: try server.newDatabase(), seal: TestSeal())
        let name = String(options.connection.split(separator: "=").last ?? "")
        _ = try Migrations(options).run(
            firstBusinessDate: SyntheticLedger.firstDate, at: Bench.time)
        let store = try PostgreSQLStore(options)
        var ledger = SyntheticLedger(seed: 61)
        try store.commit(ledger.site())
        for _ in 0..<5 { try store.commit((0..<20).map { _ in ledger.any() }) }
        let copy = try DatabaseServer(backupOf: server)
        for _ in 0..<5 { try store.commit((0..<20).map { _ in ledger.any() }) }
        guard case .entries(let then) = try store.read(.entries(after: 0, limit: 10_000))
        else { return }
        try server.sql("SELECT pg_create_restore_point('noon')", in: "postgres")
        for _ in 0..<5 { try store.commit((0..<20).map { _ in ledger.any() }) }
        store.close()
        try server.sql("SELECT pg_switch_wal()", in: "postgres")
        while try server.sql(
            "SELECT count(*) FROM pg_stat_archiver WHERE last_archived_wal IS NOT NULL "
                + "AND last_archived_wal >= (SELECT pg_walfile_name(pg_current_wal_lsn() - 1))",
            in: "postgres") == "0"
        {}
        server.kill()
        try copy.recover(from: archive, to: "noon")
        let restored = PostgreSQLOptions(connection: copy.conninfo(name), seal: TestSeal())
        let report = try DatabaseAudit(of: restored).verify(sha256: SyntheticLedger.digest)
        #expect(report.isSound, "\(report.lines)")
        let later = try PostgreSQLStore(restored)
        defer { later.close() }
        guard case .entries(let found) = try later.read(.entries(after: 0, limit: 10_000))
        else { return }
        #expect(found.map(JournalCoding.encode) == then.map(JournalCoding.encode))
        // The writers' rows were held then; the restored ledger takes writes all the same.
        try later.commit([ledger.newPerson()])
    }
}
