import CertificateAuthority
import NIOCore
import NIOEmbedded
import Testing

@testable import TLSChannel

@Suite("A TLS session between two channels")
struct SessionTests {
    let site: TestSite

    init() throws {
        site = try TestSite()
    }

    @Test("Both ends learn the protocol and the other's certificate, then bytes flow both ways")
    func exchanges() throws {
        let pair = try EmbeddedPair.established(site)
        let seen = try #require(pair.serverEnd.record.handshakes.first)
        #expect(pair.serverEnd.record.handshakes.count == 1)
        #expect(seen.alpn == "settle/1")
        #expect(seen.protocolVersion == "TLSv1.3")
        #expect(seen.peerCertificate.commonName == "T0000001")
        #expect(seen.peerCertificate.organization == "H31010400123")
        #expect(seen.peerCertificate.subject == "CN=T0000001,O=H31010400123")
        #expect(seen.peerCertificate.uris == ["urn:settled:terminal:T0000001"])
        #expect(seen.peerCertificate.sha256Fingerprint.count == 64)
        let record = try #require(try site.authority.issued().first { $0.kind == .terminal })
        #expect(seen.peerCertificate.serialHex == record.serialHex)
        #expect(seen.peerCertificate.notAfter == record.validity.end.epochSeconds)
        let server = try #require(pair.clientEnd.record.handshakes.first)
        #expect(server.peerCertificate.dnsNames == ["settled.test"])

        pair.client.send([1, 2, 3])
        pair.server.send([4, 5])
        try pair.pump()
        #expect(pair.serverEnd.record.received == [1, 2, 3])
        #expect(pair.clientEnd.record.received == [4, 5])
        #expect(pair.serverEnd.record.faults.isEmpty)
    }

    @Test("Ciphertext may arrive a byte at a time")
    func dripped() throws {
        let pair = try EmbeddedPair(site, identity: site.terminal())
        try pair.connect()
        try pair.pump(chunk: 1)
        pair.client.send(Array(repeating: 7, count: 3_000))
        pair.server.send([8])
        try pair.pump(chunk: 1)
        #expect(pair.serverEnd.record.received == Array(repeating: 7, count: 3_000))
        #expect(pair.clientEnd.record.received == [8])
    }

    @Test("Every length around the limits of a record and a delivery arrives whole")
    func lengths() throws {
        let pair = try EmbeddedPair.established(site)
        for length in [1, 1_023, 1_024, 1_025, 16_383, 16_384, 16_385, 65_535, 65_536, 65_537] {
            let sent = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 31) }
            let before = pair.serverEnd.record.received.count
            pair.client.send(sent)
            try pair.pump()
            #expect(Array(pair.serverEnd.record.received[before...]) == sent)
        }
    }

    @Test("A huge write arrives whole in both directions and its promise succeeds once")
    func huge() throws {
        let pair = try EmbeddedPair.established(site)
        let sent = (0..<3_000_001).map { UInt8(truncatingIfNeeded: $0 / 7) }
        let promise = pair.client.eventLoop.makePromise(of: Void.self)
        pair.client.writeAndFlush(ByteBuffer(bytes: sent), promise: promise)
        pair.server.send(sent)
        try pair.pump(chunk: 100_000)
        #expect(pair.serverEnd.record.received == sent)
        #expect(pair.clientEnd.record.received == sent)
        try promise.futureResult.wait()
    }

    @Test("Sixteen small writes and one flush make one record, and all promises succeed")
    func coalesced() throws {
        let pair = try EmbeddedPair.established(site)
        let promises = (0..<16).map { index in
            let promise = pair.server.eventLoop.makePromise(of: Void.self)
            let bytes = ByteBuffer(repeating: UInt8(index), count: 64)
            pair.server.write(bytes, promise: promise)
            return promise
        }
        pair.server.flush()
        let ciphertext = try pair.server.takeOutbound()
        #expect(recordCount(ciphertext) == 1)
        #expect(ciphertext.readableBytes == 16 * 64 + 22)
        for promise in promises {
            try promise.futureResult.wait()
        }
        try pair.client.writeInbound(ciphertext)
        #expect(pair.clientEnd.record.received.count == 16 * 64)
    }

    @Test("Nothing is sent without a flush")
    func unflushed() throws {
        let pair = try EmbeddedPair.established(site)
        pair.server.write(ByteBuffer(bytes: [1]), promise: nil)
        #expect(try pair.server.takeOutbound().readableBytes == 0)
        pair.server.flush()
        #expect(recordCount(try pair.server.takeOutbound()) == 1)
    }

    @Test("Writes before the handshake are held, and keep their order")
    func heldWrites() throws {
        let pair = try EmbeddedPair(site, identity: site.terminal())
        let promise = pair.client.eventLoop.makePromise(of: Void.self)
        pair.client.writeAndFlush(ByteBuffer(bytes: [1]), promise: promise)
        #expect(try pair.client.takeOutbound().readableBytes == 0)
        try pair.connect()
        pair.client.writeAndFlush(ByteBuffer(bytes: [2]), promise: nil)
        pair.client.write(ByteBuffer(bytes: [4]), promise: nil)
        pair.clientEnd.onHandshake = { context in
            context.writeAndFlush(Recorder.wrapOutboundOut(ByteBuffer(bytes: [5])), promise: nil)
        }
        pair.server.send([3])
        try pair.pump()
        #expect(pair.serverEnd.record.received == [1, 2, 4, 5])
        #expect(pair.clientEnd.record.received == [3])
        try promise.futureResult.wait()
    }

    @Test("An empty write completes and puts nothing on the wire")
    func emptyWrite() throws {
        let pair = try EmbeddedPair.established(site)
        let promise = pair.client.eventLoop.makePromise(of: Void.self)
        pair.client.writeAndFlush(ByteBuffer(), promise: promise)
        try promise.futureResult.wait()
        #expect(try pair.client.takeOutbound().readableBytes == 0)
    }

    @Test("A key update by either side is unseen by the application")
    func keyUpdate() throws {
        let session = try TLSSession(TLSContext(site.client(site.terminal())))
        let server = EmbeddedChannel()
        let end = Recorder()
        try server.pipeline.syncOperations.addHandlers(
            TLSHandler(TLSContext(site.server())), end)
        server.connect(to: try SocketAddress(ipAddress: "127.0.0.1", port: 1), promise: nil)
        func exchange() throws {
            while let bytes = session.takeOutbound() {
                try server.writeInbound(bytes)
                session.receive(try server.takeOutbound())
                _ = session.handshake()
            }
        }
        _ = session.handshake()
        try exchange()
        #expect(end.record.handshakes.count == 1)
        #expect(session.updateKeys())
        _ = [UInt8](arrayLiteral: 9, 9).withUnsafeBytes { session.write($0) }
        try server.writeInbound(try #require(session.takeOutbound()))
        #expect(end.record.received == [9, 9])
        server.send([6])
        session.receive(try server.takeOutbound())
        var plaintext = ByteBuffer()
        _ = session.read(into: &plaintext, bytesMax: 100)
        #expect(Array(plaintext.readableBytesView) == [6])
        #expect(end.record.faults.isEmpty)
        _ = try? server.finish()
    }

    @Test("The application may answer and close inside any event")
    func reentrant() throws {
        let pair = try EmbeddedPair(site, identity: site.terminal())
        pair.serverEnd.onRead = { context, bytes in
            context.writeAndFlush(Recorder.wrapOutboundOut(bytes), promise: nil)
            if bytes.readableBytesView.contains(0xFF) {
                context.close(promise: nil)
            }
        }
        try pair.connect()
        try pair.pump()
        pair.client.send([1, 2])
        try pair.pump()
        pair.client.send([3, 0xFF])
        pair.client.send([4])
        try pair.pump()
        #expect(pair.clientEnd.record.received == [1, 2, 3, 0xFF])
        #expect(!pair.server.isActive)
        #expect(pair.clientEnd.record.faults.isEmpty)
        #expect(pair.clientEnd.record.inactive == 1)
    }

    @Test("Nothing is kept by a session that is over")
    func released() throws {
        weak var session: TLSSession?
        try {
            let pair = try EmbeddedPair.established(site)
            let handler = try pair.server.pipeline.syncOperations.handler(type: TLSHandler.self)
            session = handler.session
            #expect(session != nil)
            pair.client.close(promise: nil)
            try pair.pump()
        }()
        #expect(session == nil)
    }
}
