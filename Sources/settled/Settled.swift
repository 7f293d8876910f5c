import ArgumentParser
import CardSecurity
import Ledger
import Logging
import ServiceLifecycle
import SettlementServer
import StoreChoice
import Synchronization
import UnixSignals

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The daemon's command: reads the configuration, builds the daemon, runs it until a signal.
@main
struct Settled: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "settled",
        abstract: "Settles medical bills from medical-insurance accounts, for terminals over TLS.",
        discussion: """
            SIGTERM and SIGINT answer the requests in flight, close the store and end with 0.
            SIGHUP reads certificates, revocation list and keys again; connections go on.
            Events are logged to standard error. When the daemon listens it prints one line:

              ready address=0.0.0.0 port=9600 operator=/run/settled/operator.sock ...

            Examples:
              settled --config /etc/settled/settled.yaml
              settled --check-config --config site/settled.yaml
            """)

    @Option(help: "The configuration file; Config/settled.yaml describes every key.")
    var config = "/etc/settled/settled.yaml"

    @Flag(help: "Check configuration, certificates and key store, then end.")
    var checkConfig = false

    func run() async throws {
        // A peer that is gone is an error of the write, not the end of the daemon.
        signal(SIGPIPE, SIG_IGN)
        CoreFiles.forbid()
        SecureHeap.prepare()
        do {
            let configuration = try Configuration.load(path: config)
            let vault = try SealedKeyStore.open(
                at: configuration.keys.store, source: configuration.keys.source)
            if checkConfig {
                try configuration.checkCertificates()
                print("\(config): the configuration is right")
            } else {
                try await serve(configuration, vault)
            }
        } catch {
            Self.complain(error)
            throw ExitCode(error is ConfigurationFault ? EX_CONFIG : EXIT_FAILURE)
        }
    }

    private func serve(_ configuration: Configuration, _ vault: SealedKeyStore) async throws {
        LoggingSystem.bootstrap { _ in
            LineLogHandler(
                format: configuration.log.format, level: configuration.log.level,
                clock: SystemClock())
        }
        let registry = MetricsRegistry()
        let logger = Logger(label: "settled")

        let store = ChosenStore(configuration.store, seal: try SiteSeal(vault))
        // Another daemon may serve here, whose ready file it is then.
        let isOwner = Atomic(false)
        defer { if isOwner.load(ordering: .relaxed) { configuration.removeReadyFile() } }
        let parts = DaemonParts(
            openStore: {
                try store.open {
                    let wasOwner = isOwner.exchange(true, ordering: .relaxed)
                    if !wasOwner { configuration.removeReadyFile() }
                }
            }, lanes: store.lanes, patience: store.patience,
            vault: vault, reloadKeys: { try vault.reloadIfChanged() },
            maintenance: store.maintenance,
            recorder: try configuration.recordingPath.map { try RecordingFile(startingAt: $0) })
        let daemon = try await Daemon.start(
            configuration, parts: parts, registry: registry, logger: logger)
        let hangups = HangupService(daemon: daemon) {
            try configuration.writeReadyFile(daemon.readyLine)
            print(daemon.readyLine)
            fflush(nil)
        }
        var group = ServiceGroupConfiguration(
            services: [hangups, daemon], gracefulShutdownSignals: [.sigterm, .sigint],
            logger: logger)
        group.maximumGracefulShutdownDuration = .seconds(configuration.drainSeconds + 60)
        try await ServiceGroup(configuration: group).run()
    }

    private static func complain(_ error: any Error) {
        let text =
            switch error {
            case StoreFault.unavailable(let why), StoreFault.outcomeUnknown(let why),
                StoreFault.corrupt(let why):
                why
            default: "\(error)"
            }
        for line in text.split(separator: "\n") {
            LineLogHandler.standardError("settled: \(line)\n")
        }
    }
}

/// Reloads at each SIGHUP.
///
/// It announces the daemon once every signal is caught: the group catches its own before it runs
/// services. A signal that came before would end the process at once.
private struct HangupService: Service {
    let daemon: Daemon
    let announce: @Sendable () throws -> Void

    func run() async throws {
        let hangups = await UnixSignalsSequence(trapping: .sighup)
        try announce()
        for await _ in hangups.cancelOnGracefulShutdown() { daemon.reload() }
    }
}
