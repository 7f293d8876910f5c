import Ledger
import NIOCore
import SettlementDomain
import SettlementProtocol
import Testing

@testable import SettlementServer

@Suite("Code 90: a terminal gets it once a day close, however it asks")
struct PutOffTests {
    private let queue = CommitQueue(bounds: .init(requestsMax: 100, bytesMax: 1_000_000))

    private func close(_ date: CivilDate = Site.today) -> PendingRequest {
        PendingRequest(
            origin: .nobody,
            work: .decide(
                .byOperator(.closeDay(date, next: date.adding(days: 1)), on: date)),
            bytes: 0, arrived: .now())
    }

    private static func status(_ id: UInt32, of stan: UInt32) -> ByteBuffer {
        ConnectionBench.frame(
            .settlementStatus, id,
            RequestEncoder.settlementStatus(
                SettlementStatusRequest(
                    header: Site.header(stan: id), originalDate: Site.today, originalSTAN: stan)))
    }

    /// Takes out what waits, as the committer does, and ends the closes in it.
    private func commit() -> [PendingRequest] {
        var batch: [PendingRequest] = []
        guard queue.depth > 0, queue.take(into: &batch, countMax: 1_000) else { return [] }
        let closes = batch.count { $0.closesDay }
        if closes > 0 { queue.dayClosed(closes) }
        return batch
    }

    @Test("a terminal that asks for more while its retry waits is not put off a second time")
    func pipelined() throws {
        let bench = try ConnectionBench(queue: queue)
        try bench.signOn()
        #expect(queue.offer([close()]) == .accepted)
        try bench.receive(ConnectionBench.settle(1))
        let first = try bench.answers()
        #expect(first.map(\.code) == [.dayClose] && first.map(\.reason) == [.dayClose])
        // The retry waits behind the close, and so does whatever comes after it.
        for id in [1, 2, 3] as [UInt32] {
            try bench.receive(ConnectionBench.settle(id))
            #expect(try bench.answers().isEmpty, "request \(id)")
        }
        #expect(commit().map(\.origin.requestID).suffix(3) == [1, 2, 3])
    }

    @Test("a terminal that asks over another connection is not put off a second time")
    func otherConnection() throws {
        let benches = [try ConnectionBench(queue: queue), try ConnectionBench(queue: queue)]
        for bench in benches { try bench.signOn() }
        #expect(queue.offer([close()]) == .accepted)
        try benches[0].receive(ConnectionBench.settle(1))
        #expect(try benches[0].answers().map(\.code) == [.dayClose])
        try benches[1].receive(ConnectionBench.settle(1))
        #expect(try benches[1].answers().isEmpty)
        #expect(queue.depth == 2)
    }

    @Test("what books nothing goes on, in the same packet as what is put off too")
    func readsGoOn() throws {
        let bench = try ConnectionBench(queue: queue)
        try bench.signOn()
        #expect(queue.offer([close()]) == .accepted)
        try bench.receive(
            Self.status(1, of: 900), ConnectionBench.settle(2), ConnectionBench.echo(3),
            Self.status(4, of: 900))
        let answers = try bench.answers().sorted { $0.id < $1.id }
        #expect(answers.map(\.id) == [2, 3])
        #expect(answers.map(\.code) == [.dayClose, .approved])
        #expect(commit().map(\.origin.requestID).suffix(2) == [1, 4])
    }

    @Test("the next day close may put it off again, once")
    func nextClose() throws {
        let bench = try ConnectionBench(queue: queue)
        try bench.signOn()
        for day in 0..<3 {
            #expect(queue.offer([close(Site.today.adding(days: day))]) == .accepted)
            let id = UInt32(day + 1)
            try bench.receive(ConnectionBench.settle(id))
            #expect(try bench.answers().map(\.code) == [.dayClose])
            try bench.receive(ConnectionBench.settle(id))
            #expect(try bench.answers().isEmpty)
            #expect(commit().count == 2)
        }
    }
}
