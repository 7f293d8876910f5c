import NIOCore

extension TLSHandler {
    /// About this much ciphertext is passed on at a time, so that a huge flush is not held twice.
    static let passBytes = 65_536

    /// Keeps plaintext until the next flush.
    ///
    /// - Parameters:
    ///   - context: the handler's place in the pipeline.
    ///   - data: a `ByteBuffer` of plaintext.
    ///   - promise: succeeds when the whole flush it belongs to is written to the socket.
    public func write(
        context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?
    ) {
        switch state {
        case .waiting, .handshaking, .established:
            guard !outputClosed else {
                promise?.fail(ChannelError.outputClosed)
                return
            }
            unflushed.append(Self.unwrapOutboundIn(data), promise: promise)
        case .closing, .closed:
            promise?.fail(ChannelError.ioOnClosedChannel)
        }
    }

    /// Encrypts what was written since the last flush and passes it on; before the handshake is
    /// complete it is held.
    ///
    /// - Parameter context: the handler's place in the pipeline.
    public func flush(context: ChannelHandlerContext) {
        switch state {
        case .waiting, .handshaking:
            held.append(taking: &unflushed)
        case .established:
            encrypt(context, unflushed.take())
        case .closing, .closed:
            break
        }
        context.flush()
    }

    /// Encrypts what was flushed before the handshake was complete.
    func flushHeld(_ context: ChannelHandlerContext) {
        guard !held.isEmpty else { return }
        encrypt(context, held.take())
        context.flush()
    }

    /// Passes the ciphertext on that libssl made by itself.
    func sendOutbound(_ context: ChannelHandlerContext) {
        guard let ciphertext = session?.takeOutbound() else { return }
        context.writeAndFlush(Self.wrapOutboundOut(ciphertext), promise: nil)
    }

    func failWrites(_ error: any Error) {
        held.take().promise?.fail(error)
        unflushed.take().promise?.fail(error)
    }

    private func encrypt(_ context: ChannelHandlerContext, _ batch: OutboundBatch) {
        guard let session, var rest = batch.plaintext else { return }
        guard rest.readableBytes > 0 else {
            context.write(Self.wrapOutboundOut(rest), promise: batch.promise)
            return
        }
        while rest.readableBytes > 0 {
            session.reserveOutbound(plaintextBytes: min(rest.readableBytes, Self.passBytes))
            repeat {
                let record = min(rest.readableBytes, TLSSession.recordBytesMax)
                let step = rest.withUnsafeReadableBytes { bytes in
                    session.write(UnsafeRawBufferPointer(rebasing: bytes[..<record]))
                }
                rest.moveReaderIndex(forwardBy: record)
                if let failure = writeFailure(step) {
                    batch.promise?.fail(TLSFault.session(failure))
                    fail(context, failure)
                    return
                }
            } while rest.readableBytes > 0 && session.outboundBytes < Self.passBytes
            guard let ciphertext = session.takeOutbound() else { continue }
            let promise = rest.readableBytes == 0 ? batch.promise : nil
            context.write(Self.wrapOutboundOut(ciphertext), promise: promise)
        }
    }

    private func writeFailure(_ step: TLSSession.Step) -> TLSFailure? {
        switch step {
        case .done: nil
        case .failed(let failure): failure
        // Its BIO takes every write, so libssl can only want input for a renegotiation, which is
        // off. Were it to ask nevertheless, waiting would send the record twice.
        case .needsInput: .other("libssl wants input to write")
        }
    }
}
