import NIOCore
import SettlementProtocol

/// The requests of one connection that wait for their answers, by request id; on its event loop.
final class RequestTable: FrameReceiver {
    typealias Waiter = CheckedContinuation<Result<Frame, ClientFault>, Never>

    private let loop: any EventLoop
    private let opened: EventLoopPromise<Void>
    private var port: FramePort?
    private var ended: ClientFault?
    private var waiting: [UInt32: (waiter: Waiter, deadline: Scheduled<Void>)] = [:]
    private var nextID: UInt32 = 1
    private var isFlushDue = false

    init(_ loop: any EventLoop, _ opened: EventLoopPromise<Void>) {
        self.loop = loop
        self.opened = opened
    }

    /// Sends a request with the tick's others.
    func ask(kind: UInt8, body: [UInt8], deadline: Duration, _ waiter: Waiter) {
        guard let port else {
            waiter.resume(returning: .failure(.closed))
            return
        }
        while nextID == Frame.noticeRequestID || waiting[nextID] != nil { nextID &+= 1 }
        let id = nextID
        nextID &+= 1
        let bound = NIOLoopBound(port, eventLoop: loop)
        let timer = loop.scheduleTask(in: TimeAmount(deadline)) {
            bound.value.close(.timedOut("a request of kind \(kind)"))
        }
        waiting[id] = (waiter, timer)
        port.send(kind: kind, requestID: id, body: body)
        flushSoon(bound)
    }

    func portOpened(_ port: FramePort) {
        self.port = port
        opened.succeed(())
    }

    func received(_ frame: Frame, from port: FramePort) {
        guard let (waiter, timer) = waiting.removeValue(forKey: frame.requestID) else { return }
        timer.cancel()
        waiter.resume(returning: .success(frame))
    }

    func tickEnded(_ port: FramePort) {}

    func portClosed(_ port: FramePort, _ fault: ClientFault) {
        self.port = nil
        opened.fail(fault)
        let left = waiting
        waiting = [:]
        for (waiter, timer) in left.values {
            timer.cancel()
            waiter.resume(returning: .failure(fault))
        }
    }

    private func flushSoon(_ port: NIOLoopBound<FramePort>) {
        guard !isFlushDue else { return }
        isFlushDue = true
        let table = NIOLoopBound(self, eventLoop: loop)
        loop.execute {
            table.value.isFlushDue = false
            port.value.flush()
        }
    }
}
