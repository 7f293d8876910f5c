import ArgumentParser
import Dispatch

/// The measuring tools that `Benchmarks/run` is made of.
@main
struct SettleBench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "settle-bench",
        abstract: "Measures what settled is compared with; Benchmarks/run uses it.",
        discussion: """
            EXAMPLES
              settle-bench fixed-daemon --config .demo/settled.yaml
              settle-bench append-journal --ledger site/ledger.sqlite --into plain.sqlite --batch 40
              settle-bench commit-batches --config site/settled.yaml --ledger copy.sqlite
              settle-bench idle-memory --terminals site/terminals --pid 4711 --connections 1000
            """,
        subcommands: [
            FixedDaemon.self, AppendJournal.self, CommitBatches.self, DiskSyncs.self,
            Handshakes.self, IdleMemory.self, CountBytes.self, PeerMessages.self, PINTiming.self,
            Abuse.self, Compare.self,
        ])

    /// Runs what waits for nobody on the main thread, from its beginning to its end: tools that count
    /// instructions cannot follow a main thread that the runtime gives up.
    static func main() {
        do {
            var command = try parseAsRoot()
            guard command is any AsyncParsableCommand else { return try command.run() }
        } catch {
            exit(withError: error)
        }
        Task {
            await main(nil)
            exit()
        }
        dispatchMain()
    }
}

/// Why a measurement cannot be made: one sentence.
struct BenchFault: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
