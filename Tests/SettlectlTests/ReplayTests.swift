import Foundation
import Testing

@Suite("settle-replay plays a day's life against the real daemon")
struct ReplayTests {
    @Test("with every fault on the terminals' side nothing is lost or doubled, and all days agree")
    func lifeWithFaults() throws {
        let command = try Command()
        defer { command.remove() }
        _ = try command.demo()
        let daemon = try command.startDaemon()
        defer {
            daemon.terminate()
            daemon.waitUntilExit()
        }
        let seed = UInt64.random(in: 1...1_000_000)
        let result = try command.replay(
            "--terminals", command.site + "/terminals", "--cards", command.site + "/cards.csv",
            "--operator", command.site + "/operator.sock", "--port", try command.port(),
            "--mix", "life", "--faults",
            "cut-before=2,cut-after=2,late=3,duplicate=3,reorder=3", "--count", "1500", "--depth",
            "3", "--seed", "\(seed)", "--check", "all", "--quiet")
        #expect(result.code == 0, "seed \(seed): \(result.output) \(result.errors)")
        for fault in ["cut-before", "cut-after", "late", "duplicate", "reorder"] {
            #expect(result.output.contains("\(fault) "), "seed \(seed)")
        }
        #expect(result.output.contains("0 of"))
        #expect(try command.onSite("verify").output.hasPrefix("sound: "))
    }
}
