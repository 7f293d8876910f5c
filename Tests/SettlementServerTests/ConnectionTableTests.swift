import Ledger
import NIOCore
import Testing

@testable import SettlementServer

@Suite("The connection table of an event loop")
struct ConnectionTableTests {
    private final class Receiver: ReplyReceiver {
        var received: [[UInt32]] = []

        func deliver(_ replies: ArraySlice<Reply>) {
            received.append(replies.map(\.origin.requestID))
        }
    }

    private func reply(_ ticket: ConnectionTicket, _ id: UInt32) -> Reply {
        Reply(
            origin: Origin(loop: 0, ticket: ticket, requestID: id, kind: 0x12), body: [],
            code: .approved, reason: .none, arrived: .now())
    }

    @Test("each connection gets its answers at once")
    func grouped() {
        let table = ConnectionTable<Receiver>()
        let (first, second) = (Receiver(), Receiver())
        let (one, two) = (table.insert(first), table.insert(second))
        let dropped = table.deliver([reply(one, 1), reply(one, 2), reply(two, 3)])
        #expect(dropped == 0)
        #expect(first.received == [[1, 2]])
        #expect(second.received == [[3]])
    }

    @Test("a slot that is used again does not get the answers of the connection before")
    func generation() {
        let table = ConnectionTable<Receiver>()
        let (before, after) = (Receiver(), Receiver())
        let old = table.insert(before)
        table.remove(old)
        let new = table.insert(after)
        #expect(new.slot == old.slot)
        #expect(new.generation != old.generation)
        #expect(table.deliver([reply(old, 1), reply(new, 2)]) == 1)
        #expect(before.received.isEmpty)
        #expect(after.received == [[2]])
    }

    @Test("a ticket that is out of date removes nobody")
    func staleRemove() {
        let table = ConnectionTable<Receiver>()
        let old = table.insert(Receiver())
        table.remove(old)
        let new = table.insert(Receiver())
        table.remove(old)
        #expect(table[new] != nil)
        #expect(table.count == 1)
    }

    @Test("tells once when the last connection is gone")
    func empty() {
        let table = ConnectionTable<Receiver>()
        var told = 0
        let tickets = [table.insert(Receiver()), table.insert(Receiver())]
        table.whenEmpty { told += 1 }
        table.remove(tickets[0])
        #expect(told == 0)
        table.remove(tickets[1])
        #expect(told == 1)
        table.whenEmpty { told += 1 }
        #expect(told == 2)
    }
}
