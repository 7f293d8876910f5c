import NIOCore
import Synchronization
import TLSChannel

/// What reached the application's end of a pipeline.
final class Record: Sendable {
    struct Values {
        var handshakes: [TLSHandshakeCompleted] = []
        var received: [UInt8] = []
        var faults: [TLSFault] = []
        var inputClosed = 0
        var inactive = 0
    }

    private let values = Mutex(Values())

    func change(_ body: (inout Values) -> Void) {
        values.withLock { body(&$0) }
    }

    var handshakes: [TLSHandshakeCompleted] { values.withLock { $0.handshakes } }
    var received: [UInt8] { values.withLock { $0.received } }
    var faults: [TLSFault] { values.withLock { $0.faults } }
    var inputClosed: Int { values.withLock { $0.inputClosed } }
    var inactive: Int { values.withLock { $0.inactive } }
}

/// The last handler of a pipeline: keeps what reaches it, and does what a test tells it to.
final class Recorder: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    let record: Record
    var onHandshake: ((ChannelHandlerContext) -> Void)?
    var onRead: ((ChannelHandlerContext, ByteBuffer) -> Void)?
    var onFault: ((ChannelHandlerContext) -> Void)?

    init(_ record: Record = Record()) {
        self.record = record
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = Self.unwrapInboundIn(data)
        record.change { $0.received += Array(bytes.readableBytesView) }
        onRead?(context, bytes)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let completed = event as? TLSHandshakeCompleted {
            record.change { $0.handshakes.append(completed) }
            onHandshake?(context)
        } else if case .inputClosed? = event as? ChannelEvent {
            record.change { $0.inputClosed += 1 }
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if let fault = error as? TLSFault {
            record.change { $0.faults.append(fault) }
        }
        onFault?(context)
    }

    func channelInactive(context: ChannelHandlerContext) {
        record.change { $0.inactive += 1 }
    }
}
