import Foundation
import Ledger
import LedgerPostgreSQL
import SettlementDomain
import Synchronization
import TestProcesses
import TestSupport
import Testing

/// Several writers of one database, each with a connection and a thread of its own, as daemons have.
@Suite("One database: several writers at once")
struct SharedDatabaseTests {
    /// A database with the village in it.
    private static func makeVillage() throws -> PostgreSQLOptions {
        let options = PostgreSQLOptions(
            connection: try DatabaseServer.shared().newDatabase(), seal: TestSeal(),
            lockMillis: 200)
        _ = try Migrations(options).run(firstBusinessDate: Village.date, at: time)
        let store = try PostgreSQLStore(options)
        defer { store.close() }
        let opening = LedgerRequest.byOperator(
            .register(Village.site, dryRun: false), on: Village.date, stan: 1, terminalTime: 0)
        _ = try UndoLoadTests.decide([opening], at: time, on: store)
        return options
    }

    private static let time: Int64 = 1_795_392_000_000

    /// What happened in all threads.
    private struct Happened {
        var responses: [RequestKey: [[UInt8]]] = [:]
        var conflicts = 0
        var faults: [String] = []
    }

    /// Decides a batch as a committer does, again where another writer came between.
    private static func decide(
        _ batch: [LedgerRequest], at time: Int64, on store: PostgreSQLStore,
        _ happened: borrowing Mutex<Happened>
    ) throws {
        for _ in 0..<1000 {
            do {
                let decisions = try UndoLoadTests.decide(batch, at: time, on: store)
                happened.withLock { happened in
                    for (request, decision) in zip(batch, decisions)
                    where request.command.isRecorded {
                        happened.responses[request.key, default: []].append(decision.response)
                    }
                }
                return
            } catch StoreFault.conflict {
                happened.withLock { $0.conflicts += 1 }
            } catch StoreFault.outdatedReference {
                continue
            }
        }
        throw StoreFault.unavailable("a batch met another writer a thousand times")
    }

    /// Gives each of so many threads a store of its own; returns when all are done.
    private static func writers(
        _ count: Int, on options: PostgreSQLOptions, _ happened: borrowing Mutex<Happened>,
        _ body: @escaping @Sendable (Int, PostgreSQLStore) throws -> Void
    ) async {
        let faults = await withTaskGroup(of: String?.self) { group in
            for number in 0..<count {
                group.addTask {
                    await withCheckedContinuation { continuation in
                        // A thread that waits for the database holds up no other test.
                        Thread {
                            do {
                                let store = try PostgreSQLStore(options)
                                defer { store.close() }
                                try body(number, store)
                                continuation.resume(returning: nil)
                            } catch {
                                continuation.resume(returning: "\(error)")
                            }
                        }.start()
                    }
                }
            }
            return await group.reduce(into: [String]()) { if let fault = $1 { $0.append(fault) } }
        }
        happened.withLock { $0.faults += faults }
    }

    @Test(
        "four persons' payments and undoings through four writers, each sent to two: as in one order",
        arguments: [1, 2] as [UInt64])
    func serializable(seed: UInt64) async throws {
        let options = try Self.makeVillage()
        var life = VillageLife(seed: seed)
        let requests = (0..<240).map { _ in life.next() }
        let happened = Mutex(Happened())
        // Each request is sent to two writers: the second is a retry over another daemon.
        let work = Mutex(Array(zip(requests, requests).flatMap { [$0, $1] }.reversed()))
        await Self.writers(4, on: options, happened) { number, store in
            var count = number
            while true {
                count += 1
                let batch = work.withLock { work in
                    (0..<min(1 + count % 5, work.count)).map { _ in work.removeLast() }
                }
                if batch.isEmpty { return }
                try Self.decide(batch, at: Self.time + Int64(count), on: store, happened)
            }
        }
        let result = happened.withLock { $0 }
        #expect(result.faults == [])
        #expect(result.conflicts > 0)
        for (key, responses) in result.responses {
            #expect(Set(responses).count == 1, "\(seed): \(key) was answered in two ways")
        }
        let report = try DatabaseAudit(of: options).verify(sha256: SyntheticLedger.digest)
        #expect(report.isSound, "\(seed): \(report.lines)")
        try Self.compareWithOneOrder(requests, options, seed)
    }

    /// Decides what was approved once more, one after the other in the journal's order.
    private static func compareWithOneOrder(
        _ requests: [LedgerRequest], _ options: PostgreSQLOptions, _ seed: UInt64
    ) throws {
        let store = try PostgreSQLStore(options)
        defer { store.close() }
        guard case .entries(let journal) = try store.read(.entries(after: 0, limit: 10_000))
        else { return }
        let byKey = Dictionary(requests.map { ($0.key, $0) }) { first, _ in first }
        var model = UndoLoadTests.Model()
        var compared = 0
        for entry in journal {
            model.time = entry.time
            // What changed nothing may have been decided before its neighbours.
            if let answer = entry.answer, !entry.changes.isEmpty, answer.code.isApproval,
                let request = byKey[answer.key]
            {
                compared += 1
                let response = model.decide(request).response
                let isSame = response == answer.response
                #expect(isSame, "\(seed): \(answer.key) \(entry.sequence)")
            } else {
                model.rows.append(entry)
            }
        }
        #expect(compared > 50)
    }

    @Test("what one has changed since it was read, the other does not decide by")
    func guards() throws {
        let options = try Self.makeVillage()
        let first = try PostgreSQLStore(options)
        let second = try PostgreSQLStore(options)
        defer {
            first.close()
            second.close()
        }
        var life = VillageLife(seed: 5)
        let requests = (0..<200).map { _ in life.next() }
        let payments = requests.filter { request in
            guard case .settle(let command) = request.command else { return false }
            return command.card == Village.card(1)
        }
        let payment = try #require(payments.first)
        func loaded(_ store: PostgreSQLStore, _ request: LedgerRequest) throws -> WorkingSet {
            let reference = try store.loadReference()
            var keys = LoadKeys()
            Village.ledger.keys(of: request, reference: reference, into: &keys)
            return try store.load(keys, reference: reference)
        }
        // The card is cancelled between the other's reading and writing.
        var rows = try loaded(first, payment)
        let decision = Village.ledger.decide(payment, at: Self.time, on: &rows)
        #expect(decision.code.isApproval)
        var card = try #require(rows.cards[Village.card(1)])
        card.state = .cancelled
        try second.commit([
            JournalEntry(
                sequence: 0, time: Self.time, bookedDate: Village.date, kind: .operatorApply,
                voucher: [], answer: nil, postings: [], changes: [.card(card)])
        ])
        var entries = rows.entries
        #expect(fault { () throws(StoreFault) in try first.commit(entries) } == "conflict")
        // The day is closed between the other's reading and writing, and before its next reading.
        rows = try loaded(first, payment)
        _ = Village.ledger.decide(payment, at: Self.time, on: &rows)
        let reference = rows.reference
        try second.commit([
            JournalEntry(
                sequence: 0, time: Self.time, bookedDate: Village.date, kind: .dayClose,
                voucher: [], answer: nil, postings: [],
                changes: [.businessDate(Village.date.adding(days: 1))])
        ])
        entries = rows.entries
        #expect(fault { () throws(StoreFault) in try first.commit(entries) } == "conflict")
        let old = fault { () throws(StoreFault) in
            _ = try first.load(LoadKeys(), reference: reference)
        }
        #expect(old == "outdated reference")
        #expect(try first.isReferenceOutdated())
        #expect(try first.loadReference().businessDate == Village.date.adding(days: 1))
        #expect(try !first.isReferenceOutdated())
        let report = try DatabaseAudit(of: options).verify(sha256: SyntheticLedger.digest)
        #expect(report.isSound, "\(report.lines)")
    }

    @Test("a batch that was decided before its connection was lost does not outlive its date")
    func lostBetween() throws {
        let options = try Self.makeVillage()
        let first = try PostgreSQLStore(options)
        let second = try PostgreSQLStore(options)
        defer {
            first.close()
            second.close()
        }
        let reference = try first.loadReference()
        _ = try first.load(LoadKeys(), reference: reference)
        let entry = JournalEntry(
            sequence: 0, time: Self.time, bookedDate: Village.date, kind: .operatorApply,
            voucher: [], answer: nil, postings: [], changes: [])
        try second.commit([
            JournalEntry(
                sequence: 0, time: Self.time, bookedDate: Village.date, kind: .dayClose,
                voucher: [], answer: nil, postings: [],
                changes: [.businessDate(Village.date.adding(days: 1))])
        ])
        // The next connection knows the new date; what was decided does not.
        first.letGo()
        #expect(fault { () throws(StoreFault) in try first.commit([entry]) } == "conflict")
        let report = try DatabaseAudit(of: options).verify(sha256: SyntheticLedger.digest)
        #expect(report.isSound, "\(report.lines)")
    }

    /// What went wrong; nil: nothing.
    private func fault(_ body: () throws(StoreFault) -> Void) -> String? {
        do throws(StoreFault) {
            try body()
            return nil
        } catch {
            return switch error {
            case .conflict: "conflict"
            case .outdatedReference: "outdated reference"
            case .unavailable, .outcomeUnknown, .corrupt: "\(error)"
            }
        }
    }

    @Test("days are closed while others pay: nothing is booked under a date that has ended")
    func closing() async throws {
        let options = try Self.makeVillage()
        let happened = Mutex(Happened())
        let isDone = Mutex(false)
        // The last of them closes the days.
        await Self.writers(4, on: options, happened) { number, store in
            guard number < 3 else {
                defer { isDone.withLock { $0 = true } }
                for day in 0..<8 {
                    let date = Village.date.adding(days: day)
                    let close = LedgerRequest.byOperator(
                        .closeDay(date, next: date.adding(days: 1)), on: date, stan: 1,
                        terminalTime: 0)
                    try Self.decide([close], at: Self.time, on: store, happened)
                }
                return
            }
            var life = VillageLife(
                seed: UInt64(number) + 40, firstSTAN: 1000 * UInt32(number))
            while !isDone.withLock({ $0 }) {
                try Self.decide([life.next()], at: Self.time, on: store, happened)
            }
        }
        #expect(happened.withLock { $0.faults } == [])
        // Among others: each entry is booked under the date that stood in the journal's order.
        let report = try DatabaseAudit(of: options).verify(sha256: SyntheticLedger.digest)
        #expect(report.isSound, "\(report.lines)")
    }
}
