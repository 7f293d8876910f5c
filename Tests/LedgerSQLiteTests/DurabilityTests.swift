import Foundation
import Ledger
import SettlementDomain
import TestSupport
import Testing

@testable import LedgerSQLite

@Suite("SQLite: durability and faults")
struct DurabilityTests {
    private struct Broken: Error {}

    @Test("the writer's connection is opened in WAL mode with synchronous = FULL")
    func synchronous() throws {
        try Bench().copyAfterPowerLoss().access { handle in
            #expect(try Connection.pragma("synchronous", on: handle) == 2)
            #expect(try Connection.pragma("wal_autocheckpoint", on: handle) == 0)
            let mode = try Statement("PRAGMA journal_mode", on: handle).first { $0.text() }
            #expect(mode == "wal")
        }
    }

    @Test("a store that ends between a commit and its sweep is whole, and sweeps again")
    func lostSweeps() throws {
        let bench = try Bench(seed: 9)
        let store = bench.store
        var lost: [SQLiteStore] = []
        for round in 0..<40 {
            try bench.run(5)
            if round % 10 == 9 { lost.append(try bench.copyAfterPowerLoss()) }
            store.tidy()
        }
        for copy in lost { #expect(try copy.verify(sha256: SyntheticLedger.digest).isSound) }
        #expect(try store.dump() == bench.copyAfterPowerLoss().dump())
        #expect(try bench.verify().isSound)
    }

    @Test("a commit that fails before COMMIT has done nothing and the next one works")
    func failsBefore() throws {
        for moment in [SQLiteStore.Moment.begun, .journalWritten, .swept, .committing] {
            let bench = try Bench()
            try bench.run(40)
            let count = try bench.store.entryCount()
            let before = bench.ledger
            let entry = bench.ledger.credit(1, fen: 100)
            bench.store.onMoment = { if $0 == moment { throw Broken() } }
            do {
                try bench.store.commit([entry])
                Issue.record("\(moment) did not fail")
            } catch {
                guard case .unavailable = error else {
                    Issue.record("\(moment): \(error)")
                    return
                }
            }
            bench.store.onMoment = nil
            #expect(try bench.store.entryCount() == count)
            #expect(try bench.copyAfterPowerLoss().entryCount() == count)
            bench.ledger = before
            try bench.run(40)
            #expect(try bench.verify().isSound)
        }
    }

    @Test("a commit that was written but failed to say so is found and stands")
    func writtenUnknown() throws {
        let bench = try Bench()
        try bench.run(40)
        let count = try bench.store.entryCount()
        bench.store.onMoment = { if $0 == .committed { throw Broken() } }
        try bench.run(7)
        #expect(try bench.store.entryCount() == count + 7)
        bench.store.onMoment = nil
        try bench.run(60)
        #expect(try bench.store.dump() == bench.copyAfterPowerLoss().dump())
        #expect(try bench.verify().isSound)
    }

    @Test(
        "rows that a sweep has written, although it failed to say so, are counted once",
        arguments: [SQLiteStore.Moment.committed, .committing])
    func sweptUnknown(_ moment: SQLiteStore.Moment) throws {
        var options = Bench.cramped
        options.waitingRowsMax = 600
        let bench = try Bench(seed: 17, options: options)
        try bench.run(140)
        for round in 0..<12 {
            let store = bench.store
            store.onMoment = { now in
                guard now == moment else { return }
                // Within the access already: the handle is the writer's own.
                if moment == .committing { try store.rollBackForTests() }
                throw Broken()
            }
            if moment == .committed {
                try bench.run(7)
            } else {
                let before = bench.ledger
                #expect(throws: StoreFault.self) { try bench.run(7) }
                bench.ledger = before
            }
            store.onMoment = nil
            // Fewer rows than were swept: the next sweep writes only some of them again.
            try bench.run(1)
            #expect(try bench.verify().isSound, "round \(round)")
            guard round % 7 == 3 else { continue }
            bench.store.letGo()
            bench.store = try SQLiteStore(
                opening: bench.path, seal: TestSeal(), options: options)
            #expect(try bench.verify().isSound, "round \(round)")
        }
    }

    @Test("a commit that was lost is found to be lost and never comes back")
    func lostUnknown() throws {
        let bench = try Bench()
        try bench.run(40)
        let count = try bench.store.entryCount()
        let before = bench.ledger
        let store = bench.store
        store.onMoment = { moment in
            guard moment == .committing else { return }
            // Within the access already: the handle is the writer's own.
            try store.rollBackForTests()
            throw Broken()
        }
        #expect(throws: StoreFault.self) { try bench.run(7) }
        store.onMoment = nil
        #expect(try store.entryCount() == count)
        #expect(try bench.copyAfterPowerLoss().entryCount() == count)
        bench.ledger = before
        try bench.run(60)
        #expect(try bench.verify().isSound)
    }

    @Test("while the file cannot be opened the outcome is unknown; later it is what the file says")
    func unreachable() throws {
        for moment in [SQLiteStore.Moment.reopening, .settling] {
            let bench = try Bench()
            try bench.run(40)
            let count = try bench.store.entryCount()
            let written = moment == .reopening
            let store = bench.store
            let before = bench.ledger
            store.onMoment = { reached in
                if reached == (written ? .committed : .committing) {
                    if !written { try store.rollBackForTests() }
                    throw Broken()
                }
                if reached == moment { throw Broken() }
            }
            do {
                try bench.run(1)
                Issue.record("it did not fail")
            } catch StoreFault.outcomeUnknown {
            }
            // Still unreachable: nothing more is executed.
            store.onMoment = { if $0 == moment { throw Broken() } }
            #expect(throws: StoreFault.self) { _ = try store.loadReference() }
            store.onMoment = nil
            #expect(try store.entryCount() == count + (written ? 1 : 0))
            if !written { bench.ledger = before }
            try bench.run(40)
            #expect(try bench.verify().isSound)
        }
    }

    @Test("a loss of power at any moment of any commit leaves a sound store")
    func powerLoss() throws {
        let bench = try Bench(seed: 4)
        var copies: [(SQLiteStore, UInt64)] = []
        var round = 0
        bench.store.onMoment = { moment in
            round += 1
            guard round % 37 == 0 else { return }
            let copy = try bench.copyAfterPowerLoss()
            copies.append((copy, round % 2 == 0 ? 0 : 1))
        }
        try bench.run(300)
        bench.store.onMoment = nil
        #expect(copies.count > 3)
        for (copy, _) in copies {
            let report = try copy.verify(sha256: SyntheticLedger.digest)
            #expect(report.isSound, "\(report.findings)")
            try copy.sweepAll()
            let dump = try copy.dump()
            try copy.rebuild()
            #expect(try copy.dump() == dump)
            copy.close()
        }
    }

    @Test("what waits in memory is bounded, and the log too")
    func bounded() throws {
        let bench = try Bench(seed: 5)
        var most = 0
        for _ in 0..<120 {
            try bench.run(14)
            most = max(most, bench.store.projections.waiting)
        }
        // Twice the bound: a pass under way and what came meanwhile, plus a batch.
        #expect(most <= 2 * 60)
        #expect(try bench.store.entryCount() > 1600)
    }
}

extension SQLiteStore {
    /// Rolls back as SQLite does by itself after some faults; called at a moment of a commit.
    fileprivate func rollBackForTests() throws {
        try rollBackWithinAccess()
    }
}
