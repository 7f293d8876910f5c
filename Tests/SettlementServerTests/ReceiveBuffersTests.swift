import NIOCore
import Testing

@testable import SettlementServer

@Suite("What a connection's bytes are received into")
struct ReceiveBuffersTests {
    private var pool = NIOPooledRecvBufferAllocator(
        capacity: 1, recvAllocator: ReceiveBuffers())

    /// Reads so many bytes, as a channel does; gives how many there was room for.
    private mutating func read(_ bytes: Int) -> (room: Int, buffer: ByteBuffer) {
        let (buffer, room) = pool.buffer(allocator: ByteBufferAllocator()) { buffer in
            let room = buffer.writableBytes
            buffer.writeRepeatingByte(1, count: min(bytes, room))
            return room
        }
        if buffer.readableBytes > 0 { pool.record(actualReadBytes: buffer.readableBytes) }
        return (room, buffer)
    }

    @Test("a channel keeps one small buffer, and takes a new one for each read after the first")
    mutating func keepsLittle() {
        #expect(read(0).room == 64)
        #expect(read(500).room == 64)
        // Two that are alive at once, or not: neither is reused, nor does the pool grow.
        let second = read(436)
        #expect(second.room == 2_048)
        #expect(second.buffer.readableBytes == 436)
        for _ in 0..<20 {
            #expect(read(100).buffer.readableBytes == 100)
            #expect(pool.count == 1)
        }
        #expect(second.buffer.readableBytes == 436)
    }

    @Test("reads have more room while they fill it, less when they do not, 64 KiB at most")
    mutating func adapts() {
        _ = read(64)
        var most = 0
        for _ in 0..<20 { most = max(most, read(1 << 20).room) }
        #expect(most == 65_536)
        for _ in 0..<40 { _ = read(10) }
        #expect(read(10).room == 64)
    }
}
