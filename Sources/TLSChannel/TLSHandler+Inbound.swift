import NIOCore

extension TLSHandler {
    /// Takes ciphertext and fires the plaintext it holds.
    ///
    /// - Parameters:
    ///   - context: the handler's place in the pipeline.
    ///   - data: a `ByteBuffer` of ciphertext, cut anywhere.
    public func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let ciphertext = Self.unwrapInboundIn(data)
        switch state {
        case .waiting, .handshaking, .established:
            session?.receive(ciphertext)
            advance(context)
        case .closing:
            discardedBytes += ciphertext.readableBytes
            if discardedBytes > Self.discardedBytesMax {
                context.close(promise: nil)
            }
        case .closed:
            return
        }
    }

    /// Passes the event on, and reads again if TLS used up all that was read.
    ///
    /// - Parameter context: the handler's place in the pipeline.
    public func channelReadComplete(context: ChannelHandlerContext) {
        let wasDelivered = delivered
        delivered = false
        context.fireChannelReadComplete()
        guard !wasDelivered else { return }
        switch state {
        case .handshaking, .closing:
            context.read()
        case .established where readWanted && context.channel.isWritable:
            context.read()
        case .waiting, .established, .closed:
            return
        }
    }

    /// Passes the demand on, and remembers it until plaintext is delivered.
    ///
    /// - Parameter context: the handler's place in the pipeline.
    public func read(context: ChannelHandlerContext) {
        readWanted = true
        context.read()
    }

    /// Goes as far as the bytes reach; anything fired meanwhile may close the channel or write.
    func advance(_ context: ChannelHandlerContext) {
        if state == .handshaking {
            advanceHandshake(context)
        }
        while state == .established, !peerFinished {
            guard readPlaintext(context) else { return }
        }
    }

    private func advanceHandshake(_ context: ChannelHandlerContext) {
        guard let session else { return }
        switch session.handshake() {
        case .needsInput:
            sendOutbound(context)
        case .failed(let failure):
            fail(context, failure)
        case .done:
            do throws(TLSFailure) {
                let agreement = try session.agreement()
                state = .established
                sendOutbound(context)
                flushHeld(context)
                context.fireUserInboundEventTriggered(agreement)
            } catch {
                session.sendCloseNotify()
                fail(context, error)
            }
        }
    }

    /// Fires at most one buffer of plaintext, and acts on what ended it.
    ///
    /// - Returns: whether there may be more to read.
    private func readPlaintext(_ context: ChannelHandlerContext) -> Bool {
        guard let session else { return false }
        var plaintext = ByteBuffer()
        let end = session.read(into: &plaintext, bytesMax: Self.deliveryBytesMax)
        if plaintext.readableBytes > 0 {
            delivered = true
            readWanted = false
            context.fireChannelRead(Self.wrapInboundOut(plaintext))
        }
        // What was just fired may have closed the channel; then there is nothing left to do.
        guard state == .established else { return false }
        switch end {
        case .full:
            sendOutbound(context)
            return true
        case .needsInput:
            sendOutbound(context)
        case .closeNotify:
            sendOutbound(context)
            finishInput(context)
        case .failed(let failure):
            fail(context, failure)
        }
        return false
    }

    /// The peer said close_notify, and all it said before is delivered.
    private func finishInput(_ context: ChannelHandlerContext) {
        peerFinished = true
        if outputClosed {
            beginClosing(context)
            return
        }
        let options = context.channel.syncOptions
        if (try? options?.getOption(.allowRemoteHalfClosure)) == true {
            context.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        } else {
            session?.sendCloseNotify()
            beginClosing(context)
        }
    }
}
