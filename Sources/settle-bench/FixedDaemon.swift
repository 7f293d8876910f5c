import ArgumentParser
import CardSecurity
import Logging
import ServiceLifecycle
import SettlementServer
import StoreChoice

/// `settle-bench fixed-daemon`.
struct FixedDaemon: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fixed-daemon",
        abstract: "Runs the daemon with fixed answers in the place of queue, ledger and store.",
        discussion: """
            Listener, TLS, frames, sessions and PIN blocks are the daemon's own; the store is opened
            for its reference data only. Runs until SIGTERM.

            EXAMPLE
              settle-bench fixed-daemon --config site/settled.yaml
            """)

    @Option(help: "The site's settled.yaml.")
    var config: String

    func run() async throws {
        let configuration = try Configuration.load(path: config)
        let vault = try SealedKeyStore.open(
            at: configuration.keys.store, source: configuration.keys.source)
        let body = try FixedAnswers.settled()
        let store = ChosenStore(configuration.store, seal: try SiteSeal(vault))
        let parts = DaemonParts(
            openStore: { try store.open() }, vault: vault,
            makeSink: { FixedAnswers(router: $0, body: body) })
        var logger = Logger(label: "settle-bench")
        logger.logLevel = .warning
        let daemon = try await Daemon.start(
            configuration, parts: parts, registry: MetricsRegistry(), logger: logger)
        try configuration.writeReadyFile(daemon.readyLine)
        try await ServiceGroup(
            services: [daemon], gracefulShutdownSignals: [.sigterm, .sigint], logger: logger
        ).run()
    }
}
