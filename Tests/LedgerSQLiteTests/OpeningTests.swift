import Foundation
import GRDB
import Ledger
import SettlementDomain
import TestSupport
import Testing

@testable import LedgerSQLite

@Suite("SQLite: opening")
struct OpeningTests {
    private func text(of body: () throws -> Void) -> String {
        do {
            try body()
            return "no fault"
        } catch {
            return "\(error)"
        }
    }

    @Test("a second opener is refused and told who has the store")
    func second() throws {
        let bench = try Bench()
        let message = text { _ = try SQLiteStore(opening: bench.path, seal: TestSeal()) }
        #expect(message.contains("in use"))
        #expect(message.contains("\(getpid())"))
        bench.store.close()
        bench.store = try SQLiteStore(opening: bench.path, seal: TestSeal())
        #expect(try bench.store.loadReference().institutions.count == 8)
    }

    @Test("a closed store can be opened while a child that is just starting holds its descriptors")
    func inherited() throws {
        let bench = try Bench()
        let inherited = try #require(try descriptorOfStartingChild(of: bench.path + ".lock"))
        defer { Foundation.close(inherited) }
        bench.store.close()
        bench.store = try SQLiteStore(opening: bench.path, seal: TestSeal())
        #expect(try bench.store.loadReference().institutions.count == 8)
    }

    @Test("only the owner may read a store's files")
    func mode() throws {
        let bench = try Bench()
        try bench.run(20)
        for suffix in ["", "-wal", "-shm", ".lock", ".mark"] {
            let file = try FileManager.default.attributesOfItem(atPath: bench.path + suffix)
            #expect(file[.posixPermissions] as? Int == 0o600, "\(suffix)")
        }
    }

    @Test("nothing is made over a file that exists, nothing opened that does not")
    func existence() throws {
        let bench = try Bench()
        bench.store.close()
        let again = text {
            _ = try SQLiteStore.create(
                at: bench.path, seal: TestSeal(), businessDate: SyntheticLedger.firstDate)
        }
        #expect(again.contains("exists already"))
        let missing = text { _ = try SQLiteStore(opening: bench.path + "x", seal: TestSeal()) }
        #expect(missing.contains("there is no store"))
    }

    @Test("a file that is no store, and one of a newer version, are refused with their names")
    func foreign() throws {
        let bench = try Bench()
        bench.store.close()
        let other = bench.folder.appendingPathComponent("other.db").path
        try Data("this is no database, but long enough to be looked at".utf8).write(
            to: URL(fileURLWithPath: other))
        #expect(text { _ = try SQLiteStore(opening: other, seal: TestSeal()) }.contains("other.db"))
        let connection = try Connection(path: bench.path, purpose: .write)
        try connection.access {
            try Connection.execute("INSERT INTO grdb_migrations VALUES ('999')", on: $0)
        }
        connection.close()
        #expect(
            text { _ = try SQLiteStore(opening: bench.path, seal: TestSeal()) }.contains(
                "newer version"))
        let older = try Connection(path: bench.path, purpose: .write)
        try older.access { try Connection.execute("PRAGMA user_version = 1", on: $0) }
        older.close()
        let refusal = text { _ = try SQLiteStore(opening: bench.path, seal: TestSeal()) }
        #expect(refusal.contains("another version of settled (1, "))
        try restamp(bench.path)
        let plain = try Connection(path: bench.path, purpose: .write)
        try plain.access { try Connection.execute("PRAGMA application_id = 1", on: $0) }
        plain.close()
        #expect(
            text { _ = try SQLiteStore(opening: bench.path, seal: TestSeal()) }.contains(
                "not a store"))
    }

    /// Gives a file this version's stamp again, without `Connection`, which would refuse it.
    private func restamp(_ path: String) throws {
        let queue = try DatabaseQueue(path: path)
        try queue.writeWithoutTransaction { database in
            try database.execute(sql: "PRAGMA user_version = \(Schema.version)")
        }
        try queue.close()
    }

    @Test("a clean start reads nothing into memory but what the journal has beyond the tables")
    func cleanStart() throws {
        let bench = try Bench()
        try bench.run(100)
        bench.store.close()
        bench.store = try SQLiteStore(opening: bench.path, seal: TestSeal())
        #expect(bench.store.projections.waiting == 0)
        #expect(bench.store.projections.projectedThrough == bench.store.projections.last)
        #expect(try bench.store.entryCount() == bench.store.projections.last)
    }

    @Test("the hash is the published one")
    func hash() {
        func hash(_ text: String) -> UInt64 {
            Array(text.utf8).withUnsafeBytes { XXHash64.hash($0, seed: 0) }
        }
        #expect(hash("") == 0xEF46_DB37_51D8_E999)
        #expect(hash("a") == 0xD24E_C4F1_A98C_6E5B)
        #expect(hash("abc") == 0x44BC_2CF5_AD77_0999)
        #expect(hash("Nobody inspects the spammish repetition") == 0xFBCE_A83C_8A37_8BF1)
    }

    @Test("auditors read movements with the settlement's id")
    func view() throws {
        let bench = try Bench(seed: 12)
        try bench.run(200)
        bench.store.close()
        let connection = try Connection(path: bench.path, purpose: .read)
        defer { connection.close() }
        let ids = try connection.access { handle in
            try Statement(
                "SELECT settlement FROM movement WHERE settlement IS NOT NULL", on: handle
            ).all { $0.text() }
        }
        #expect(ids.count > 20)
        #expect(ids.filter { SettlementID($0) == nil } == [])
    }
}
