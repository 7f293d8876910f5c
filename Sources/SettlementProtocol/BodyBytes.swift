import NIOCore
import SwiftProtobuf

/// A frame's body as the message decoder reads it, without a copy.
struct BodyBytes: SwiftProtobufContiguousBytes {
    private var buffer: ByteBuffer

    init(_ buffer: ByteBuffer) {
        self.buffer = buffer
    }

    init(repeating byte: UInt8, count: Int) {
        buffer = ByteBuffer(repeating: byte, count: count)
    }

    init<Bytes: Sequence>(_ bytes: Bytes) where Bytes.Element == UInt8 {
        buffer = ByteBuffer(bytes: bytes)
    }

    var count: Int { buffer.readableBytes }

    func withUnsafeBytes<Result>(
        _ body: (UnsafeRawBufferPointer) throws -> Result
    ) rethrows -> Result {
        try buffer.withUnsafeReadableBytes(body)
    }

    mutating func withUnsafeMutableBytes<Result>(
        _ body: (UnsafeMutableRawBufferPointer) throws -> Result
    ) rethrows -> Result {
        try buffer.withUnsafeMutableReadableBytes(body)
    }
}

extension Message {
    /// Reads a body; nil where it is no message of this type.
    ///
    /// Fields that this version does not know are dropped: they are neither content nor voucher, so
    /// that a PIN block that was sent under a wrong wire type is not kept either.
    init?(body: ByteBuffer) {
        var options = BinaryDecodingOptions()
        options.discardUnknownFields = true
        do {
            try self.init(serializedBytes: BodyBytes(body), options: options)
        } catch {
            return nil
        }
    }

    /// The canonical bytes: fields in the order of their numbers, defaults left out.
    var bodyBytes: [UInt8] {
        do {
            return try serializedBytes()
        } catch {
            // Only required fields, extensions and sizes above 2 GiB fail; there are none.
            preconditionFailure("a message of settlement.proto cannot be written: \(error)")
        }
    }
}
