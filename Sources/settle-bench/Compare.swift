import ArgumentParser
import Foundation

/// `settle-bench compare`.
struct Compare: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract: "Prints the ratios of one run of Benchmarks/run.",
        discussion: """
            EXAMPLE
              settle-bench compare --settled settled.json --fixed fixed.json --appends appends.json \\
                --idle idle.json --startup-seconds 1.8
            """)

    @Option(help: "settle-replay's figures against the daemon, 64 connections, one at a time.")
    var settled: String

    @Option(help: "The same against the server that answers fixed frames.")
    var fixed: String

    @Option(help: "What append-journal printed.")
    var appends: String

    @Option(help: "What idle-memory printed.")
    var idle: String

    @Option(help: "From starting the daemon to its ready line, with the large site.")
    var startupSeconds: Double

    @Option(help: "Persons of the large site.")
    var persons = 1_000_000

    /// What is read of settle-replay's JSON.
    private struct Replay: Decodable {
        struct Latency: Decodable {
            var answers: UInt64
            var perSecond: Double
            var p50: Double
            var p99: Double
        }

        struct Check: Decodable {
            var what: String
            var holds: Bool
        }

        var latency: [String: Latency]
        var codes: [String: UInt64]
        var unanswered: UInt64
        var checks: [Check]
    }

    private struct Appends: Decodable {
        var perSecond: Double
        var batch: Int
    }

    private struct Idle: Decodable {
        var connections: Int
        var perConnectionKiB: Double
    }

    func run() throws {
        let daemon: Replay = try Self.read(settled)
        let fixedAnswers: Replay = try Self.read(fixed)
        let plain: Appends = try Self.read(appends)
        let memory: Idle = try Self.read(idle)
        guard let settles = daemon.latency["settle"], let ceiling = fixedAnswers.latency["settle"]
        else { throw BenchFault("a run has no settles") }
        let approved = (daemon.codes["00"] ?? 0) + (daemon.codes["10"] ?? 0)
        let rows: [(String, String, String)] = [
            (
                "durable settles a second, TLS, 64 x 1", Self.number(settles.perSecond, 0),
                "p50 \(Self.number(settles.p50 / 1000, 2)) ms, p99 "
                    + "\(Self.number(settles.p99 / 1000, 2)) ms"
            ),
            (
                "  of them approved",
                Self.number(
                    100 * Double(approved) / Double(max(1, settles.answers)), 1) + " %", ""
            ),
            (
                "(a) fixed frames a second, no store", Self.number(ceiling.perSecond, 0),
                "ratio \(Self.number(settles.perSecond / ceiling.perSecond, 2)), goal 0.5"
            ),
            (
                "(b) plain SQLite appends a second, batches of \(plain.batch)",
                Self.number(plain.perSecond, 0),
                "ratio \(Self.number(settles.perSecond / plain.perSecond, 2)), goal 0.15"
            ),
            (
                "memory of an idle TLS connection, of \(memory.connections)",
                Self.number(memory.perConnectionKiB, 1) + " KiB", "goal at most 40 KiB"
            ),
            (
                "start-up with \(persons) persons", Self.number(startupSeconds, 2) + " s",
                "goal below 5 s"
            ),
        ]
        for row in rows {
            print(Self.padded(row.0, 52) + Self.padded(row.1, 14) + row.2)
        }
        for check in daemon.checks where !check.holds {
            throw BenchFault("a check failed: \(check.what)")
        }
        guard daemon.unanswered == 0 else { throw BenchFault("requests went without answer") }
    }

    private static func read<Value: Decodable>(_ path: String) throws(BenchFault) -> Value {
        guard let data = FileManager.default.contents(atPath: path),
            let value = try? JSONDecoder().decode(Value.self, from: data)
        else { throw BenchFault("\(path): not what was expected") }
        return value
    }

    private static func padded(_ text: String, _ columns: Int) -> String {
        text + String(repeating: " ", count: max(1, columns - text.count))
    }

    private static func number(_ value: Double, _ decimals: Int) -> String {
        String(format: "%.\(decimals)f", value)
    }
}
