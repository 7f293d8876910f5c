import Foundation
import Ledger
import SettlementDomain
import TestSupport
import Testing

@testable import LedgerSQLite

@Suite("SQLite: damaged files")
struct DamageTests {
    /// How many bits of each file are flipped, one in each copy: `SETTLED_FLIPS`, else 40.
    private static let flips =
        ProcessInfo.processInfo.environment["SETTLED_FLIPS"].flatMap { Int($0) } ?? 40

    /// What became of the copies, counted.
    private struct Tally: CustomStringConvertible {
        var refused = 0
        var found = 0
        var harmless = 0
        var silent: [String] = []

        mutating func count(_ verdict: Specimen.Verdict, _ what: String) {
            switch verdict {
            case .refused: refused += 1
            case .found: found += 1
            case .harmless: harmless += 1
            case .silent(let tables): silent.append("\(what): \(tables)")
            }
        }

        var description: String {
            "\(refused) refused, \(found) found by verify, \(harmless) harmless, \(silent) silent"
        }
    }

    @Test(
        "a flipped bit of any file is refused, or found by verify, or has changed nothing stored",
        arguments: Specimen.Ending.allCases)
    func flips(_ ending: Specimen.Ending) throws {
        let seed = TestSeed.drawn("flipped bits, \(ending)")
        var random = SplitMix(seed: seed)
        let specimen = try Specimen(ending, seed: 21)
        for suffix in ["", "-wal", ".mark"] {
            let used = specimen.usedBytes(of: suffix)
            guard used > 0 else { continue }
            // What is at the beginning rules the rest.
            let head = min(used, suffix == "-wal" ? 56 : 100)
            // Without the first byte it is no store: that one has to be noticed.
            let places =
                [(0, 0)]
                + (1..<Self.flips).map { number in
                    (
                        Int.random(in: 0..<(number % 3 == 0 ? head : used), using: &random),
                        Int.random(in: 0..<8, using: &random)
                    )
                }
            var tally = Tally()
            for (place, bit) in places {
                let verdict = try specimen.verdict(on: suffix) { $0[place] ^= 1 << UInt8(bit) }
                tally.count(verdict, "byte \(place) of \(suffix), bit \(bit)")
            }
            print("flipped bits, \(ending), store\(suffix): \(tally)")
            #expect(tally.silent == [])
            guard suffix.isEmpty, ending == .closed else { continue }
            #expect(tally.refused > 0)
        }
    }

    @Test(
        "a file that was cut anywhere is refused, or found by verify, or was whole all the same",
        arguments: Specimen.Ending.allCases)
    func cuts(_ ending: Specimen.Ending) throws {
        let seed = TestSeed.drawn("cut files, \(ending)")
        var random = SplitMix(seed: seed)
        let specimen = try Specimen(ending, seed: 22)
        for suffix in ["", "-wal", ".mark"] {
            let whole = specimen.files[suffix]?.count ?? 0
            let used = specimen.usedBytes(of: suffix)
            let frame = 4_120
            var lengths = [
                0, 1, 8, 15, 31, 32, 99, 100, 511, 512, 4_095, 4_096, 4_097, 32 + frame,
                32 + 5 * frame, used / 2, used / 2 / 4_096 * 4_096, used - 4_096, used - frame,
                used - 1,
            ]
            for _ in 0..<6 { lengths.append(Int.random(in: 0...max(0, used), using: &random)) }
            var tally = Tally()
            for length in Set(lengths).sorted() where length >= 0 && length < whole {
                let verdict = try specimen.verdict(on: suffix) {
                    $0.removeLast($0.count - length)
                }
                tally.count(verdict, "store\(suffix) cut at \(length)")
                if suffix.isEmpty, ending == .closed { #expect(verdict != .harmless, "\(length)") }
            }
            print("cut files, \(ending), store\(suffix): \(tally)")
            #expect(tally.silent == [])
        }
    }

    @Test("a log that was cut or damaged, or is gone, is refused with what was acknowledged")
    func lostLog() throws {
        let specimen = try Specimen(.killed, seed: 23)
        let used = specimen.usedBytes(of: "-wal")
        let changes: [(inout [UInt8]) -> Void] = [
            { $0.removeAll() }, { $0.removeLast($0.count - used / 2) }, { $0[used / 3] ^= 4 },
            { $0[17] ^= 1 },
        ]
        for change in changes {
            let verdict = try specimen.verdict(on: "-wal", change)
            guard case .refused(let why) = verdict else {
                Issue.record("\(verdict)")
                continue
            }
            #expect(why.contains("was acknowledged") && why.contains("settlectl restore"))
            #expect(why.contains("store.db"))
        }
        // Without the mark nobody could know.
        var unmarked = specimen
        unmarked.files[".mark"] = []
        guard case .silent = try unmarked.verdict(on: "-wal", changes[1]) else {
            Issue.record("the log's loss was found without the mark")
            return
        }
    }

    @Test("an older copy in a store's place is refused; restoring a backup is not, and counts")
    func olderCopy() throws {
        let bench = try Bench(seed: 24)
        try bench.run(70)
        let backup = bench.folder.appendingPathComponent("backup.db").path
        try bench.store.backup(to: backup)
        let count = try bench.store.entryCount()
        try bench.run(35)
        #expect(throws: StoreFault.self) {
            _ = try StoreRestore(from: backup, seal: TestSeal()).run(
                to: bench.path, sha256: SyntheticLedger.digest)
        }
        bench.store.close()
        try FileManager.default.removeItem(atPath: bench.path)
        try FileManager.default.removeItem(atPath: bench.path + "-wal")
        try FileManager.default.copyItem(atPath: backup, toPath: bench.path)
        do {
            _ = try SQLiteStore(opening: bench.path, seal: TestSeal())
            Issue.record("it was opened")
        } catch {
            guard case .corrupt(let why) = error, why.contains("entry \(count + 35) was") else {
                Issue.record("\(error)")
                return
            }
        }
        let report = try StoreRestore(from: backup, seal: TestSeal()).run(
            to: bench.path, sha256: SyntheticLedger.digest)
        #expect(report.entries == count && report.lost == 35)
        #expect(report.kept == bench.path + ".damaged")
        let again = try StoreRestoreProbe.refusal(of: bench.path + ".nothing", to: bench.path)
        #expect(again.contains("there is no store"))
        bench.store = try SQLiteStore(opening: bench.path, seal: TestSeal(), options: Bench.cramped)
        #expect(try bench.store.entryCount() == count)
        #expect(try bench.verify().isSound)
    }

    @Test("a backup that is not sound replaces nothing")
    func unsoundBackup() throws {
        let bench = try Bench(seed: 25)
        try bench.run(70)
        let backup = bench.folder.appendingPathComponent("backup.db").path
        try bench.store.backup(to: backup)
        bench.store.close()
        let connection = try Connection(path: backup, purpose: .write)
        try connection.access {
            try Connection.execute("UPDATE account SET balance = balance + 1", on: $0)
        }
        connection.close()
        let refusal = try StoreRestoreProbe.refusal(of: backup, to: bench.path)
        #expect(refusal.contains("is not sound"))
        bench.store = try SQLiteStore(opening: bench.path, seal: TestSeal(), options: Bench.cramped)
        #expect(try bench.verify().isSound)
    }

    @Test("what the journal does not tell is verified too: indexes, views, names of codes")
    func besideTheJournal() throws {
        let tamperings = [
            ("DROP VIEW movement", "tables, indexes and views"),
            ("UPDATE code_name SET name = 'lost' WHERE meaning = 'card_state'", "code_name"),
            ("UPDATE meta SET name = 'cleam' WHERE name = 'recoveries'", "table meta"),
            (
                "UPDATE meta SET value = value + 1 WHERE name = 'first_business_date'",
                "first_business_date"
            ),
            (
                """
                PRAGMA writable_schema = ON;
                UPDATE sqlite_master SET sql = replace(sql, '(person)', '(state)')
                    WHERE name = 'card_of_person';
                """, "card_of_person"
            ),
        ]
        for (sql, problem) in tamperings {
            let bench = try Bench(seed: 26)
            try bench.run(70)
            bench.store.close()
            let connection = try Connection(path: bench.path, purpose: .write)
            try connection.access { try Connection.execute(sql, on: $0) }
            connection.close()
            let report = try StoreAudit(of: bench.path, seal: TestSeal()).verify(
                sha256: SyntheticLedger.digest)
            #expect(
                report.findings.contains { "\($0)".contains(problem) }, "\(report.findings)")
        }
    }

    @Test("an answer whose journal entry is damaged is not given")
    func damagedAnswer() throws {
        let bench = try Bench(seed: 27)
        try bench.run(200)
        guard case .entries(let entries) = try bench.store.read(.entries(after: 0, limit: 999)),
            let entry = entries.first(where: { $0.answer != nil }), let key = entry.answer?.key
        else {
            Issue.record("no answers")
            return
        }
        try bench.tamper(
            "UPDATE journal SET entry = substr(entry, 1, 9) || x'7f' || substr(entry, 11) "
                + "WHERE seq = \(entry.sequence)")
        do {
            _ = try bench.store.read(.answer(key))
            Issue.record("it was given")
        } catch {
            #expect("\(error)".contains("journal entry \(entry.sequence): its checksum differs"))
        }
    }
}

/// Runs a restore that must be refused.
private enum StoreRestoreProbe {
    static func refusal(of backup: String, to path: String) throws -> String {
        do throws(StoreFault) {
            _ = try StoreRestore(from: backup, seal: TestSeal()).run(
                to: path, sha256: SyntheticLedger.digest)
            return "no refusal"
        } catch {
            return "\(error)"
        }
    }
}
