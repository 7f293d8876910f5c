import Ledger
import NIOCore
import NIOEmbedded
import SettlementProtocol
import SettlementServer

/// A connection between a terminal and a daemon: bytes in order, late, in pieces, until it is cut.
final class SimulatedLine {
    let channel: EmbeddedChannel
    let daemon: SimulatedDaemon
    /// What the terminal sent and the daemon has not read yet.
    private var toDaemon = ByteBuffer()
    private var toTerminal = ByteBuffer()
    private var decoder = FrameDecoder(.responses)
    /// The terminal has cut it: nothing arrives any more, in either direction.
    private(set) var isCut = false
    /// Requests that were sent, by request id.
    var requests: [UInt32: ModelKey] = [:]
    /// Questions that were asked, by request id.
    var questions: [UInt32: SimulatedQuestion] = [:]
    /// Of requests that ask for records: what may be told, by request id.
    var windows: [UInt32: SimulatedQuestion] = [:]
    /// Of the requests, those with other content than the key was first used for.
    var forged: Set<UInt32> = []
    var isSignedOn = false
    /// Bytes that are no frame were sent on it.
    var isDirty = false
    private var lastRequestID: UInt32 = 0

    init(_ channel: EmbeddedChannel, daemon: SimulatedDaemon) {
        self.channel = channel
        self.daemon = daemon
    }

    /// Whether the daemon has closed it.
    var isClosed: Bool { !channel.isActive }

    func send(_ kind: RequestKind, _ body: [UInt8]) -> UInt32 {
        lastRequestID += 1
        FrameEncoder.append(
            kind: kind.rawValue, requestID: lastRequestID, body: body, to: &toDaemon)
        return lastRequestID
    }

    func send(garbage: [UInt8]) { toDaemon.writeBytes(garbage) }

    /// Brings some of what the terminal sent to the daemon.
    func carryToDaemon(atMost bytes: Int) {
        guard !isCut, !isClosed,
            let piece = toDaemon.readSlice(
                length: min(bytes, toDaemon.readableBytes)), piece.readableBytes > 0
        else { return }
        toDaemon.discardReadBytes()
        // A connection that the daemon is closing takes nothing any more.
        _ = try? channel.writeInbound(piece)
    }

    /// Brings what the daemon sent towards the terminal: some of it, in pieces; gives whole frames.
    func carryToTerminal(atMost bytes: Int) throws -> [Frame] {
        while let written = try channel.readOutbound(as: ByteBuffer.self) {
            toTerminal.writeImmutableBuffer(written)
        }
        guard !isCut,
            let piece = toTerminal.readSlice(
                length: min(bytes, toTerminal.readableBytes)), piece.readableBytes > 0
        else { return [] }
        toTerminal.discardReadBytes()
        decoder.append(piece)
        var frames: [Frame] = []
        while let frame = try decoder.next() { frames.append(frame) }
        return frames
    }

    /// Whether everything that the daemon sent has arrived.
    var isDry: Bool { toTerminal.readableBytes == 0 }

    /// The terminal, or the network, ends it.
    func cut() {
        guard !isCut else { return }
        isCut = true
        if channel.isActive { channel.close(promise: nil) }
        channel.embeddedEventLoop.run()
    }
}
