import NIOCore

/// One timer for all deadlines of a connection.
///
/// A deadline that moves back costs nothing: the timer fires at the old time, finds nothing due and
/// is set again. Only an earlier one sets it anew at once. Used on the event loop only.
final class DeadlineTimer: NIOScheduledCallbackHandler {
    private let eventLoop: any EventLoop
    /// Called when the timer fires; says when it is to fire next; nil: not again.
    private var fire: ((NIODeadline) -> NIODeadline?)?
    private var armed: (callback: NIOScheduledCallback, at: NIODeadline)?

    init(eventLoop: any EventLoop, fire: @escaping (NIODeadline) -> NIODeadline?) {
        self.eventLoop = eventLoop
        self.fire = fire
    }

    /// Makes sure that the timer fires at this time or before.
    func arm(for deadline: NIODeadline?) {
        guard let deadline, fire != nil else { return }
        if let armed {
            guard deadline < armed.at else { return }
            armed.callback.cancel()
        }
        schedule(at: deadline)
    }

    /// Ends the timer and lets go of the connection.
    func stop() {
        fire = nil
        armed?.callback.cancel()
        armed = nil
    }

    func handleScheduledCallback(eventLoop: some EventLoop) {
        armed = nil
        if let next = fire?(eventLoop.now), fire != nil { schedule(at: next) }
    }

    private func schedule(at deadline: NIODeadline) {
        do {
            let callback = try eventLoop.assumeIsolated().scheduleCallback(
                at: deadline, handler: self)
            armed = (callback, deadline)
        } catch {
            // The loop is shutting down: its channels are being closed.
            armed = nil
        }
    }
}
