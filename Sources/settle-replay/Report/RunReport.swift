import Histogram
import Ledger

/// The figures of a run in the form in which they are printed and written.
struct RunReport: Codable, Sendable {
    /// Percentiles of one kind of request, in microseconds.
    struct Latency: Codable, Sendable, Hashable {
        var answers: UInt64
        var perSecond: Double
        var mean: Double
        var p50: Double
        var p90: Double
        var p99: Double
        var p999: Double
        var p9999: Double
        var max: Double

        init(_ times: Figures.Times, seconds: Double) {
            func microseconds(_ nanoseconds: UInt64) -> Double {
                (Double(nanoseconds) / 100).rounded() / 10
            }
            func percentile(_ value: Double) -> Double {
                times.totalCount == 0 ? 0 : microseconds(times.valueAtPercentile(value))
            }
            answers = times.totalCount
            perSecond =
                seconds > 0 ? (Double(times.totalCount) / seconds * 10).rounded() / 10 : 0
            mean = times.totalCount == 0 ? 0 : (times.mean / 100).rounded() / 10
            p50 = percentile(50)
            p90 = percentile(90)
            p99 = percentile(99)
            p999 = percentile(99.9)
            p9999 = percentile(99.99)
            max = times.totalCount == 0 ? 0 : microseconds(times.max)
        }
    }

    var connections: Int
    var depth: Int
    /// The rate of an open loop, requests a second; nil: closed loop.
    var rate: Double?
    var seconds: Double
    /// By kind, from the intended start; `all` for all kinds.
    var latency: [String: Latency]
    /// From the last sending to the answer, all kinds.
    var service: Latency
    /// Answers by response code, two digits.
    var codes: [String: UInt64]
    /// Answers by kind and response code.
    var codesByKind: [String: [String: UInt64]]
    var answersWithWarmUp: UInt64
    var replayed: UInt64
    var resent: UInt64
    var connectionsCut: UInt64
    var unanswered: UInt64
    var unreadable: UInt64
    /// Requests that a fault befell, by fault.
    var faults: [String: UInt64]
    /// How it ended with them, by fault.
    var endings: [String: [String: UInt64]]
    /// Answers that were not what they had to be.
    var unexpected: UInt64
    /// The first few of them, a sentence each.
    var surprises: [String]
    /// What was checked at the end; empty: nothing.
    var checks: [ConservationCheck.Finding] = []

    init(_ figures: Figures, connections: Int, depth: Int, rate: Double?, from start: UInt64) {
        self.connections = connections
        self.depth = depth
        self.rate = rate
        let nanoseconds = figures.lastAnswer > start ? figures.lastAnswer - start : 0
        let seconds = Double(nanoseconds) / 1_000_000_000
        self.seconds = seconds
        latency = ["all": Latency(figures.overall, seconds: seconds)]
        for kind in TransactionKind.allCases where figures.latency[kind.rawValue].totalCount > 0 {
            latency[kind.name] = Latency(figures.latency[kind.rawValue], seconds: seconds)
        }
        service = Latency(figures.service, seconds: seconds)
        codes = [:]
        codesByKind = [:]
        for code in UInt8.min...UInt8.max {
            let text = code < 10 ? "0\(code)" : "\(code)"
            for kind in TransactionKind.allCases {
                let count = figures.answers(kind, code: code)
                guard count > 0 else { continue }
                codes[text, default: 0] += count
                codesByKind[kind.name, default: [:]][text] = count
            }
        }
        answersWithWarmUp = figures.answers
        replayed = figures.replayed
        resent = figures.resent
        connectionsCut = figures.cuts
        unanswered = figures.unanswered
        unreadable = figures.unreadable
        faults = [:]
        for fault in Fault.allCases where figures.faults[fault.rawValue] > 0 {
            faults[fault.name] = figures.faults[fault.rawValue]
        }
        endings = Dictionary(
            uniqueKeysWithValues: figures.endings.map { fault, counts in
                (
                    fault.name,
                    Dictionary(uniqueKeysWithValues: counts.map { ($0.words, $1) })
                )
            })
        unexpected = figures.unexpected
        surprises = figures.surprises
    }

    /// Whether every request was answered and every check holds.
    var isGood: Bool {
        unanswered == 0 && unreadable == 0 && unexpected == 0 && checks.allSatisfy(\.holds)
    }
}
