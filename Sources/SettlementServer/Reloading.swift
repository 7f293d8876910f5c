import Logging
import TLSChannel

/// Reads certificates, revocation list and keys again while the daemon serves.
///
/// Connections go on with what they began with, but for those whose certificate the new list
/// revokes: they are cut.
final class Reloading: Sendable {
    private let holder: TLSContextHolder
    private let reloadKeys: @Sendable () throws -> Void
    private let server: TerminalServer
    private let clock: any WallClock
    private let metrics: ServerMetrics
    private let logger: Logger

    init(
        holder: TLSContextHolder, reloadKeys: @escaping @Sendable () throws -> Void,
        server: TerminalServer, clock: any WallClock, metrics: ServerMetrics, logger: Logger
    ) {
        self.holder = holder
        self.reloadKeys = reloadKeys
        self.server = server
        self.clock = clock
        self.metrics = metrics
        self.logger = logger
    }

    /// How long before its end a file is warned of: two weeks.
    static let warningSeconds: Int64 = 14 * 86_400

    /// Warns of a certificate or revocation list that will end soon, or has ended.
    func warnOfExpiry(at milliseconds: Int64) {
        let context = holder.current
        let ends = [
            ("the daemon's certificate", context.certificateExpiry),
            ("the revocation list", context.revocationListExpiry),
        ]
        for case (let name, let end?) in ends
        where end - milliseconds / 1_000 < Self.warningSeconds {
            logger.warning(
                "\(name) must be renewed",
                metadata: ["ends": "\(UTCTimestamp.text(milliseconds: end * 1_000))"])
        }
    }

    /// Reads the files; any thread but an event loop.
    ///
    /// - Returns: what to tell the operator.
    /// - Throws: `TLSFault`, or what reading the keys throws; what could not be read then stays as
    ///   it was.
    func reload() throws -> String {
        do {
            try holder.reload()
            server.cutRevoked(by: holder.current)
            try reloadKeys()
        } catch {
            metrics.reloaded("failed")
            logger.error("reload failed; what was there stays", metadata: ["why": "\(error)"])
            throw error
        }
        metrics.reloaded("done")
        logger.info("certificates, revocation list and keys reloaded")
        warnOfExpiry(at: clock.milliseconds)
        return "certificates, revocation list and keys reloaded"
    }
}
