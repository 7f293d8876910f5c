import NIOCore

/// The plaintext of several writes, joined, and the one promise for all of them.
struct OutboundBatch {
    private(set) var plaintext: ByteBuffer?
    private(set) var promise: EventLoopPromise<Void>?

    /// Whether nothing was written, not even an empty buffer with a promise.
    var isEmpty: Bool { plaintext == nil && promise == nil }

    /// Appends a write; the first buffer is kept as it is, later ones are copied behind it.
    mutating func append(_ buffer: ByteBuffer, promise newPromise: EventLoopPromise<Void>?) {
        promise.setOrCascade(to: newPromise)
        guard var joined = plaintext else {
            plaintext = buffer
            return
        }
        // Taken out first, so that appending does not copy what is there.
        plaintext = nil
        var buffer = buffer
        joined.writeBuffer(&buffer)
        plaintext = joined
    }

    /// Appends all of another batch, which is then empty.
    mutating func append(taking other: inout OutboundBatch) {
        let taken = other.take()
        if let buffer = taken.plaintext {
            append(buffer, promise: taken.promise)
        }
    }

    /// Empties this batch and gives what it held.
    mutating func take() -> OutboundBatch {
        defer { self = OutboundBatch() }
        return self
    }
}
