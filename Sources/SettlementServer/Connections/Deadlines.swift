import NIOCore

/// What a connection must have done by when; a value that is told the time and holds no timer.
struct Deadlines {
    /// What was not done in time.
    enum Kind: String, CaseIterable, Sendable {
        /// The TLS handshake, from the connection's first moment.
        case handshake
        /// The first sign-on, from the same moment.
        case signOn = "sign_on"
        /// A frame, from its first byte to its last.
        case frame
        /// The next frame's first byte, while no request is in flight.
        case idle
        /// Taking what was sent.
        case write
    }

    /// How long each may take.
    struct Durations: Sendable {
        var handshake: TimeAmount
        var frame: TimeAmount
        var idle: TimeAmount
        var write: TimeAmount
    }

    private let durations: Durations
    private var handshake: NIODeadline?
    private var signOn: NIODeadline?
    private var frame: NIODeadline?
    private var idle: NIODeadline?
    private var write: NIODeadline?

    /// No deadline yet.
    init(_ durations: Durations) {
        self.durations = durations
    }

    /// The connection stands; TLS is next.
    mutating func connected(at now: NIODeadline) {
        handshake = now + durations.handshake
        signOn = now + durations.handshake + durations.idle
    }

    /// The peer may send frames from now on.
    mutating func established(at now: NIODeadline) {
        handshake = nil
        idle = now + durations.idle
    }

    /// The peer is signed on, or need not be.
    mutating func signedOn() {
        signOn = nil
    }

    /// A read is over: whether whole frames came, whether a part of one waits for more, and
    /// whether requests are in flight or reading is held, in which case the peer cannot be idle.
    mutating func received(
        wholeFrames: Bool, partOfFrame: Bool, isBusy: Bool, at now: NIODeadline
    ) {
        if !partOfFrame {
            frame = nil
        } else if wholeFrames || frame == nil {
            frame = now + durations.frame
        }
        if isBusy {
            idle = nil
        } else if wholeFrames || idle == nil {
            idle = now + durations.idle
        }
    }

    /// The channel's buffer is over, or under, its mark again.
    mutating func writability(isWritable: Bool, at now: NIODeadline) {
        if isWritable {
            write = nil
        } else if write == nil {
            write = now + durations.write
        }
    }

    /// The earliest of what is due; nil: nothing is.
    var next: NIODeadline? {
        var earliest: NIODeadline?
        for deadline in [handshake, signOn, frame, idle, write] {
            guard let deadline else { continue }
            earliest = earliest.map { min($0, deadline) } ?? deadline
        }
        return earliest
    }

    /// What is over at this time, the gravest first; nil: nothing.
    func passed(at now: NIODeadline) -> Kind? {
        let all: [(Kind, NIODeadline?)] = [
            (.handshake, handshake), (.write, write), (.frame, frame), (.signOn, signOn),
            (.idle, idle),
        ]
        return all.first { $0.1.map { $0 <= now } ?? false }?.0
    }
}
