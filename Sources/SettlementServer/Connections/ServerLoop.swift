import NIOCore

/// One event loop of the server with the connections that live on it.
final class ServerLoop: Sendable {
    /// Position in the server's list.
    let index: UInt16
    let eventLoop: any EventLoop
    /// Opens only on `eventLoop`.
    let table: NIOLoopBound<ConnectionTable<ConnectionHandler>>
    /// Those of its connections whose handshakes are not over; opens only on `eventLoop`.
    let handshakes: NIOLoopBound<Handshakes>
    /// How much its connections may log; opens only on `eventLoop`.
    let lines: NIOLoopBound<LineBudget>

    /// Creates a loop without connections; on that loop.
    init(index: UInt16, eventLoop: any EventLoop, handshakesMax: Int) {
        self.index = index
        self.eventLoop = eventLoop
        table = NIOLoopBound(ConnectionTable(), eventLoop: eventLoop)
        lines = NIOLoopBound(LineBudget(), eventLoop: eventLoop)
        handshakes = NIOLoopBound(Handshakes(countMax: handshakesMax), eventLoop: eventLoop)
    }

    /// Gives every loop of a group its table, in the group's order, and its share of handshakes.
    static func all(
        of group: any EventLoopGroup, handshakesMax: Int
    ) async throws -> [ServerLoop] {
        let eventLoops = Array(group.makeIterator())
        var loops: [ServerLoop] = []
        for (index, eventLoop) in eventLoops.enumerated() {
            let loop = try await eventLoop.submit {
                ServerLoop(
                    index: UInt16(index), eventLoop: eventLoop,
                    handshakesMax: max(1, handshakesMax / eventLoops.count))
            }.get()
            loops.append(loop)
        }
        return loops
    }

    /// Returns when the loop has no connection any more; new ones must have been stopped.
    func untilEmpty() async {
        await withCheckedContinuation { continuation in
            eventLoop.execute {
                self.table.value.whenEmpty { continuation.resume() }
            }
        }
    }

    /// Does something on the loop with its connections.
    func withConnections(_ body: @escaping @Sendable ([ConnectionHandler]) -> Void) {
        eventLoop.execute { body(self.table.value.connections) }
    }
}

/// Brings a batch's answers to their event loops: one hop a loop and batch.
public final class ReplyRouter: Sendable {
    private let loops: [ServerLoop]
    private let metrics: ServerMetrics

    init(loops: [ServerLoop], metrics: ServerMetrics) {
        self.loops = loops
        self.metrics = metrics
    }

    /// Sends answers, sorted by origin; any thread.
    public func send(_ replies: [Reply]) {
        var start = 0
        while start < replies.count {
            let index = replies[start].origin.loop
            var end = start + 1
            while end < replies.count, replies[end].origin.loop == index { end += 1 }
            let loop = loops[Int(index)]
            let slice = replies[start..<end]
            loop.eventLoop.execute {
                self.metrics.repliesDropped(loop.table.value.deliver(slice))
            }
            start = end
        }
    }
}
