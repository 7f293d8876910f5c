import Ledger
import Logging
import NIOCore
import NIOEmbedded
import SettlementServer

/// A daemon that is started, dies, and is started again.
final class SimulatedDaemon {
    let loop = EmbeddedEventLoop()
    let clock = SimulatedClock()
    var server: SteppedDaemon?
    var store: (any LedgerStore)?
    /// It is in the middle of a step.
    var isWorking = false
    private var lastOperatorLine: SimulatedLine?

    private static let logger = Logger(label: "simulation") { _ in SwiftLogNoOpLogHandler() }

    func start(_ disk: any SimulatedDisk) throws {
        let store = try disk.open()
        var limits = Limits()
        // Small enough to be reached.
        limits.queueRequestsMax = 24
        limits.inFlightMax = 6
        limits.connectionsPerTerminalMax = 2
        let server: SteppedDaemon
        do {
            server = try SteppedDaemon(
                store: store, clock: clock, vault: SimulatedVault(), limits: limits,
                eventLoop: loop, registry: MetricsRegistry(), logger: Self.logger)
        } catch {
            disk.processEnded(store)
            throw error
        }
        self.store = store
        self.server = server
        lastOperatorLine = nil
    }

    /// A connection on the operator's socket; nil where the daemon is not there.
    func operatorLine() throws -> SimulatedLine? {
        if server == nil || lastOperatorLine?.isClosed != false {
            lastOperatorLine = try connect(asOperator: true)
        }
        return lastOperatorLine
    }

    /// A new connection; nil where the daemon is not there.
    func connect(asOperator isOperator: Bool) throws -> SimulatedLine? {
        guard let server else { return nil }
        let channel = EmbeddedChannel(loop: loop)
        try server.serve(channel, asOperator: isOperator)
        try channel.connect(to: SocketAddress(unixDomainSocketPath: "/simulated")).wait()
        return SimulatedLine(channel, daemon: self)
    }
}
