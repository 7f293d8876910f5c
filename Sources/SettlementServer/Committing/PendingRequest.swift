import Ledger
import NIOCore
import SettlementDomain

/// A request on its way to the committer.
public struct PendingRequest: Sendable {
    /// What the committer's thread is to do.
    public enum Work: Sendable {
        /// To be decided by the ledger, in one transaction with the rest of the batch.
        case decide(LedgerRequest)
        /// An operator's question, answered from the store between two batches.
        case read(StoreQuestion)
        /// Rows for a reconciliation, read between two batches; given to who asks, not answered.
        case readDay(DayReading)
    }

    /// Where the answer goes.
    public var origin: Origin
    /// What is asked.
    public var work: Work

    /// Whether it ends the business date.
    var closesDay: Bool {
        if case .decide(let request) = work, case .closeDay = request.command { return true }
        return false
    }

    /// Whether it decides which rows later requests read.
    var endsBatch: Bool {
        if case .decide(let request) = work { request.command.endsBatch } else { false }
    }

    /// The terminal that wants it booked under the business date; nil where nothing is booked.
    var booksFor: TerminalID? {
        guard case .decide(let request) = work, request.command.isRecorded else { return nil }
        return request.key.terminal
    }

    /// Which of so many committers decides it: a card's requests always the same one.
    func lane(of count: Int) -> Int {
        guard case .decide(let request) = work else { return 0 }
        let card: CardNumber? =
            switch request.command {
            case .settle(let command), .quote(let command): command.card
            case .inquire(let inquiry): inquiry.card
            default: nil
            }
        let hash = card.map(\.hashValue) ?? request.key.terminal.hashValue
        return Int(UInt(bitPattern: hash) % UInt(count))
    }

    /// What it counts against the queue's bound; an operator's request counts 0, since its own
    /// connection bounds it.
    public var bytes: Int
    /// When its frame was complete, for the latency figures.
    public var arrived: NIODeadline

    /// Creates a pending request of its parts.
    public init(origin: Origin, work: Work, bytes: Int, arrived: NIODeadline) {
        self.origin = origin
        self.work = work
        self.bytes = bytes
        self.arrived = arrived
    }
}

/// An answer on its way back to a connection.
public struct Reply: Sendable {
    /// The request that it answers.
    public var origin: Origin
    /// The response's body.
    public var body: [UInt8]
    /// The code in it, for counters.
    public var code: ResponseCode
    /// The reason in it.
    public var reason: Reason
    /// When the request's frame was complete.
    public var arrived: NIODeadline

    /// Creates a reply of its parts.
    public init(
        origin: Origin, body: [UInt8], code: ResponseCode, reason: Reason, arrived: NIODeadline
    ) {
        self.origin = origin
        self.body = body
        self.code = code
        self.reason = reason
        self.arrived = arrived
    }
}

/// Who takes a tick's requests from a connection: the commit queue, or what a benchmark puts in
/// its place.
public protocol RequestSink: Sendable {
    /// Takes all of them or none; never blocks. Each one taken is answered exactly once.
    func offer(_ requests: [PendingRequest]) -> Admission
    /// So many requests would be taken now, as far as their count goes; by the time that they are
    /// offered it may be fewer or more. Any thread, cheap enough to be asked for each frame.
    var room: Int { get }
}

extension RequestSink {
    /// A sink without a bound.
    public var room: Int { .max }
}

/// What a `RequestSink` did with a tick's requests.
public enum Admission: Sendable, Equatable {
    /// Each will be answered.
    case accepted
    /// None was taken: the bound is reached. Nothing was executed.
    case full
    /// None was taken: the business date is being ended, and there is something to be booked of a
    /// terminal that was not told yet. Nothing was executed.
    case closingDay
    /// None was taken, and none will be: the daemon is stopping. Nothing was executed.
    case closed
}
