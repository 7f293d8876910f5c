import Foundation
import Ledger
import SettlementDomain
import TestSupport
import Testing

@testable import LedgerSQLite

@Suite("SQLite: verify, rebuild, backup")
struct AuditTests {
    @Test("a store is sound at every moment of its sweeping")
    func sound() throws {
        let bench = try Bench(seed: 6)
        for _ in 0..<25 {
            try bench.run(11)
            let report = try bench.verify()
            #expect(report.isSound, "\(report.findings)")
        }
        #expect(try bench.verify().entries == bench.store.entryCount())
    }

    @Test("a pass comes forward in all tables alike")
    func sideBySide() throws {
        let bench = try Bench(
            seed: 12,
            options: .init(
                waitingRowsMax: 3000, cachedRowsMax: 5, pageCacheBytes: 1 << 20, logPagesMax: 40))
        let projections = bench.store.projections
        var looks = 0
        for _ in 0..<300 {
            try bench.run(7)
            let lanes = projections.lanes.filter { $0.rows >= 150 }
            guard projections.isInPass, lanes.count > 2 else { continue }
            looks += 1
            let shares = lanes.map(\.shareLeft)
            let (least, most) = (shares.min() ?? 0, shares.max() ?? 0)
            // What one commit sweeps may all be of one lane.
            #expect(most - least < 0.5, "\(shares)")
        }
        #expect(looks > 20)
    }

    @Test("a live store goes on while it is verified")
    func live() throws {
        let bench = try Bench(seed: 7)
        try bench.run(200)
        var calls = 0
        let report = try bench.store.verify(sha256: SyntheticLedger.digest) { done, total in
            calls += 1
            #expect(done <= total)
            do {
                try bench.run(50)
            } catch {
                Issue.record(error)
            }
        }
        #expect(calls > 0)
        #expect(report.isSound, "\(report.findings)")
        #expect(try bench.store.entryCount() > report.entries)
    }

    @Test("projections made anew equal those that were swept")
    func rebuild() throws {
        let bench = try Bench(seed: 8)
        try bench.run(500)
        let dump = try bench.store.dump()
        let balances = try bench.store.read(.counts)
        try bench.store.rebuild()
        #expect(try bench.store.dump() == dump)
        #expect("\(try bench.store.read(.counts))" == "\(balances)")
        #expect(try bench.verify().isSound)
        try bench.run(50)
        #expect(try bench.verify().isSound)
    }

    @Test("a rebuild from a journal that cannot be read changes nothing, and says which entry")
    func rebuildOfBroken() throws {
        let bench = try Bench(seed: 10)
        try bench.run(300)
        try bench.tamper("UPDATE journal SET entry = x'00' || substr(entry, 2) WHERE seq = 200")
        let dump = try bench.store.dump()
        #expect {
            try bench.store.rebuild()
        } throws: {
            "\($0)".contains("journal entry 200")
        }
        #expect(try bench.store.dump() == dump)
        try bench.run(5)
    }

    @Test("an interrupted rebuild is finished by the next start")
    func interruptedRebuild() throws {
        let bench = try Bench(seed: 9)
        try bench.run(300)
        let dump = try bench.store.dump()
        var copy: SQLiteStore?
        try bench.store.rebuild { done, total in
            guard copy == nil, done < total || total < 1024 else { return }
            do { copy = try bench.copyAfterPowerLoss() } catch { Issue.record(error) }
        }
        #expect(try copy?.dump() == dump)
    }

    /// What is done to the file, and what a finding must say.
    struct Tampering: Sendable, CustomStringConvertible {
        var sql: String
        var place: String
        var problem: String
        /// Whether rebuilding the projections mends it.
        var isMended = true

        var description: String { sql }
    }

    static let tamperings = [
        Tampering(
            sql: "UPDATE account SET balance = balance + 1 WHERE person = 3",
            place: "table account, row 3", problem: "is not what journal entry"),
        Tampering(
            sql: "UPDATE account SET seq = 1 WHERE person = 3",
            place: "table account, row 3", problem: "is of entry 1"),
        Tampering(
            sql: "DELETE FROM account WHERE person = 3", place: "table account, row 3",
            problem: "is missing"),
        Tampering(
            sql: "INSERT INTO family VALUES (999, '', 1)", place: "table family",
            problem: "rows, of which"),
        Tampering(
            sql: "UPDATE settlement SET cash = cash + 1 WHERE created = (SELECT max(created) "
                + "FROM settlement)", place: "table settlement", problem: "is not what"),
        Tampering(
            sql: "UPDATE answer SET seq = seq + 1 WHERE stan = 1", place: "table answer",
            problem: "rows, of which"),
        Tampering(
            sql: "UPDATE history SET amount = amount - 1 WHERE amount IS NOT NULL",
            place: "table history", problem: "is not what"),
        Tampering(
            sql: "UPDATE history SET era = era + 1 WHERE seq = (SELECT max(seq) FROM history)",
            place: "table history", problem: "is missing"),
        Tampering(
            sql: "UPDATE meta SET value = value + 1 WHERE name = 'entries_in_era'",
            place: "table history", problem: "is missing"),
        Tampering(
            sql: "UPDATE day SET cash = cash + 1 WHERE kind = 18", place: "table day",
            problem: "is not what"),
        Tampering(
            sql: "DELETE FROM day WHERE seq = (SELECT min(seq) FROM day)", place: "table day",
            problem: "is missing"),
        Tampering(
            sql: "UPDATE total SET balance = balance + 1 WHERE account = 'individual'",
            place: "table total, row individual", problem: "is not the sum"),
        Tampering(
            sql: "UPDATE tally SET count = count + 1 WHERE name = 'answers'",
            place: "table tally, row answers", problem: "is not the number"),
        Tampering(
            sql: "UPDATE tally SET count = count - 1 WHERE name = 'accounts'",
            place: "table tally, row accounts", problem: "is not the number of rows of account"),
        Tampering(
            sql: "UPDATE card SET state = 2 WHERE person = 2", place: "table card",
            problem: "is not what"),
        Tampering(
            sql: "UPDATE business_date SET date = 20300101, seq = 0", place: "table business_date",
            problem: "is not the date"),
        Tampering(
            sql: "UPDATE journal SET entry = substr(entry, 1, 20) || x'7f' || substr(entry, 22) "
                + "WHERE seq = 150", place: "journal entry 150", problem: "its checksum differs",
            isMended: false),
        Tampering(
            sql: "DELETE FROM journal WHERE seq = 150", place: "journal entry 150",
            problem: "is missing", isMended: false),
        Tampering(
            sql: """
                UPDATE journal SET seq = -1 WHERE seq = 150;
                UPDATE journal SET seq = 150 WHERE seq = 151;
                UPDATE journal SET seq = 151 WHERE seq = -1;
                """, place: "journal entry 150", problem: "its checksum differs",
            isMended: false),
    ]

    @Test("each kind of tampering is found and named", arguments: tamperings)
    func tampering(_ tampering: Tampering) throws {
        let bench = try Bench(seed: 10)
        try bench.run(150)
        try bench.tamper(tampering.sql)
        let report = try bench.verify()
        #expect(
            report.findings.contains {
                $0.place.hasPrefix(tampering.place) && $0.problem.contains(tampering.problem)
            }, "\(report.findings)")
        guard tampering.isMended else {
            #expect(throws: StoreFault.self) { try bench.store.rebuild() }
            return
        }
        try bench.store.rebuild()
        #expect(try bench.verify().isSound)
    }

    @Test("the whole file is read once, front to back, unless the memory has no room for it")
    func wholeFile() throws {
        let bench = try Bench(seed: 14)
        try bench.run(300)
        bench.store.close()
        let attributes = try FileManager.default.attributesOfItem(atPath: bench.path)
        let size = try #require(attributes[.size] as? NSNumber).int64Value
        let connection = try Connection(path: bench.path, purpose: .read)
        defer { connection.close() }
        #expect(size > 64 << 10)
        try connection.access { handle throws in
            #expect(try Connection.readWholeFile(on: handle) == size)
            #expect(try Connection.readWholeFile(on: handle, memoryBytes: 2 * UInt64(size)) == size)
            #expect(try Connection.readWholeFile(on: handle, memoryBytes: UInt64(size)) == 0)
        }
    }

    @Test("an entry rewritten with a right checksum breaks its account's chain")
    func forged() throws {
        let bench = try Bench(seed: 13)
        try bench.run(300)
        guard case .entries(let entries) = try bench.store.read(.entries(after: 0, limit: 999))
        else { return }
        var forged = try #require(entries.last { $0.kind == .settle && !$0.movements.isEmpty })
        forged.answer?.response[3] ^= 1
        bench.store.close()
        let connection = try Connection(path: bench.path, purpose: .write)
        try connection.access { handle in
            let bytes = JournalCoding.encode(forged).withUnsafeBytes {
                TestSeal().seal($0, place: forged.sequence)
            }
            let update = try Statement(
                "UPDATE journal SET checksum = ?, entry = ? WHERE seq = ?", on: handle)
            update.bind { binder in
                binder.integer(
                    bytes.withUnsafeBytes { XXHash64.hash($0, seed: forged.sequence) })
                binder.blob(bytes)
                binder.integer(forged.sequence)
            }
            try update.run()
        }
        connection.close()
        let report = try StoreAudit(of: bench.path, seal: TestSeal()).verify(
            sha256: SyntheticLedger.digest)
        #expect(report.findings.first?.place == "journal entry \(forged.sequence)")
        #expect(report.findings.first?.problem.contains("hash chain") == true)
    }

    @Test("a live store is copied whole, as of one moment")
    func backup() throws {
        let bench = try Bench(seed: 11)
        try bench.run(300)
        let count = try bench.store.entryCount()
        let target = bench.folder.appendingPathComponent("backup.db").path
        var calls = 0
        try bench.store.backup(to: target) { _, _ in
            calls += 1
            do { try bench.run(20) } catch { Issue.record(error) }
        }
        #expect(calls > 0)
        let copy = try SQLiteStore(opening: target, seal: TestSeal())
        #expect(try copy.entryCount() == count)
        #expect(try copy.verify(sha256: SyntheticLedger.digest).isSound)
        #expect(throws: StoreFault.self) { try bench.store.backup(to: target) }
        #expect(!FileManager.default.fileExists(atPath: target + ".partial"))
        #expect(try bench.verify().isSound)
    }
}
