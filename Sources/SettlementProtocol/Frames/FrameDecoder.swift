import NIOCore

/// Takes frames out of a stream of bytes.
///
/// Bodies are slices of what was appended: nothing is copied where a frame arrives whole. Each
/// header field is judged as soon as it is there, and nothing is ever allocated for a length that
/// was only announced. After a fault the decoder gives the same fault for ever.
public struct FrameDecoder: Sendable {
    /// Which way the frames go.
    public enum Direction: Sendable {
        /// To the daemon: kinds without the response bit.
        case requests
        /// To the terminal: kinds with it.
        case responses
    }

    private let direction: Direction
    private let lengthMax: UInt32
    private var buffer = ByteBuffer()
    private var fault: FrameFault?

    /// Creates a decoder without bytes.
    ///
    /// - Parameters:
    ///   - direction: which kinds are due.
    ///   - lengthMax: the largest value of the length field, at least 8.
    public init(_ direction: Direction, lengthMax: UInt32 = Frame.terminalLengthMax) {
        self.direction = direction
        self.lengthMax = lengthMax
    }

    /// Bytes that are not part of a whole frame yet.
    public var waitingBytes: Int { buffer.readableBytes }

    /// Bytes of storage held for them.
    var storageBytes: Int { buffer.capacity }

    /// Whether the beginning of a frame is here and its end is not, once `next` has given nil.
    public var isInsideFrame: Bool { buffer.readableBytes > 0 }

    /// Takes over what was received.
    public mutating func append(_ bytes: ByteBuffer) {
        guard fault == nil else { return }
        if buffer.readableBytes == 0 {
            buffer = bytes
        } else {
            var bytes = bytes
            // Frames given out before may still share the storage: only what waits is kept.
            buffer.discardReadBytes()
            buffer.writeBuffer(&bytes)
        }
    }

    /// The next whole frame; nil where more bytes are needed.
    ///
    /// - Throws: what is wrong with the frame, as soon as its header shows it.
    public mutating func next() throws(FrameFault) -> Frame? {
        if let fault { throw fault }
        do {
            return try decode()
        } catch {
            fault = error
            buffer = ByteBuffer()
            throw error
        }
    }

    private mutating func decode() throws(FrameFault) -> Frame? {
        let start = buffer.readerIndex
        guard let length = buffer.getInteger(at: start, as: UInt32.self) else {
            // An idle connection holds no storage.
            if buffer.readableBytes == 0 { buffer = ByteBuffer() }
            return nil
        }
        guard length >= UInt32(Frame.countedHeaderBytes) else {
            throw .lengthBelowHeader(length)
        }
        guard length <= lengthMax else { throw .lengthAboveLimit(length, max: lengthMax) }
        guard let version = buffer.getInteger(at: start + 4, as: UInt8.self) else { return nil }
        guard version == Frame.version else { throw .version(version) }
        guard let kind = buffer.getInteger(at: start + 5, as: UInt8.self) else { return nil }
        guard (kind & Frame.responseBit != 0) == (direction == .responses) else {
            throw .direction(kind: kind)
        }
        guard let flags = buffer.getInteger(at: start + 6, as: UInt16.self) else { return nil }
        guard flags == 0 else { throw .flags(flags) }
        let bodyBytes = Int(length) - Frame.countedHeaderBytes
        guard let requestID = buffer.getInteger(at: start + 8, as: UInt32.self),
            let body = buffer.getSlice(at: start + Frame.headerBytes, length: bodyBytes)
        else { return nil }
        buffer.moveReaderIndex(forwardBy: Frame.headerBytes + bodyBytes)
        return Frame(kind: kind, flags: flags, requestID: requestID, body: body)
    }
}
