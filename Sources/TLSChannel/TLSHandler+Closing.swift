import NIOCore

extension TLSHandler {
    /// Says close_notify, waits for the peer to take it, at most until the deadline, and closes.
    ///
    /// Half closing (`.output`) says close_notify and goes on reading; it is refused before the
    /// handshake is complete. Input alone cannot be closed.
    ///
    /// - Parameters:
    ///   - context: the handler's place in the pipeline.
    ///   - mode: `.all` or `.output`.
    ///   - promise: completes when the channel, or its output, is closed.
    public func close(
        context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?
    ) {
        switch (mode, state) {
        case (.input, _):
            promise?.fail(ChannelError.operationUnsupported)
        case (_, .closed), (.all, .waiting):
            context.close(mode: mode, promise: promise)
        case (_, .closing):
            closePromise.setOrCascade(to: promise)
        case (.all, .handshaking):
            // An alert would say nothing that the end of the connection does not.
            state = .closing
            session = nil
            failWrites(ChannelError.ioOnClosedChannel)
            context.close(promise: promise)
        case (.all, .established):
            closePromise.setOrCascade(to: promise)
            session?.sendCloseNotify()
            beginClosing(context)
        case (.output, .waiting), (.output, .handshaking):
            promise?.fail(ChannelError.operationUnsupported)
        case (.output, .established):
            closeOutput(context, promise)
        }
    }

    private func closeOutput(_ context: ChannelHandlerContext, _ promise: EventLoopPromise<Void>?) {
        guard !outputClosed else {
            promise?.fail(ChannelError.outputClosed)
            return
        }
        session?.sendCloseNotify()
        if peerFinished {
            closePromise.setOrCascade(to: promise)
            beginClosing(context)
            return
        }
        outputClosed = true
        failWrites(ChannelError.outputClosed)
        // Only TLS's half is closed: close_notify says all that a FIN would, and more reliably.
        let closeNotify = session?.takeOutbound() ?? ByteBuffer()
        context.writeAndFlush(Self.wrapOutboundOut(closeNotify), promise: promise)
    }

    /// Fires the fault, flushes the alert and ends the connection.
    func fail(_ context: ChannelHandlerContext, _ failure: TLSFailure) {
        let fault: TLSFault =
            state == .established ? .session(failure) : .handshake(failure)
        // Set first: whoever closes the channel at once in answer to the error waits for the alert.
        state = .closing
        failWrites(fault)
        context.fireErrorCaught(fault)
        guard state == .closing else { return }
        beginClosing(context)
    }

    /// Sends the session's last bytes, and lets the peer read them before the socket closes.
    ///
    /// Closing a socket with unread input makes the kernel send a reset, which can overtake the
    /// alert; so only our half is closed and input is thrown away until the peer closes its own.
    func beginClosing(_ context: ChannelHandlerContext) {
        state = .closing
        let lastBytes = session?.takeOutbound()
        session = nil
        failWrites(ChannelError.ioOnClosedChannel)
        guard let lastBytes else {
            context.close(promise: nil)
            return
        }
        closeTimer = context.eventLoop.assumeIsolated().scheduleTask(in: closeDeadline) {
            context.close(promise: nil)
        }
        context.writeAndFlush(Self.wrapOutboundOut(lastBytes)).assumeIsolated().whenComplete {
            result in
            guard self.state == .closing else { return }
            switch result {
            case .success where !self.peerFinished:
                self.closeHalf(context)
            case .success, .failure:
                context.close(promise: nil)
            }
        }
    }

    private func closeHalf(_ context: ChannelHandlerContext) {
        context.close(mode: .output).assumeIsolated().whenComplete { result in
            guard self.state == .closing else { return }
            switch result {
            case .success: context.read()
            case .failure: context.close(promise: nil)
            }
        }
    }
}
