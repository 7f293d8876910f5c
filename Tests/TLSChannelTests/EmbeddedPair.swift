import NIOCore
import NIOEmbedded
import TLSChannel

/// A client and a server whose bytes are carried by the test, on one thread.
final class EmbeddedPair {
    let client: EmbeddedChannel
    let server: EmbeddedChannel
    let clientEnd = Recorder()
    let serverEnd = Recorder()

    init(client: TLSContext, server: TLSContext) throws {
        self.client = EmbeddedChannel()
        self.server = EmbeddedChannel()
        try self.client.pipeline.syncOperations.addHandlers(TLSHandler(client), clientEnd)
        try self.server.pipeline.syncOperations.addHandlers(TLSHandler(server), serverEnd)
    }

    convenience init(_ site: TestSite, identity: TLSConfiguration.Identity?) throws {
        try self.init(
            client: TLSContext(site.client(identity)), server: TLSContext(site.server()))
    }

    /// A pair whose handshake is complete.
    static func established(_ site: TestSite) throws -> EmbeddedPair {
        let pair = try EmbeddedPair(site, identity: site.terminal())
        try pair.connect()
        try pair.pump()
        return pair
    }

    func connect() throws {
        let address = try SocketAddress(ipAddress: "127.0.0.1", port: 1)
        client.connect(to: address, promise: nil)
        server.connect(to: address, promise: nil)
    }

    /// Carries bytes both ways until both are silent, at most `chunk` bytes at a time.
    func pump(chunk: Int = .max) throws {
        var moved = true
        while moved {
            moved = try carry(from: client, to: server, chunk: chunk)
            moved = try carry(from: server, to: client, chunk: chunk) || moved
        }
    }

    private func carry(
        from source: EmbeddedChannel, to target: EmbeddedChannel, chunk: Int
    ) throws -> Bool {
        var moved = false
        while var bytes = try source.readOutbound(as: ByteBuffer.self) {
            moved = true
            while target.isActive, bytes.readableBytes > 0,
                let piece = bytes.readSlice(length: min(chunk, bytes.readableBytes))
            {
                // Faults reach the recorder; what the channel throws here is the same.
                _ = try? target.writeInbound(piece)
            }
        }
        return moved
    }

    /// Ends the TCP connection under one side, without a word of TLS.
    func cut(_ channel: EmbeddedChannel) {
        channel.pipeline.fireChannelInactive()
    }

    deinit {
        _ = try? client.finish(acceptAlreadyClosed: true)
        _ = try? server.finish(acceptAlreadyClosed: true)
    }
}

extension EmbeddedChannel {
    /// Writes bytes from the application's end.
    func send(_ bytes: [UInt8]) {
        writeAndFlush(ByteBuffer(bytes: bytes), promise: nil)
    }

    /// All ciphertext that was flushed, joined.
    func takeOutbound() throws -> ByteBuffer {
        var joined = ByteBuffer()
        while var bytes = try readOutbound(as: ByteBuffer.self) {
            joined.writeBuffer(&bytes)
        }
        return joined
    }
}

/// How many TLS records stand in ciphertext.
func recordCount(_ ciphertext: ByteBuffer) -> Int {
    var rest = ciphertext
    var count = 0
    while rest.readInteger(as: UInt8.self) != nil, rest.readInteger(as: UInt16.self) != nil,
        let bytes = rest.readInteger(as: UInt16.self), rest.readSlice(length: Int(bytes)) != nil
    {
        count += 1
    }
    return count
}
