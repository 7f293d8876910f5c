import COpenSSL
import NIOCore

/// The two byte queues between libssl and a channel, as an OpenSSL BIO (bio(7)).
///
/// libssl reads ciphertext from `inbound` and appends ciphertext to `outbound`, without the
/// memory BIO's extra copy each way. Confined to the event loop of its connection.
final class ByteBufferBIO {
    /// Ciphertext of the peer that libssl has not read yet; empty means "wants more input".
    private var inbound = ByteBuffer()
    /// Ciphertext of libssl that the channel has not taken yet.
    private var outbound = ByteBuffer()
    private let allocator = ByteBufferAllocator()

    /// One method table a process.
    ///
    /// It is written once, by the initialiser, and only read afterwards, which makes sharing the
    /// pointer safe.
    private nonisolated(unsafe) static let method: OpaquePointer? = makeMethod()

    private static let retryFlags =
        BIO_FLAGS_READ | BIO_FLAGS_WRITE | BIO_FLAGS_IO_SPECIAL | BIO_FLAGS_SHOULD_RETRY

    /// Makes the OpenSSL object; it keeps this queue alive until OpenSSL frees it.
    ///
    /// - Returns: a BIO with one reference, which the caller passes on; `nil` without memory.
    func makeBIO() -> OpaquePointer? {
        guard let method = Self.method, let bio = BIO_new(method) else { return nil }
        BIO_set_data(bio, Unmanaged.passRetained(self).toOpaque())
        BIO_set_init(bio, 1)
        return bio
    }

    /// Appends ciphertext of the peer.
    func receive(_ ciphertext: ByteBuffer) {
        if inbound.readableBytes == 0 {
            inbound = ciphertext
        } else {
            var ciphertext = ciphertext
            inbound.writeBuffer(&ciphertext)
        }
    }

    /// How many bytes of the peer wait for libssl.
    var inboundBytes: Int { inbound.readableBytes }

    /// Takes all ciphertext for the peer and keeps no storage; `nil` if there is none.
    func takeOutbound() -> ByteBuffer? {
        guard outbound.readableBytes > 0 else { return nil }
        defer { outbound = ByteBuffer() }
        return outbound
    }

    /// How many bytes for the peer have not been taken.
    var outboundBytes: Int { outbound.readableBytes }

    /// Makes room for `bytes` more, so that several records share one allocation.
    func reserveOutbound(_ bytes: Int) {
        if outbound.capacity == 0 {
            outbound = allocator.buffer(capacity: bytes)
        } else {
            outbound.reserveCapacity(minimumWritableBytes: bytes)
        }
    }

    private func read(into destination: UnsafeMutableRawBufferPointer) -> Int {
        let count = min(destination.count, inbound.readableBytes)
        guard count > 0 else { return 0 }
        inbound.readWithUnsafeReadableBytes { source in
            destination.copyMemory(from: UnsafeRawBufferPointer(rebasing: source[..<count]))
            return count
        }
        if inbound.readableBytes == 0 {
            inbound = ByteBuffer()
        }
        return count
    }

    private func write(_ source: UnsafeRawBufferPointer) {
        if outbound.capacity == 0 {
            outbound = allocator.buffer(capacity: source.count)
        }
        outbound.writeBytes(source)
    }
}

extension ByteBufferBIO {
    /// The object behind a BIO, borrowed: the BIO holds the reference.
    private static func borrowed(_ bio: OpaquePointer?) -> ByteBufferBIO? {
        guard let data = BIO_get_data(bio) else { return nil }
        return Unmanaged<ByteBufferBIO>.fromOpaque(data).takeUnretainedValue()
    }

    private static func makeMethod() -> OpaquePointer? {
        let type = BIO_get_new_index() | BIO_TYPE_SOURCE_SINK
        guard let method = BIO_meth_new(type, "byte buffer") else { return nil }
        BIO_meth_set_read_ex(method) { bio, destination, capacity, count in
            BIO_clear_flags(bio, ByteBufferBIO.retryFlags)
            guard let buffer = ByteBufferBIO.borrowed(bio), let destination, let count else {
                return 0
            }
            let read = buffer.read(
                into: UnsafeMutableRawBufferPointer(start: destination, count: capacity))
            count.pointee = read
            if read == 0 {
                BIO_set_flags(bio, BIO_FLAGS_READ | BIO_FLAGS_SHOULD_RETRY)
                return 0
            }
            return 1
        }
        BIO_meth_set_write_ex(method) { bio, source, size, count in
            BIO_clear_flags(bio, ByteBufferBIO.retryFlags)
            guard let buffer = ByteBufferBIO.borrowed(bio), let source, let count else { return 0 }
            buffer.write(UnsafeRawBufferPointer(start: source, count: size))
            count.pointee = size
            return 1
        }
        BIO_meth_set_ctrl(method) { bio, command, _, _ in
            switch command {
            case BIO_CTRL_FLUSH, BIO_CTRL_PUSH, BIO_CTRL_POP: 1
            case BIO_CTRL_PENDING: ByteBufferBIO.borrowed(bio)?.inboundBytes ?? 0
            case BIO_CTRL_WPENDING: ByteBufferBIO.borrowed(bio)?.outboundBytes ?? 0
            default: 0
            }
        }
        BIO_meth_set_destroy(method) { bio in
            guard let data = BIO_get_data(bio) else { return 1 }
            BIO_set_data(bio, nil)
            Unmanaged<ByteBufferBIO>.fromOpaque(data).release()
            return 1
        }
        return method
    }
}
