import Histogram
import Ledger
import SettlementClient
import SettlementDomain

/// What was counted and timed of a run, on one loop or on all.
struct Figures: Sendable {
    /// Times in nanoseconds, to three digits, up to ten minutes.
    typealias Times = Histogram<UInt64>

    /// From the intended start to the answer, by `TransactionKind.rawValue`.
    var latency = TransactionKind.allCases.map { _ in Figures.emptyTimes() }
    /// From the last sending to the answer, all kinds.
    var service = Figures.emptyTimes()
    /// Measured answers by response code.
    var codes = [UInt64](repeating: 0, count: 256)
    /// All answers, those of the warm-up included.
    var answers: UInt64 = 0
    /// Measured answers.
    var measured: UInt64 = 0
    /// Answers that said they were recorded before.
    var replayed: UInt64 = 0
    /// Requests sent again under the same key after a cut connection.
    var resent: UInt64 = 0
    /// Connections that ended while the run went on.
    var cuts: UInt64 = 0
    /// Requests that never got an answer.
    var unanswered: UInt64 = 0
    /// Answers that cannot be read.
    var unreadable: UInt64 = 0
    /// Faults that befell sales, by `Fault.rawValue`.
    var faults = [UInt64](repeating: 0, count: Fault.allCases.count)
    /// Answers that were not what they had to be.
    var unexpected: UInt64 = 0
    /// When the last measured answer came.
    var lastAnswer: UInt64 = 0

    static let timeMax: UInt64 = 600_000_000_000

    static func emptyTimes() -> Times {
        Times(
            lowestDiscernibleValue: 1000, highestTrackableValue: timeMax,
            numberOfSignificantValueDigits: .three)
    }

    /// Counts one answer.
    mutating func record(
        _ kind: TransactionKind, code: UInt8, intended: UInt64, sent: UInt64, now: UInt64,
        isMeasured: Bool
    ) {
        answers += 1
        guard isMeasured else { return }
        measured += 1
        codes[Int(code)] += 1
        latency[kind.rawValue].record(min(now &- intended, Self.timeMax))
        service.record(min(now &- sent, Self.timeMax))
        lastAnswer = max(lastAnswer, now)
    }

    /// Adds another loop's figures.
    mutating func add(_ other: Figures) {
        for index in latency.indices { latency[index].add(other.latency[index]) }
        service.add(other.service)
        for index in codes.indices { codes[index] += other.codes[index] }
        answers += other.answers
        measured += other.measured
        replayed += other.replayed
        resent += other.resent
        cuts += other.cuts
        unanswered += other.unanswered
        unreadable += other.unreadable
        for index in faults.indices { faults[index] += other.faults[index] }
        unexpected += other.unexpected
        lastAnswer = max(lastAnswer, other.lastAnswer)
    }

    /// The latency of all kinds together.
    var overall: Times {
        var all = Figures.emptyTimes()
        for times in latency { all.add(times) }
        return all
    }
}
