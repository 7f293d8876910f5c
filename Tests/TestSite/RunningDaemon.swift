import Foundation
import Glibc
import Ledger
import NIOCore
import SettlementClient
import SettlementDomain
import Synchronization
import TLSChannel
import TestProcesses

/// The real `settled`, running as a child process on a site's folder.
public final class RunningDaemon: Sendable {
    /// The site it serves.
    public let site: SiteFolder
    /// The process.
    public let process: ChildProcess
    /// The port for terminals.
    public let port: Int
    /// The port of the metrics page.
    public let metricsPort: Int
    /// The line that it printed when it listened.
    public let readyLine: String
    /// The operator's connection to it.
    public let `operator`: OperatorConnection
    private let configuration: String

    /// Where the executable is: beside the test bundle.
    public static let executable: String = {
        let files = FileManager.default
        let own = try? files.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        var folder = ((own ?? "/") as NSString).deletingLastPathComponent
        while folder != "/" {
            let path = folder + "/settled"
            if files.isExecutableFile(atPath: path) { return path }
            folder = (folder as NSString).deletingLastPathComponent
        }
        return "settled"
    }()

    /// Starts the daemon with the configuration file of that name and waits until it listens.
    ///
    /// - Throws: `SiteFault` with what it logged, where it ends instead.
    public static func start(
        _ site: SiteFolder, configuration: String
    ) async throws -> RunningDaemon {
        let process = try run(["--config", configuration], in: site)
        guard let line = await process.nextLine(), line.hasPrefix("ready ") else {
            process.send(SIGKILL)
            let ending = await process.ending()
            throw SiteFault("the daemon did not start: \(ending)\n\(site.log)")
        }
        return try await RunningDaemon(site, process, line, configuration)
    }

    /// Runs the executable with any arguments; standard error goes to the site's log.
    public static func run(_ arguments: [String], in site: SiteFolder) throws -> ChildProcess {
        try ChildProcess(executable, arguments, in: site.path, errorPath: site.logPath)
    }

    /// Starts a daemon on a new site of the town, does something with it, and ends it by SIGTERM.
    ///
    /// - Parameters:
    ///   - settings: lines of YAML for the configuration.
    ///   - tls: one more line of its section `tls`.
    ///   - body: what is done; the daemon must be running, or have been stopped, at its end.
    /// - Throws: what the body throws, and `SiteFault` where the daemon does not end with 0.
    public static func withTown(
        _ settings: String = "", tls: String = "", _ body: (RunningDaemon) async throws -> Void
    ) async throws {
        let site = try SiteFolder.town()
        let daemon = try await start(
            site, configuration: try site.configure(settings, tls: tls))
        do {
            try await body(daemon)
        } catch {
            await daemon.kill()
            throw error
        }
        let ending = await daemon.stop()
        guard ending == .exited(0) || ending == .killed(SIGKILL) else {
            throw SiteFault("the daemon ended with \(ending)\n\(site.log)")
        }
    }

    private init(
        _ site: SiteFolder, _ process: ChildProcess, _ line: String, _ configuration: String
    ) async throws {
        self.site = site
        self.process = process
        self.configuration = configuration
        readyLine = line
        var words: [Substring: Substring] = [:]
        for word in line.split(separator: " ").dropFirst() {
            let parts = word.split(separator: "=", maxSplits: 1)
            if parts.count == 2 { words[parts[0]] = parts[1] }
        }
        guard let port = words["port"].flatMap({ Int($0) }), let socket = words["operator"],
            let metrics = words["metrics"]?.split(separator: ":").last.flatMap({ Int($0) })
        else { throw SiteFault("ready line: \(line)") }
        self.port = port
        metricsPort = metrics
        `operator` = try await OperatorConnection.open(path: String(socket))
    }

    // MARK: Ending

    /// Ends it by SIGTERM and waits.
    @discardableResult
    public func stop() async -> ChildProcess.Ending {
        await `operator`.close()
        process.send(SIGTERM)
        return await process.ending()
    }

    /// Ends it by SIGKILL and waits.
    @discardableResult
    public func kill() async -> ChildProcess.Ending {
        process.send(SIGKILL)
        let ending = await process.ending()
        await `operator`.close()
        return ending
    }

    /// Another daemon on the same site with the same configuration, after this one has ended.
    public func restarted() async throws -> RunningDaemon {
        try await Self.start(site, configuration: configuration)
    }

    // MARK: Terminals

    /// A signed-on terminal's connection.
    public func connect(
        _ terminal: TerminalID = Town.Terminal.pharmacy,
        options: TerminalConnection.Options = .init()
    ) async throws -> TerminalConnection {
        let credentials = try site.credentials(terminal, port: port)
        return try await TerminalConnection.open(
            credentials, at: try credentials.address(), options: options)
    }

    /// A connection of bytes over TLS with a terminal's certificate.
    public func connectRaw(
        _ terminal: TerminalID = Town.Terminal.pharmacy
    ) async throws -> RawConnection {
        try await connectRaw(try site.credentials(terminal, port: port).configuration)
    }

    /// A connection of bytes over TLS as this configuration says; nil: without TLS.
    public func connectRaw(_ tls: TLSConfiguration?) async throws -> RawConnection {
        try await RawConnection.open(port: port, tls: try tls.map { try TLSContext($0) })
    }

    // MARK: Operators

    /// Registers all or throws with what was answered.
    public func register(_ registrations: [Registration]) async throws {
        let response = try await `operator`.apply(registrations, isDryRun: false)
        guard response.result.code == .approved else {
            throw SiteFault("\(response.result.code) \(response.payload)")
        }
    }

    /// Registers a patient.
    public func admit(_ patients: Patient...) async throws {
        try await register(patients.flatMap { try $0.registrations(site.vault) })
    }

    /// The whole metrics page.
    public func metrics() async throws -> String {
        try await HTTPPage.get("/metrics", port: metricsPort)
    }

    /// The value of one line of the metrics page; nil: there is none.
    public func metric(_ name: String) async throws -> Int? {
        try await metrics().split(separator: "\n").first { $0.hasPrefix(name + " ") }
            .flatMap { Int($0.dropFirst(name.utf8.count + 1)) }
    }
}

/// A daemon that tests share which look at nothing but their own patients.
public actor SharedDaemon {
    /// The only one of the process.
    public static let town = SharedDaemon()
    private var starting: Task<RunningDaemon, any Error>?
    /// Between two tests that use it others may take minutes; its operator's connection stays.
    private static let limits = "limits: {connections_per_terminal: 1024, idle_seconds: 3600}"

    /// The daemon; starts it at the first call.
    public func running() async throws -> RunningDaemon {
        if let starting { return try await starting.value }
        let task = Task {
            let site = try SiteFolder.town()
            return try await RunningDaemon.start(
                site,
                configuration: try site.configure(Self.limits))
        }
        starting = task
        return try await task.value
    }
}
