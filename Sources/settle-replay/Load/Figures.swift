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
    /// Measured answers by kind and response code: `256 * kind + code`.
    private var codes = [UInt64](repeating: 0, count: 256 * TransactionKind.allCases.count)
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
    /// Requests of which it never became known whether they were executed.
    var unanswered: UInt64 = 0
    /// Answers that cannot be read.
    var unreadable: UInt64 = 0
    /// Requests that a fault befell, by `Fault.rawValue`.
    var faults = [UInt64](repeating: 0, count: Fault.allCases.count)
    /// How it ended with them, by fault.
    private(set) var endings: [Fault: [Ending: UInt64]] = [:]
    /// Answers that were not what they had to be.
    private(set) var unexpected: UInt64 = 0
    /// The first few of them.
    private(set) var surprises: [String] = []
    /// When the last measured answer came.
    var lastAnswer: UInt64 = 0

    private static let surprisesMax = 20

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
        codes[kind.rawValue << 8 | Int(code)] += 1
        latency[kind.rawValue].record(min(now &- intended, Self.timeMax))
        service.record(min(now &- sent, Self.timeMax))
        lastAnswer = max(lastAnswer, now)
    }

    /// Measured answers to requests of a kind with a code.
    func answers(_ kind: TransactionKind, code: UInt8) -> UInt64 {
        codes[kind.rawValue << 8 | Int(code)]
    }

    /// Measured answers with a code.
    func answers(code: UInt8) -> UInt64 {
        TransactionKind.allCases.reduce(0) { $0 + answers($1, code: code) }
    }

    /// Counts how it ended with a request that a fault befell.
    mutating func end(_ fault: Fault, _ ending: Ending) {
        if fault != .none { endings[fault, default: [:]][ending, default: 0] += 1 }
    }

    /// Counts an answer that was not what it had to be.
    mutating func surprise(_ text: String) {
        unexpected += 1
        if surprises.count < Self.surprisesMax { surprises.append(text) }
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
        for (fault, counts) in other.endings {
            endings[fault, default: [:]].merge(counts, uniquingKeysWith: +)
        }
        unexpected += other.unexpected
        surprises = Array((surprises + other.surprises).prefix(Self.surprisesMax))
        lastAnswer = max(lastAnswer, other.lastAnswer)
    }

    /// The latency of all kinds together.
    var overall: Times {
        var all = Figures.emptyTimes()
        for times in latency { all.add(times) }
        return all
    }
}
