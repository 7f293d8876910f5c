import NIOCore
import NIOEmbedded
import Testing

@testable import TLSChannel

@Suite("The end of a TLS session")
struct ClosingTests {
    let site: TestSite

    init() throws {
        site = try TestSite()
    }

    @Test("Closing says close_notify: the peer gets all that was sent before, and no fault")
    func closeNotify() throws {
        let pair = try EmbeddedPair.established(site)
        pair.client.send([1, 2, 3])
        let closed = pair.client.close()
        try pair.pump()
        try closed.wait()
        #expect(pair.serverEnd.record.received == [1, 2, 3])
        #expect(pair.serverEnd.record.faults.isEmpty)
        #expect(pair.serverEnd.record.inactive == 1)
        #expect(!pair.server.isActive)
        #expect(pair.clientEnd.record.faults.isEmpty)
    }

    @Test("An end of the connection without close_notify is a truncation")
    func truncation() throws {
        let pair = try EmbeddedPair.established(site)
        pair.client.send([1])
        try pair.pump()
        pair.cut(pair.server)
        #expect(pair.serverEnd.record.received == [1])
        #expect(pair.serverEnd.record.faults == [.session(.truncated)])
        #expect(pair.serverEnd.record.inactive == 1)
    }

    @Test("An end of the connection inside the handshake is a truncated handshake")
    func truncatedHandshake() throws {
        let pair = try EmbeddedPair(site, identity: site.terminal())
        try pair.connect()
        var hello = try pair.client.takeOutbound()
        let part = hello.readSlice(length: 20)
        try pair.server.writeInbound(try #require(part))
        pair.cut(pair.server)
        #expect(pair.serverEnd.record.faults == [.handshake(.truncated)])
    }

    @Test("A half-closed socket without close_notify is a truncation")
    func truncatedByHalfClose() throws {
        let pair = try EmbeddedPair.established(site)
        pair.server.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        #expect(pair.serverEnd.record.faults == [.session(.truncated)])
        #expect(!pair.server.isActive)
    }

    @Test("A channel that allows half closure may answer after the peer's close_notify")
    func halfClosed() throws {
        let pair = try EmbeddedPair.established(site)
        pair.server.allowRemoteHalfClosure = true
        pair.client.send([1])
        pair.client.close(mode: .output, promise: nil)
        let late = pair.client.writeAndFlush(ByteBuffer(bytes: [9]))
        try pair.pump()
        #expect(pair.serverEnd.record.received == [1])
        #expect(pair.serverEnd.record.inputClosed == 1)
        #expect(pair.server.isActive)
        #expect(throws: ChannelError.outputClosed) { try late.wait() }
        pair.server.send([2, 3])
        try pair.pump()
        #expect(pair.clientEnd.record.received == [2, 3])
        pair.server.close(promise: nil)
        try pair.pump()
        #expect(!pair.client.isActive)
        #expect(pair.clientEnd.record.faults.isEmpty)
        #expect(pair.serverEnd.record.faults.isEmpty)
    }

    @Test("Closing inside the handshake ends it at once and fails what was written")
    func closeInHandshake() throws {
        let pair = try EmbeddedPair(site, identity: site.terminal())
        try pair.connect()
        let write = pair.client.writeAndFlush(ByteBuffer(bytes: [1]))
        try pair.client.close().wait()
        #expect(throws: ChannelError.ioOnClosedChannel) { try write.wait() }
        #expect(pair.clientEnd.record.faults.isEmpty)
        #expect(pair.clientEnd.record.inactive == 1)
    }

    @Test("Writing to a closing channel fails")
    func writeAfterClose() throws {
        let pair = try EmbeddedPair.established(site)
        let unflushed = pair.client.write(ByteBuffer(bytes: [1]))
        pair.client.close(promise: nil)
        #expect(throws: ChannelError.ioOnClosedChannel) { try unflushed.wait() }
        let late = pair.client.writeAndFlush(ByteBuffer(bytes: [1]))
        #expect(throws: ChannelError.ioOnClosedChannel) { try late.wait() }
    }

    @Test("A peer that does not take close_notify is cut off at the deadline")
    func closeDeadline() throws {
        var configuration = try site.server()
        configuration.closeDeadline = .seconds(3)
        let pair = try EmbeddedPair(
            client: TLSContext(site.client(site.terminal())), server: TLSContext(configuration))
        let dam = Dam()
        try pair.server.pipeline.syncOperations.addHandler(dam, position: .first)
        try pair.connect()
        try pair.pump()
        dam.isShut = true
        let closed = pair.server.close()
        let again = pair.server.close()
        pair.server.embeddedEventLoop.advanceTime(by: .milliseconds(2_999))
        #expect(pair.server.isActive)
        pair.server.embeddedEventLoop.advanceTime(by: .milliseconds(1))
        #expect(!pair.server.isActive)
        try closed.wait()
        try again.wait()
        #expect(pair.serverEnd.record.inactive == 1)
    }

    @Test("A changed record ends the session on both sides, each saying why")
    func changedRecord() throws {
        let pair = try EmbeddedPair.established(site)
        pair.client.send([1, 2, 3, 4])
        var ciphertext = try pair.client.takeOutbound()
        let last = ciphertext.writerIndex - 1
        let byte = try #require(ciphertext.getInteger(at: last, as: UInt8.self))
        ciphertext.setInteger(byte ^ 1, at: last)
        _ = try? pair.server.writeInbound(ciphertext)
        try pair.pump()
        #expect(pair.serverEnd.record.received.isEmpty)
        guard case .session(.other)? = pair.serverEnd.record.faults.first else {
            Issue.record("\(pair.serverEnd.record.faults)")
            return
        }
        #expect(
            pair.clientEnd.record.faults
                == [.session(.refusedByPeer(TLSAlert(rawValue: 20)))])
        #expect(!pair.server.isActive)
        #expect(!pair.client.isActive)
    }

    @Test("Closing in answer to a fault still lets the alert out")
    func closeOnFault() throws {
        let pair = try EmbeddedPair(site, identity: nil)
        pair.serverEnd.onFault = { $0.close(promise: nil) }
        try pair.connect()
        try pair.pump()
        #expect(pair.serverEnd.record.faults == [.handshake(.noCertificate)])
        #expect(
            pair.clientEnd.record.faults == [.session(.refusedByPeer(.certificateRequired))])
    }

    @Test(
        "Bytes that are not TLS are refused",
        arguments: ["GET / HTTP/1.1\r\n\r\n", "hello hello"])
    func garbage(_ text: String) throws {
        let pair = try EmbeddedPair(site, identity: nil)
        try pair.connect()
        _ = try? pair.server.writeInbound(ByteBuffer(string: text))
        #expect(pair.serverEnd.record.faults == [.handshake(.notTLS)])
        #expect(!pair.server.isActive)
    }

    @Test("A first message with any one byte changed never gets in and never traps")
    func mutatedHello() throws {
        let context = try TLSContext(site.server())
        let client = try EmbeddedPair(
            client: TLSContext(site.client(site.terminal())), server: context)
        try client.connect()
        let hello = try client.client.takeOutbound()
        for index in hello.readerIndex..<hello.writerIndex {
            let pair = try EmbeddedPair(
                client: TLSContext(site.client(nil)), server: context)
            try pair.connect()
            var changed = hello
            let byte = try #require(changed.getInteger(at: index, as: UInt8.self))
            changed.setInteger(byte &+ 0x55, at: index)
            _ = try? pair.server.writeInbound(changed)
            pair.cut(pair.server)
            #expect(pair.serverEnd.record.handshakes.isEmpty)
            #expect(pair.serverEnd.record.faults.count == 1)
        }
    }
}

/// Holds every write back while it is shut, like a peer that does not read.
final class Dam: ChannelOutboundHandler {
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer
    var isShut = false

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard !isShut else {
            held.append(promise)
            return
        }
        context.write(data, promise: promise)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        for promise in held {
            promise?.fail(ChannelError.ioOnClosedChannel)
        }
    }

    private var held: [EventLoopPromise<Void>?] = []
}
