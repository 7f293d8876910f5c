import Dispatch
import Foundation
import Ledger
import TestProcesses
import TestSupport
import Testing

@testable import LedgerPostgreSQL

@Suite("PostgreSQL: a connection that is lost")
struct ConnectionLossTests {
    @Test(
        "at each moment of a commit is answered truthfully, and the next commit works",
        arguments: PostgreSQLStore.Moment.allCases)
    func moments(_ moment: PostgreSQLStore.Moment) throws {
        var bench = try Bench(seed: 21)
        try bench.run(20)
        let before = try bench.entries().count
        let batch = (0..<10).map { _ in bench.ledger.any() }
        bench.store.onMoment = { $0 == moment }
        let outcome = fault { () throws(StoreFault) in try bench.store.commit(batch) }
        bench.store.onMoment = nil
        switch moment {
        case .begun, .written:
            // Nothing was committed, and that is certain.
            #expect(outcome == "the connection was cut")
            #expect(try bench.entries().count == before)
            try bench.store.commit(batch)
        case .committing:
            // It was found out that nothing happened: the batch is decided again.
            #expect(outcome == "\(StoreFault.conflict)")
            #expect(try bench.entries().count == before)
            try bench.store.commit(batch)
        case .committed:
            // It was found out that it had happened.
            #expect(outcome == nil)
        }
        #expect(try bench.entries().count == before + batch.count)
        try bench.run(10)
        let report = try bench.verify()
        #expect(report.isSound, "\(report.lines)")
    }

    @Test("a connection that died while nobody used it is replaced before anybody notices")
    func idle() throws {
        var bench = try Bench(seed: 25)
        try bench.run(10)
        let reference = try bench.store.loadReference()
        let before = try bench.entries().count
        for read in 0..<4 {
            try DatabaseServer.shared().sql(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    + "WHERE datname = '\(bench.database)'", in: "postgres")
            switch read {
            case 0: _ = try bench.store.load(LoadKeys(), reference: reference)
            case 1: #expect(try bench.entries().count == before)
            case 2: #expect(try bench.store.loadReference().businessDate == reference.businessDate)
            default: #expect(try !bench.store.isReferenceOutdated())
            }
        }
        try bench.run(10)
        #expect(try bench.verify().isSound)
    }

    @Test("while the database cannot be asked, an outcome is unknown, and later it is told")
    func unknown() throws {
        var bench = try Bench(seed: 22)
        try bench.run(10)
        let before = try bench.entries().count
        let batch = (0..<5).map { _ in bench.ledger.any() }
        let database = bench.database
        bench.store.onMoment = { moment in
            guard moment == .committed else { return false }
            // Nobody may connect any more.
            _ = try? DatabaseServer.shared().sql(
                "ALTER DATABASE \(database) ALLOW_CONNECTIONS false", in: "postgres")
            return true
        }
        var isUnknown = false
        do throws(StoreFault) {
            try bench.store.commit(batch)
        } catch {
            if case .outcomeUnknown = error { isUnknown = true }
        }
        #expect(isUnknown)
        bench.store.onMoment = nil
        let refused = fault { () throws(StoreFault) in _ = try bench.store.loadReference() }
        #expect(refused != nil)
        try DatabaseServer.shared().sql(
            "ALTER DATABASE \(database) ALLOW_CONNECTIONS true", in: "postgres")
        let next = try PostgreSQLStore(bench.options)
        defer { next.close() }
        guard case .entries(let entries) = try next.read(.entries(after: 0, limit: 100_000))
        else { return }
        #expect(entries.count == before + batch.count)
        #expect(try bench.verify().isSound)
    }

    @Test("a commit that the server calls done without its standby is not called durable")
    func unconfirmed() throws {
        let server = try DatabaseServer(port: nil)
        let options = PostgreSQLOptions(connection: try server.newDatabase(), seal: TestSeal())
        _ = try Migrations(options).run(
            firstBusinessDate: SyntheticLedger.firstDate, at: Bench.time)
        let store = try PostgreSQLStore(options)
        defer { store.close() }
        var ledger = SyntheticLedger(seed: 24)
        try store.commit(ledger.site())
        try server.sql(
            "ALTER SYSTEM SET synchronous_standby_names = 'nobody'", in: "postgres")
        try server.sql("SELECT pg_reload_conf()", in: "postgres")
        let done = DispatchSemaphore(value: 0)
        Thread {
            // Whoever waits for the standby is told to stop waiting.
            while done.wait(timeout: .now()) == .timedOut {
                _ = try? server.sql(
                    "SELECT pg_cancel_backend(pid) FROM pg_stat_activity "
                        + "WHERE wait_event = 'SyncRep'", in: "postgres")
            }
            done.signal()
        }.start()
        var isUnknown = false
        // The first may come before the server has read its new settings.
        for _ in 0..<1000 where !isUnknown {
            do throws(StoreFault) {
                try store.commit([ledger.newPerson()])
            } catch {
                if case .outcomeUnknown = error { isUnknown = true }
            }
        }
        done.signal()
        #expect(isUnknown)
        try server.sql("ALTER SYSTEM RESET synchronous_standby_names", in: "postgres")
        try server.sql("SELECT pg_reload_conf()", in: "postgres")
    }

    @Test("a writer that was silent for long and was followed goes on as another")
    func followed() throws {
        var bench = try Bench(seed: 23)
        try bench.run(10)
        try bench.sql("UPDATE writer SET holder = 'another' WHERE holder IS NOT NULL")
        // Its row has gone to another: what it writes is refused, then it takes a new one.
        let batch = (0..<5).map { _ in bench.ledger.any() }
        #expect(fault { () throws(StoreFault) in try bench.store.commit(batch) } != nil)
        #expect(fault { () throws(StoreFault) in _ = try bench.store.loadReference() } != nil)
        try bench.store.commit(batch)
        let report = try bench.verify()
        #expect(report.isSound, "\(report.lines)")
    }
}
