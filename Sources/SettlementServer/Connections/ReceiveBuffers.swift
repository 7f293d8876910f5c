import NIOCore

/// What a connection's bytes are received into: a buffer for each read, let go when its bytes are used.
///
/// NIO keeps the first buffer of a channel for as long as the channel lives, and reuses it where it
/// can; 2 KiB of each connection, most of which are idle. The first is small here, for part of a
/// ClientHello, and never used again. Needs `maxMessagesPerRead` 1: with more, NIO would keep more.
struct ReceiveBuffers: RecvByteBufferAllocator {
    private static let firstBytes = 64

    private var hasRead = false
    private var sizes = AdaptiveRecvByteBufferAllocator()

    func buffer(allocator: ByteBufferAllocator) -> ByteBuffer {
        hasRead
            ? sizes.buffer(allocator: allocator) : allocator.buffer(capacity: Self.firstBytes)
    }

    /// - Returns: true, by which NIO takes a new buffer for the next read.
    mutating func record(actualReadBytes: Int) -> Bool {
        if hasRead { _ = sizes.record(actualReadBytes: actualReadBytes) }
        hasRead = true
        return true
    }
}
