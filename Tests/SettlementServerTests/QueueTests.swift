import Dispatch
import Ledger
import NIOCore
import SettlementDomain
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
        #expect(queue.room == 4)
        #expect(queue.offer((1...4).map { Self.pending($0) }) == .accepted)
        #expect(queue.room == 0)
        var batch: [PendingRequest] = []
        #expect(queue.take(into: &batch, countMax: 3))
        #expect(batch.map(\.origin.requestID) == [1, 2, 3])
        #expect(queue.room == 3)
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

    private func inquiry(_ id: UInt32, of card: CardNumber?) -> PendingRequest {
        var pending = Self.pending(id)
        pending.work = .decide(
            LedgerRequest(
                key: RequestKey(
                    terminal: Site.pharmacy, date: Site.today, stan: id), terminalTime: 0,
                content: .zero, voucher: [],
                command: .inquire(CardInquiry(card: card, proof: .absent))))
        return pending
    }

    @Test("a card's requests lie in one lane in their order, and every lane is emptied at the end")
    func lanes() {
        let queue = CommitQueue(
            bounds: CommitQueue.Bounds(requestsMax: 1_000, bytesMax: 100_000), lanes: 3)
        let cards = (0..<40).compactMap { number in
            (0..<10).lazy.compactMap { CardNumber("990000\(1000 + number)\($0)") }.first
        }
        #expect(cards.count == 40)
        for id in 0..<400 as Range<UInt32> {
            let card = cards[Int(id) % cards.count]
            #expect(queue.offer([inquiry(id, of: card)]) == .accepted)
        }
        queue.close()
        var laneOf: [CardNumber: Int] = [:]
        var used: Set<Int> = []
        var taken = 0
        for lane in 0..<3 {
            var last: [CardNumber: UInt32] = [:]
            var batch: [PendingRequest] = []
            while queue.take(into: &batch, countMax: 7, lane: lane) {
                for pending in batch {
                    let id = pending.origin.requestID
                    let card = cards[Int(id) % cards.count]
                    #expect(laneOf[card, default: lane] == lane)
                    #expect(last[card].map { $0 < id } ?? true)
                    laneOf[card] = lane
                    last[card] = id
                    used.insert(lane)
                    taken += 1
                }
            }
        }
        #expect(taken == 400 && used.count == 3 && queue.depth == 0)
    }

    @Test("a taker whose patience ends gets an empty batch, and then what comes")
    func patience() {
        let queue = queue(requests: 4, bytes: 40)
        var batch: [PendingRequest] = []
        #expect(queue.take(into: &batch, countMax: 7, patience: 0.001))
        #expect(batch.isEmpty)
        _ = queue.offer([Self.pending(1)])
        #expect(queue.take(into: &batch, countMax: 7, patience: 60))
        #expect(batch.count == 1)
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
