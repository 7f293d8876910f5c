import NIOCore

/// Writes frames, one behind the other, into a buffer that is sent at once.
public enum FrameEncoder {
    /// Appends a frame.
    public static func append(_ frame: Frame, to buffer: inout ByteBuffer) {
        append(kind: frame.kind, requestID: frame.requestID, body: frame.body, to: &buffer)
    }

    /// Appends a frame with this body.
    public static func append(
        kind: UInt8, requestID: UInt32, body: [UInt8], to buffer: inout ByteBuffer
    ) {
        appendHeader(kind: kind, requestID: requestID, bodyBytes: body.count, to: &buffer)
        buffer.writeBytes(body)
    }

    /// Appends a frame with the readable bytes of a buffer as its body.
    public static func append(
        kind: UInt8, requestID: UInt32, body: ByteBuffer, to buffer: inout ByteBuffer
    ) {
        appendHeader(kind: kind, requestID: requestID, bodyBytes: body.readableBytes, to: &buffer)
        buffer.writeImmutableBuffer(body)
    }

    private static func appendHeader(
        kind: UInt8, requestID: UInt32, bodyBytes: Int, to buffer: inout ByteBuffer
    ) {
        buffer.reserveCapacity(minimumWritableBytes: Frame.headerBytes + bodyBytes)
        // The length is below 2^32 for every body this side makes: they are held to 64 MiB.
        let counted = UInt64(UInt32(truncatingIfNeeded: bodyBytes + Frame.countedHeaderBytes))
        let versionAndKind = UInt64(Frame.version) << 24 | UInt64(kind) << 16
        buffer.writeInteger(counted << 32 | versionAndKind)
        buffer.writeInteger(requestID)
    }
}
