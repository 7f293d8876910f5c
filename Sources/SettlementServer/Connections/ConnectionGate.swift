import NIOCore

/// Accepts no more connections than the limit; further ones wait in the system's backlog.
///
/// A handler of the listening channel. With `maxMessagesPerRead` 1 it never overshoots.
final class ConnectionGate: ChannelDuplexHandler {
    typealias InboundIn = any Channel
    typealias InboundOut = any Channel
    typealias OutboundIn = any Channel

    private let connectionsMax: Int
    /// Where connections are counted; nil: they are no terminals'.
    private let metrics: ServerMetrics?
    private var connections = 0
    private var readIsHeld = false

    init(connectionsMax: Int, metrics: ServerMetrics?) {
        self.connectionsMax = connectionsMax
        self.metrics = metrics
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let channel = unwrapInboundIn(data)
        connections += 1
        metrics?.connectionOpened()
        let gate = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        channel.closeFuture.hop(to: context.eventLoop).whenComplete { _ in
            let (handler, context) = gate.value
            handler.connectionClosed(context)
        }
        context.fireChannelRead(data)
    }

    func read(context: ChannelHandlerContext) {
        guard connections < connectionsMax else {
            if !readIsHeld { metrics?.limitReached("connections") }
            readIsHeld = true
            return
        }
        context.read()
    }

    private func connectionClosed(_ context: ChannelHandlerContext) {
        connections -= 1
        metrics?.connectionClosed()
        if readIsHeld, connections < connectionsMax, context.channel.isActive {
            readIsHeld = false
            context.read()
        }
    }
}
