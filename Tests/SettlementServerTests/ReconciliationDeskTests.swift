import Ledger
import NIOCore
import SettlementDomain
import SettlementProtocol
import Testing

@testable import SettlementServer

@Suite("The reconciliation desk")
struct ReconciliationDeskTests {
    private func bounds(
        running: Int = 10, waiting: Int = 10, perTerminal: Int = 10
    ) -> ReconciliationDesk.Bounds {
        ReconciliationDesk.Bounds(
            runningMax: running, waitingMax: waiting, perTerminalMax: perTerminal)
    }

    @Test("as many are worked at as allowed, others wait their turn, what is beyond gets 91")
    func bounded() async throws {
        let bench = ReconciliationBench(bounds(running: 1, waiting: 1))
        for id in 1...3 { try bench.askTotals(UInt32(id)) }
        #expect(await bench.next() == (3, .unavailable, .overloaded))
        await bench.sink.deliverNothing()
        #expect(await bench.next() == (1, .approved, .none))
        await bench.sink.deliverNothing()
        #expect(await bench.next() == (2, .approved, .none))
        try bench.askTotals(4)
        await bench.sink.deliverNothing()
        #expect(await bench.next() == (4, .approved, .none))
        #expect(
            bench.registry.text.contains(
                "settled_limits_reached_total{limit=\"reconciliations\"} 1"))
        try await bench.desk.stop()
    }

    @Test("one terminal cannot take the desk for itself")
    func perTerminal() async throws {
        let bench = ReconciliationBench(bounds(perTerminal: 2))
        for id in 1...3 { try bench.askTotals(UInt32(id)) }
        #expect(await bench.next() == (3, .unavailable, .overloaded))
        try bench.askTotals(4, at: Site.keyless)
        for _ in 1...3 { await bench.sink.deliverNothing() }
        var answered: Set<UInt32> = []
        for _ in 1...3 {
            let answer = await bench.next()
            #expect(answer.code == .approved)
            answered.insert(answer.id)
        }
        #expect(answered == [1, 2, 4])
        try bench.askTotals(5)
        await bench.sink.deliverNothing()
        #expect(await bench.next() == (5, .approved, .none))
        try await bench.desk.stop()
    }

    @Test("a store that cannot read, a full queue and a closed one are 91, each by its reason")
    func unavailable() async throws {
        let bench = ReconciliationBench(bounds(running: 1))
        try bench.askTotals(1)
        await bench.sink.next()?.deliver(.failure(.unavailable("gone")))
        #expect(await bench.next() == (1, .unavailable, .storeUnavailable))
        bench.sink.refuse(.full)
        try bench.askTotals(2)
        #expect(await bench.next() == (2, .unavailable, .overloaded))
        bench.sink.refuse(.closed)
        try bench.askTotals(3)
        #expect(await bench.next() == (3, .unavailable, .draining))
        bench.sink.refuse(.accepted)
        try bench.askTotals(4)
        await bench.sink.deliverNothing()
        #expect(await bench.next() == (4, .approved, .none))
        try await bench.desk.stop()
    }

    @Test("once it is stopped, what waits, what is read for and what comes gets 91")
    func stopped() async throws {
        let bench = ReconciliationBench(bounds(running: 1))
        try bench.askTotals(1)
        let reading = try #require(await bench.sink.next())
        try bench.askTotals(2)
        try await bench.desk.stop()
        #expect(await bench.next() == (2, .unavailable, .draining))
        reading.deliver(.success([]))
        #expect(await bench.next() == (1, .unavailable, .draining))
        try bench.askTotals(3)
        #expect(await bench.next() == (3, .unavailable, .draining))
    }

    @Test("a date after the business date gets 12 before anything is read")
    func future() async throws {
        let bench = ReconciliationBench()
        let body = ReconciliationBench.totals(date: Site.today.adding(days: 1))
        bench.take(try ReconciliationBench.task(.reconciliationTotals, body), 1)
        #expect(await bench.next() == (1, .invalidTransaction, .businessDateUnknown))
        try await bench.desk.stop()
    }
}
