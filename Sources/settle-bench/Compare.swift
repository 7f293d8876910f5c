import ArgumentParser
import Foundation

/// `settle-bench compare`.
struct Compare: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract: "Prints the ratios of one run of Benchmarks/run.",
        discussion: """
            EXAMPLE
              settle-bench compare --figures .bench/figures
            """)

    @Option(help: "The folder of one run's figures.")
    var figures: String

    @Option(help: "Persons of the site.")
    var persons = 1_000_000

    func run() throws {
        let figures = Figures(folder: figures)
        print("persons: \(persons)")
        for line in try Comparison.lines(figures) { print(line.text) }
        try figures.requireSoundness("settles-64x1")
    }
}

/// One line of the comparison.
struct ComparisonLine {
    /// Which way a ratio shall lie.
    enum Goal {
        case atLeast(Double)
        case atMost(Double)
        case none
    }

    var what: String
    var figure: String
    var against: String
    var ratio: Double?
    var goal: Goal

    init(
        _ what: String, _ figure: String, against: String = "", ratio: Double? = nil,
        goal: Goal = .none
    ) {
        self.what = what
        self.figure = figure
        self.against = against
        self.ratio = ratio
        self.goal = goal
    }

    var text: String {
        var text = Self.padded(what, 46) + Self.padded(figure, 20) + Self.padded(against, 36)
        guard let ratio else { return text }
        text += String(format: "%.2f", ratio)
        switch goal {
        case .atLeast(let goal):
            text += String(format: ", goal at least %g", goal) + (ratio < goal ? ": missed" : "")
        case .atMost(let goal):
            text += String(format: ", goal at most %g", goal) + (ratio > goal ? ": missed" : "")
        case .none: break
        }
        return text
    }

    private static func padded(_ text: String, _ columns: Int) -> String {
        text + String(repeating: " ", count: max(1, columns - text.count))
    }
}

/// The lines that `Benchmarks/README.md` explains.
private enum Comparison {
    static func lines(_ figures: Figures) throws(BenchFault) -> [ComparisonLine] {
        try throughput(figures) + latency(figures) + costs(figures) + others(figures)
            + upkeep(figures)
    }

    private static func throughput(_ figures: Figures) throws(BenchFault) -> [ComparisonLine] {
        let narrow = try figures.latency("settles-64x1")
        let wide = try figures.latency("settles-8x16")
        let pgbench = try figures.number("perSecond", of: "pgbench")
        let redis = try figures.number("perSecond", of: "redis")
        let fixed = try figures.latency("fixed-64x1")
        let plain = try figures.number("perSecond", of: "appends-mean")
        func line(
            _ rate: Double, _ peer: Double, _ name: String, _ goal: Double
        ) -> ComparisonLine {
            ComparisonLine(
                "", "", against: "\(name) \(rounded(peer))/s", ratio: rate / peer,
                goal: .atLeast(goal))
        }
        return [
            ComparisonLine(
                "settles, 64 x 1", "\(rounded(narrow.perSecond))/s",
                against:
                    "p50 \(milliseconds(narrow.p50)), p99 \(milliseconds(narrow.p99))"),
            line(narrow.perSecond, pgbench, "pgbench", 4),
            line(narrow.perSecond, redis, "Redis SET", 0.8),
            line(narrow.perSecond, fixed.perSecond, "fixed frames", 0.75),
            line(narrow.perSecond, plain, "plain appends", 0.15),
            ComparisonLine(
                "settles, 8 x 16", "\(rounded(wide.perSecond))/s",
                against: "pgbench \(rounded(pgbench))/s", ratio: wide.perSecond / pgbench,
                goal: .atLeast(6)),
        ]
    }

    private static func latency(_ figures: Figures) throws(BenchFault) -> [ComparisonLine] {
        let single = try figures.latency("settles-1x1")
        let syncs = try figures.number("perSecond", of: "syncs")
        let sync = try figures.number("p99", of: "syncs")
        let half = try figures.latency("open-half")
        var lines = [
            ComparisonLine(
                "one connection, one at a time", "\(rounded(single.perSecond))/s",
                against: "fdatasync of 4 KiB \(rounded(syncs))/s",
                ratio: single.perSecond / syncs, goal: .atLeast(0.6)),
            ComparisonLine(
                "p99 at half of the maximum, open loop", milliseconds(half.p99),
                against: "p99 of an fdatasync \(milliseconds(sync))", ratio: half.p99 / sync,
                goal: .atMost(10)),
            ComparisonLine(
                "longest wait at half of the maximum", milliseconds(half.max),
                against: "50 ms", ratio: half.max / 50_000, goal: .atMost(1)),
        ]
        for (name, times) in [("open-15", "1.5"), ("open-30", "3")] {
            let load = try figures.load(name)
            lines.append(
                ComparisonLine(
                    "approved at \(times) times the maximum", "\(rounded(load.approved))/s",
                    against: "refused with 91: \(rounded(load.refused))/s",
                    ratio: load.approved / (try figures.load("settles-64x1").approved)))
        }
        return lines
    }

    private static func costs(_ figures: Figures) throws(BenchFault) -> [ComparisonLine] {
        let committer = try figures.number("all", of: "committer")
        let append = 1_000_000 / (try figures.number("perSecond", of: "appends-large"))
        let handshake = try figures.number("microsecondsEach", of: "handshakes")
        let nginx = try figures.number("microsecondsEach", of: "handshakes-nginx")
        let idle = try figures.number("perConnectionKiB", of: "idle")
        let idleNginx = try figures.number("perConnectionKiB", of: "idle-nginx")
        let connections = try figures.number("connections", of: "idle")
        let few = try figures.bytes("bytes-1000")
        let many = try figures.bytes("bytes-3000")
        let sale = (many - few) / 2000
        let iso = try figures.number("iso8583", of: "peer-messages")
        let json = try figures.number("json", of: "peer-messages")
        return [
            ComparisonLine(
                "committer, a settle, batches of 256", microseconds(committer),
                against: "a plain append \(microseconds(append))", ratio: committer / append,
                goal: .atMost(4)),
            ComparisonLine(
                "full TLS handshake, server's processor", microseconds(handshake),
                against: "nginx \(microseconds(nginx))", ratio: handshake / nginx,
                goal: .atMost(1)),
            ComparisonLine(
                "idle connection, of \(rounded(connections))", kibibytes(idle),
                against: "nginx \(kibibytes(idleNginx))", ratio: idle / idleNginx,
                goal: .atMost(1.25)),
            ComparisonLine(
                "bytes of a sale, both ways", rounded(sale), against: "ISO 8583 \(rounded(iso))",
                ratio: sale / iso, goal: .atMost(0.6)),
            ComparisonLine(
                "", "", against: "JSON \(rounded(json))", ratio: sale / json, goal: .atMost(0.1)),
        ]
    }

    private static func others(_ figures: Figures) throws(BenchFault) -> [ComparisonLine] {
        let one = 1_000_000 / (try figures.latency("lines-1").perSecond)
        let twenty = 1_000_000 / (try figures.latency("lines-20").perSecond)
        return [
            ComparisonLine(
                "card inquiries, 64 x 1",
                "\(rounded(try figures.latency("inquiries").perSecond))/s"),
            ComparisonLine(
                "quotes, 64 x 1", "\(rounded(try figures.latency("quotes").perSecond))/s"),
            ComparisonLine(
                "one more line of a sale, 8 x 16", microseconds((twenty - one) / 19),
                against: "a sale of one line \(microseconds(one))"),
        ]
    }

    private static func upkeep(_ figures: Figures) throws(BenchFault) -> [ComparisonLine] {
        func seconds(_ key: String) throws(BenchFault) -> String {
            String(format: "%.2f s", try figures.number(key, of: "upkeep"))
        }
        let entries = rounded(try figures.number("entries", of: "upkeep"))
        let clean = try figures.number("afterCleanStop", of: "startup")
        return [
            ComparisonLine(
                "start-up after a clean stop", String(format: "%.2f s", clean),
                ratio: clean / 3, goal: .atMost(1)),
            ComparisonLine(
                "start-up after a kill, \(entries) entries", try seconds("afterKill"),
                ratio: try figures.number("afterKill", of: "upkeep") / 10, goal: .atMost(1)),
            ComparisonLine(
                "resident memory after that",
                "\(rounded(try figures.number("residentKiB", of: "upkeep") / 1024)) MiB",
                ratio: try figures.number("residentKiB", of: "upkeep") / (2048 * 1024),
                goal: .atMost(1)),
            ComparisonLine("day close", try seconds("dayClose")),
            ComparisonLine(
                "verify", try seconds("verify"),
                against: "SQL sums of the same rows \(try seconds("scan"))",
                ratio: try figures.number("verify", of: "upkeep")
                    / figures.number("scan", of: "upkeep")),
            ComparisonLine("rebuild", try seconds("rebuild")),
        ]
    }

    private static func rounded(_ value: Double) -> String { String(format: "%.0f", value) }

    private static func milliseconds(_ microseconds: Double) -> String {
        String(format: "%.2f ms", microseconds / 1000)
    }

    private static func microseconds(_ value: Double) -> String { String(format: "%.1f us", value) }

    private static func kibibytes(_ value: Double) -> String { String(format: "%.1f KiB", value) }
}
