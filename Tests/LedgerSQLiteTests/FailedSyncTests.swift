import Foundation
import Ledger
import SettlementDomain
import TestSupport
import Testing

@testable import LedgerSQLite
@testable import Simulation

@Suite("SQLite: a sync that fails")
struct FailedSyncTests {
    /// A store on files that fail where the test says so, and lose what was not synced.
    private final class Files {
        let folder: URL
        let path: String
        let files: FaultyFiles
        var store: SQLiteStore
        var ledger = SyntheticLedger(seed: 67)
        /// Entries that were acknowledged.
        var acknowledged: UInt64 = 0

        let options: SQLiteStore.Options

        /// With sweeps while a commit is synced, or behind it.
        init(_ unsynced: FaultyFiles.Unsynced, sweepsBeside: Bool = true) throws {
            var options = SQLiteStore.Options(
                waitingRowsMax: 60, cachedRowsMax: 5, pageCacheBytes: 1 << 20, logPagesMax: 60)
            options.hasThreads = false
            options.entriesBesideSyncMin = sweepsBeside ? 1 : .max
            self.options = options
            folder = FileManager.default.temporaryDirectory
                .appendingPathComponent("settled-sync-\(UUID().uuidString)")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            path = folder.appendingPathComponent("store.db").path
            files = FaultyFiles(path: path, chance: Chance(seed: 1))
            files.unsynced = unsynced
            FaultyFileSystem.take(files)
            store = try SQLiteStore.create(
                at: path, seal: TestSeal(), businessDate: SyntheticLedger.firstDate,
                options: options)
            try commit(ledger.site())
            try run(40)
        }

        deinit {
            store.letGo()
            FaultyFileSystem.release(files)
            try? FileManager.default.removeItem(at: folder)
        }

        var log: String { path + "-wal" }

        func commit(_ entries: [JournalEntry]) throws {
            try store.commit(entries)
            acknowledged += UInt64(entries.count)
        }

        /// Commits as many random entries, each for itself.
        func run(_ count: Int) throws {
            for _ in 0..<count {
                try commit([ledger.any()])
                store.tidy()
            }
        }

        /// What the commit of one entry is refused with; nil: it is acknowledged.
        func fault(of entry: JournalEntry) -> StoreFault? {
            do throws(StoreFault) {
                try store.commit([entry])
                acknowledged += 1
                return nil
            } catch {
                return error
            }
        }

        /// Has the next calls of a kind on a file fail, so many.
        func fail(_ call: FaultyFiles.Call, of suffix: String, times: Int) {
            var left = times
            files.script = { [path] made, name in
                guard made == call, name == path + suffix, left > 0 else { return .works }
                left -= 1
                return .fails
            }
        }

        func heal() { files.script = nil }

        /// The process is gone, the power too where it is said, and another begins.
        func restart(losingPower: Bool) throws {
            store.letGo()
            files.end(losingPower: losingPower)
            store = try SQLiteStore(opening: path, seal: TestSeal(), options: options)
        }

        /// Every entry that was acknowledged is there, and no other.
        func expectWhole() throws {
            #expect(try store.entryCount() == acknowledged)
            let report = try store.verify(sha256: SyntheticLedger.digest)
            #expect(report.isSound && report.entries == acknowledged, "\(report.lines)")
        }
    }

    @Test(
        "when a commit returns, all that it wrote is on the disk, whether it swept meanwhile or not",
        arguments: [true, false])
    func returns(sweepsBeside: Bool) throws {
        let bench = try Files(.isLost, sweepsBeside: sweepsBeside)
        var swept = 0
        for round in 0..<200 {
            let through = bench.store.projections.projectedThrough
            try bench.commit([bench.ledger.any()])
            #expect(bench.files.isDurable(bench.log), "in round \(round)")
            bench.store.tidy()
            if bench.store.projections.projectedThrough > through { swept += 1 }
        }
        #expect(swept > 3)
        try bench.restart(losingPower: true)
        try bench.expectWhole()
    }

    static let fates: [FaultyFiles.Unsynced] = [.isLost, .survives]

    @Test(
        """
        a commit whose sync fails is acknowledged once the whole log has been written and synced \
        again, and the operator is told
        """, arguments: fates, [true, false])
    func once(_ unsynced: FaultyFiles.Unsynced, sweepsBeside: Bool) throws {
        let bench = try Files(unsynced, sweepsBeside: sweepsBeside)
        bench.fail(.sync, of: "-wal", times: 1)
        #expect(bench.fault(of: bench.ledger.credit(1, fen: 100)) == nil)
        #expect(bench.files.isDurable(bench.log))
        guard case .unavailable(let why) = bench.store.takeMended() else {
            Issue.record("nobody was told")
            return
        }
        #expect(why.contains("could not be synced"))
        #expect(bench.store.takeMended() == nil)
        try bench.expectWhole()
        try bench.restart(losingPower: true)
        try bench.expectWhole()
    }

    @Test(
        "what is committed after a sync that failed survives a loss of power",
        arguments: fates, [true, false])
    func later(_ unsynced: FaultyFiles.Unsynced, sweepsBeside: Bool) throws {
        let bench = try Files(unsynced, sweepsBeside: sweepsBeside)
        bench.fail(.sync, of: "-wal", times: 1)
        try bench.commit([bench.ledger.credit(1, fen: 100)])
        try bench.run(5)
        try bench.restart(losingPower: true)
        try bench.expectWhole()
        try bench.run(200)
        try bench.restart(losingPower: true)
        try bench.expectWhole()
    }

    @Test(
        """
        while writing the log again fails, the commit's outcome is unknown (96) and everything \
        after it is refused with 91; then the file says what became of it, for good
        """, arguments: [FaultyFiles.Call.sync, .write], fates)
    func again(_ call: FaultyFiles.Call, _ unsynced: FaultyFiles.Unsynced) throws {
        let bench = try Files(unsynced)
        let entry = bench.ledger.credit(1, fen: 100)
        var isFailing = false
        bench.files.script = { [log = bench.log] made, name in
            guard name == log else { return .works }
            if made == .sync, !isFailing {
                isFailing = true
                return .fails
            }
            return isFailing && made == call ? .fails : .works
        }
        guard case .outcomeUnknown = bench.fault(of: entry) else {
            Issue.record("its outcome was thought to be known")
            return
        }
        for _ in 0..<3 {
            guard case .unavailable = bench.fault(of: entry) else {
                Issue.record("it was not refused with 91")
                return
            }
        }
        bench.heal()
        _ = try bench.store.loadReference()
        #expect(bench.files.isDurable(bench.log))
        // The retry finds out, as the ledger does by the recorded answer.
        if try bench.store.entryCount() == bench.acknowledged {
            try bench.commit([entry])
        } else {
            bench.acknowledged += 1
        }
        try bench.expectWhole()
        try bench.run(30)
        try bench.restart(losingPower: true)
        try bench.expectWhole()
    }

    @Test(
        "power lost while the outcome is unknown leaves the commit whole or not there, for good",
        arguments: fates)
    func lostWhileUnknown(_ unsynced: FaultyFiles.Unsynced) throws {
        let bench = try Files(unsynced)
        let entry = bench.ledger.credit(1, fen: 100)
        bench.fail(.sync, of: "-wal", times: .max)
        guard case .outcomeUnknown = bench.fault(of: entry) else {
            Issue.record("its outcome was thought to be known")
            return
        }
        bench.heal()
        try bench.restart(losingPower: true)
        let count = try bench.store.entryCount()
        #expect(count == bench.acknowledged || count == bench.acknowledged + 1)
        if count == bench.acknowledged {
            try bench.commit([entry])
        } else {
            bench.acknowledged += 1
        }
        try bench.run(30)
        try bench.restart(losingPower: true)
        try bench.expectWhole()
    }

    @Test(
        "a sync of the file that fails while the log is copied into it loses nothing",
        arguments: fates)
    func copying(_ unsynced: FaultyFiles.Unsynced) throws {
        let bench = try Files(unsynced)
        var failed = 0
        bench.files.script = { [path = bench.path] call, name in
            guard call == .sync, name == path, failed < 2 else { return .works }
            failed += 1
            return .fails
        }
        try bench.run(150)
        #expect(failed == 2)
        try bench.restart(losingPower: true)
        try bench.expectWhole()
        try bench.run(150)
        bench.store.close()
        try bench.restart(losingPower: true)
        try bench.expectWhole()
    }

    @Test(
        """
        a sync of the file that fails after a part of the log was copied has that part copied again: \
        nothing is lost when the log is begun anew
        """, arguments: fates)
    func copyingInPart(_ unsynced: FaultyFiles.Unsynced) throws {
        let bench = try Files(unsynced)
        // A reader lets the log be copied up to its snapshot only, and SQLite syncs nothing of that.
        let reader = try Connection(path: bench.path, purpose: .read)
        try reader.access { handle in
            try Connection.execute("BEGIN; SELECT count(*) FROM journal", on: handle)
        }
        var failed = 0
        bench.files.script = { [path = bench.path] call, name in
            guard call == .sync, name == path, failed == 0 else { return .works }
            failed += 1
            return .fails
        }
        for _ in 0..<300 where failed == 0 { try bench.run(1) }
        #expect(failed == 1)
        reader.close()
        try bench.run(300)
        try bench.restart(losingPower: true)
        try bench.expectWhole()
    }

    @Test("a store that cannot write its log again when it starts is not opened, and later is")
    func starting() throws {
        let bench = try Files(.isLost)
        bench.store.letGo()
        bench.files.end(losingPower: false)
        bench.fail(.sync, of: "-wal", times: 1)
        do {
            _ = try SQLiteStore(opening: bench.path, seal: TestSeal(), options: bench.options)
            Issue.record("it was opened")
        } catch {
            #expect("\(error)".contains(bench.path))
        }
        bench.heal()
        try bench.restart(losingPower: true)
        try bench.expectWhole()
    }
}
