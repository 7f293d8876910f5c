/// What an event loop delivers answers to.
protocol ReplyReceiver: AnyObject {
    /// Encodes and sends the answers, in one flush.
    func deliver(_ replies: ArraySlice<Reply>)
}

/// The connections of one event loop; used on that loop only.
final class ConnectionTable<Connection: ReplyReceiver> {
    private struct Slot {
        var generation: UInt32
        var connection: Connection?
    }

    private var slots: [Slot] = []
    private var free: [UInt32] = []
    private var emptied: [() -> Void] = []

    /// Connections in the table.
    var count: Int { slots.count - free.count }

    /// Gives a connection its place.
    func insert(_ connection: Connection) -> ConnectionTicket {
        if let slot = free.popLast() {
            slots[Int(slot)].connection = connection
            return ConnectionTicket(slot: slot, generation: slots[Int(slot)].generation)
        }
        slots.append(Slot(generation: 0, connection: connection))
        return ConnectionTicket(slot: UInt32(slots.count - 1), generation: 0)
    }

    /// Frees a place, so that its ticket finds nobody; without effect on a ticket out of date.
    func remove(_ ticket: ConnectionTicket) {
        guard self[ticket] != nil else { return }
        let slot = Int(ticket.slot)
        slots[slot].connection = nil
        slots[slot].generation &+= 1
        free.append(ticket.slot)
        if count == 0 { tellEmptied() }
    }

    /// Calls once when there is no connection; at once if there is none now.
    func whenEmpty(_ call: @escaping () -> Void) {
        emptied.append(call)
        if count == 0 { tellEmptied() }
    }

    private func tellEmptied() {
        let calls = emptied
        emptied = []
        for call in calls { call() }
    }

    /// The connection that holds the ticket; nil when it is gone.
    subscript(ticket: ConnectionTicket) -> Connection? {
        let slot = Int(ticket.slot)
        guard slot < slots.count, slots[slot].generation == ticket.generation else { return nil }
        return slots[slot].connection
    }

    /// Hands each connection its answers at once; answers to connections that are gone are dropped.
    ///
    /// - Parameter replies: sorted by origin.
    /// - Returns: how many were dropped.
    @discardableResult
    func deliver(_ replies: ArraySlice<Reply>) -> Int {
        var dropped = 0
        var start = replies.startIndex
        while start < replies.endIndex {
            let ticket = replies[start].origin.ticket
            var end = start + 1
            while end < replies.endIndex, replies[end].origin.ticket == ticket { end += 1 }
            if let connection = self[ticket] {
                connection.deliver(replies[start..<end])
            } else {
                dropped += end - start
            }
            start = end
        }
        return dropped
    }

    /// Every connection, in the order of the slots.
    var connections: [Connection] { slots.compactMap(\.connection) }
}
