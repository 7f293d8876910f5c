/// Where an answer goes back to: an event loop, a connection on it, a request on that.
///
/// Ordered so that sorted answers lie together by event loop, then by connection.
public struct Origin: Sendable, Hashable, Comparable {
    /// Position of the event loop in the server's list.
    public var loop: UInt16
    /// The connection's place in the loop's table.
    public var ticket: ConnectionTicket
    /// The frame's request id, chosen by the peer.
    public var requestID: UInt32
    /// The frame's kind, without the response bit.
    public var kind: UInt8

    /// Creates an origin of its parts.
    public init(loop: UInt16, ticket: ConnectionTicket, requestID: UInt32, kind: UInt8) {
        self.loop = loop
        self.ticket = ticket
        self.requestID = requestID
        self.kind = kind
    }

    /// Of what the daemon asks of itself: nobody waits for the answer.
    static let nobody = Origin(
        loop: 0, ticket: ConnectionTicket(slot: .max, generation: .max), requestID: 0, kind: 0)

    /// Whether it comes first: by loop, then slot, then generation.
    public static func < (left: Origin, right: Origin) -> Bool {
        if left.loop != right.loop { return left.loop < right.loop }
        if left.ticket.slot != right.ticket.slot { return left.ticket.slot < right.ticket.slot }
        return left.ticket.generation < right.ticket.generation
    }
}

/// Names one connection of an event loop, for as long as it lasts and no longer.
///
/// A slot is used again; its generation then differs, so that an answer to the connection before
/// it finds nobody.
public struct ConnectionTicket: Sendable, Hashable {
    /// Position in the loop's table.
    public var slot: UInt32
    /// How often the slot was used before.
    public var generation: UInt32

    /// Creates a ticket of its parts.
    public init(slot: UInt32, generation: UInt32) {
        self.slot = slot
        self.generation = generation
    }
}
