import Dispatch
import Ledger
import NIOCore
import Testing

@testable import SettlementServer

@Suite("The commit queue")
struct QueueTests {
    static func pending(_ id: UInt32, bytes: Int = 10) -> PendingRequest {
        PendingRequest(
            origin: Origin(
                loop: 0, ticket: ConnectionTicket(slot: 0, generation: 0), requestID: id,
                kind: RequestKind.settle.rawValue),
            work: .read(.counts), bytes: bytes, arrived: .now())
    }

    private func queue(requests: Int, bytes: Int) -> CommitQueue {
        CommitQueue(bounds: CommitQueue.Bounds(requestsMax: requests, bytesMax: bytes))
    }

    @Test("takes requests up to its count and refuses one more")
    func count() {
        let queue = queue(requests: 3, bytes: 1_000)
        #expect(queue.offer([Self.pending(1), Self.pending(2)]) == .accepted)
        #expect(queue.offer([Self.pending(3)]) == .accepted)
        #expect(queue.offer([Self.pending(4)]) == .full)
        #expect(queue.depth == 3)
    }

    @Test("takes a tick whole or not at all")
    func allOrNone() {
        let queue = queue(requests: 3, bytes: 1_000)
        #expect(queue.offer([Self.pending(1), Self.pending(2)]) == .accepted)
        #expect(queue.offer([Self.pending(3), Self.pending(4)]) == .full)
        #expect(queue.depth == 2)
    }

    @Test("takes bytes up to its bound")
    func bytes() {
        let queue = queue(requests: 10, bytes: 100)
        #expect(queue.offer([Self.pending(1, bytes: 90)]) == .accepted)
        #expect(queue.offer([Self.pending(2, bytes: 11)]) == .full)
        #expect(queue.offer([Self.pending(2, bytes: 10)]) == .accepted)
    }

    @Test("gives back the room of what was taken out, in parts too")
    func room() {
        let queue = queue(requests: 4, bytes: 40)
        #expect(queue.offer((1...4).map { Self.pending($0) }) == .accepted)
        var batch: [PendingRequest] = []
        #expect(queue.take(into: &batch, countMax: 3))
        #expect(batch.map(\.origin.requestID) == [1, 2, 3])
        #expect(queue.offer((5...7).map { Self.pending($0) }) == .accepted)
        #expect(queue.offer([Self.pending(8)]) == .full)
        #expect(queue.take(into: &batch, countMax: 10))
        #expect(batch.map(\.origin.requestID) == [4, 5, 6, 7])
        #expect(queue.depth == 0)
    }

    @Test("closed, it takes nothing, gives out what waits, and then says that it is empty")
    func closed() {
        let queue = queue(requests: 4, bytes: 40)
        _ = queue.offer([Self.pending(1)])
        queue.close()
        #expect(queue.offer([Self.pending(2)]) == .closed)
        var batch: [PendingRequest] = []
        #expect(queue.take(into: &batch, countMax: 10))
        #expect(batch.count == 1)
        #expect(!queue.take(into: &batch, countMax: 10))
    }

    @Test("a sleeping taker is woken by an offer and by closing, and misses nothing")
    func wakes() async {
        let queue = queue(requests: 100_000, bytes: 10_000_000)
        let taken = Task.detached { () -> Int in
            await withCheckedContinuation { done in
                DispatchQueue(label: "taker").async {
                    var count = 0
                    var batch: [PendingRequest] = []
                    while queue.take(into: &batch, countMax: 7) { count += batch.count }
                    done.resume(returning: count)
                }
            }
        }
        for id in 0..<1_000 as Range<UInt32> { _ = queue.offer([Self.pending(id)]) }
        queue.close()
        #expect(await taken.value == 1_000)
    }
}
