import Ledger
import NIOCore
import SettlementProtocol

extension ConnectionHandler {
    /// Whether bytes may be read: not while as many requests as allowed are in flight, nor while
    /// the peer does not take its answers.
    var mayRead: Bool {
        guard phase == .serving, let session else { return true }
        return !isYielding && session.takesFrames && context?.channel.isWritable == true
    }

    /// Once so many bytes are answered in one tick, the loop's other connections have their turn.
    ///
    /// One read may hold thousands of requests for catalog pages. Only what was flushed shows whether
    /// the peer takes its answers, and a tick flushes once.
    private static let outgoingBytesMax = 65_536

    /// Gives whole frames to the session for as long as it takes them.
    func receiveFrames() {
        guard phase == .serving, !isYielding, let context else { return }
        let now = context.eventLoop.now
        while session?.takesFrames == true, context.channel.isWritable {
            do throws(FrameFault) {
                guard let frame = try decoder.next() else { return }
                wholeFrames += 1
                let isOverloaded = submitting.count >= around.sink.room
                if let action = session?.receive(frame, isOverloaded: isOverloaded) {
                    obey(action, to: frame, at: now)
                }
                if outgoing.readableBytes >= Self.outgoingBytesMax { return letOthers(context) }
            } catch {
                session?.receive(error)
            }
        }
    }

    /// Goes on in the loop's next turn; until then nothing more is read.
    private func letOthers(_ context: ChannelHandlerContext) {
        isYielding = true
        context.eventLoop.assumeIsolated().execute {
            self.isYielding = false
            self.resume()
        }
    }

    private func obey(_ action: TerminalSession.Action, to frame: Frame, at now: NIODeadline) {
        guard let ticket else { return }
        let origin = Origin(
            loop: loop.index, ticket: ticket, requestID: frame.requestID, kind: frame.kind)
        switch action {
        case .ignore: break
        case .answer(let answer):
            send(answer)
            around.metrics.answered(kind: frame.kind, code: answer.code, since: now, at: now)
            if answer.reason == .overloaded { around.metrics.requestsOverloaded(1) }
            if frame.kind == RequestKind.signOn.rawValue { report(answer) }
        case .submit(let work, let bytes):
            record(work, at: now)
            submitting.append(
                PendingRequest(origin: origin, work: work, bytes: bytes, arrived: now))
        case .reconcile(let task):
            around.reconcile(task, origin, now)
        case .maintain(let task, let argument):
            around.maintain(task, argument, origin, now)
        }
    }

    /// Offers what was collected, sends what was answered, and looks what is due next.
    func endTick() {
        guard phase == .serving, let context else { return }
        offer()
        guard let session else { return }
        let now = context.eventLoop.now
        if !session.isExpectingSignOn { deadlines.signedOn() }
        deadlines.received(
            wholeFrames: wholeFrames > 0,
            partOfFrame: decoder.isInsideFrame && session.takesFrames && !isYielding
                && context.channel.isWritable,
            isBusy: session.inFlightCount > 0, at: now)
        if wholeFrames > 0 { around.metrics.received(frames: wholeFrames) }
        wholeFrames = 0
        guard let ending = self.session?.takeEnding() else {
            flush()
            timer?.arm(for: deadlines.next)
            return
        }
        if case .last(let answer) = ending { sendLast(answer, at: now) }
        flush()
        release()
        phase = .closing
        context.close(promise: nil)
    }

    private func offer() {
        guard !submitting.isEmpty else { return }
        switch around.sink.offer(submitting) {
        case .accepted: break
        case .full:
            around.metrics.requestsOverloaded(submitting.count)
            refuse(submitting, .unavailable, .overloaded)
        case .closingDay:
            // What books nothing goes on; it cannot be put off a second time.
            refuse(submitting.filter { $0.booksFor != nil }, .dayClose, .dayClose)
            submitting.removeAll { $0.booksFor != nil }
            return offer()
        case .closed: refuse(submitting, .unavailable, .draining)
        }
        submitting.removeAll(keepingCapacity: true)
    }

    private func refuse(_ refused: [PendingRequest], _ code: ResponseCode, _ reason: Reason) {
        for pending in refused {
            let origin = pending.origin
            session?.answered(requestID: origin.requestID)
            if let answer = session?.result(
                kind: origin.kind | Frame.responseBit, requestID: origin.requestID, code, reason)
            {
                send(answer)
            }
            around.metrics.answered(
                kind: origin.kind, code: code, since: pending.arrived, at: pending.arrived)
        }
    }

    private func send(_ answer: SessionAnswer) {
        FrameEncoder.append(
            kind: answer.kind, requestID: answer.requestID, body: answer.body, to: &outgoing)
    }

    private func sendLast(_ answer: SessionAnswer, at now: NIODeadline) {
        send(answer)
        if answer.kind == Frame.noticeKind {
            log(
                .info, "connection ended", "\(answer.reason)",
                ["code": "\(answer.code.text)", "reason": "\(answer.reason)"])
        } else {
            around.metrics.answered(
                kind: answer.kind & ~Frame.responseBit, code: answer.code, since: now, at: now)
        }
    }

    private func flush() {
        guard outgoing.readableBytes > 0, let context else { return }
        let bytes = outgoing
        outgoing = ByteBuffer()
        context.writeAndFlush(wrapOutboundOut(bytes), promise: nil)
    }

    private func record(_ work: PendingRequest.Work, at now: NIODeadline) {
        guard let recorder = around.recorder, kind == .terminal, case .decide(let request) = work
        else { return }
        recorder.record(
            request, reference: around.session.references.current.reference,
            at: Int64(now.uptimeNanoseconds / 1_000))
    }

    private func report(_ answer: SessionAnswer) {
        if answer.code == .approved, let terminal = session?.terminal {
            self.terminal = terminal
            logger.info("signed on")
        } else {
            around.metrics.signOnRefused(answer.reason)
            log(
                .warning, "sign-on refused", "\(answer.reason)",
                ["code": "\(answer.code.text)", "reason": "\(answer.reason)"])
        }
    }
}

extension ConnectionHandler: ReplyReceiver {
    /// Sends the committer's answers, then goes on with frames that had to wait.
    func deliver(_ replies: ArraySlice<Reply>) {
        guard phase == .serving, let context else { return }
        let now = context.eventLoop.now
        for reply in replies {
            let origin = reply.origin
            FrameEncoder.append(
                kind: origin.kind | Frame.responseBit, requestID: origin.requestID,
                body: reply.body, to: &outgoing)
            session?.answered(requestID: origin.requestID)
            around.metrics.answered(
                kind: origin.kind, code: reply.code, since: reply.arrived, at: now)
        }
        resume()
    }

    /// Goes on with frames, and with reading, if nothing holds them any more.
    func resume() {
        receiveFrames()
        endTick()
        if readIsHeld, mayRead, let context {
            readIsHeld = false
            context.read()
        }
    }

    /// Stops serving: what is in flight is answered, then the connection is closed.
    func drain() {
        switch phase {
        case .opening: context?.close(promise: nil)
        case .serving:
            session?.drain()
            endTick()
        case .closing, .closed: break
        }
    }

    /// Ends the connection now, whatever is in flight.
    func cut() {
        context?.close(promise: nil)
    }

    /// Ends the connection of a terminal whose certificate is revoked by now.
    func cutRevoked() {
        around.metrics.tlsFailed("revoked_in_session")
        logger.warning("connection cut", metadata: ["reason": "the certificate is revoked"])
        cut()
    }

    /// Ends what is late; says when to look again.
    func timerFired(at now: NIODeadline) -> NIODeadline? {
        guard let passed = deadlines.passed(at: now) else { return deadlines.next }
        around.metrics.limitReached("\(passed.rawValue)_seconds")
        log(.info, "deadline passed", passed.rawValue, ["deadline": "\(passed.rawValue)"])
        if phase == .serving, passed != .write {
            session?.deadlinePassed(passed)
            endTick()
        } else {
            // The peer cannot, or does not, take a notice.
            cut()
        }
        return nil
    }
}
