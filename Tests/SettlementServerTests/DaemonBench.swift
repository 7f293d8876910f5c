import CertificateAuthority
import Foundation
import Ledger
import NIOCore
import NIOPosix
import SettlementDomain
import SettlementProtocol
import TLSChannel

@testable import SettlementServer

/// A daemon on a free port of loopback, with a memory store and real certificates.
final class DaemonBench: Sendable {
    let folder: String
    let authority: CertificateAuthority
    let daemon: Daemon
    let registry = MetricsRegistry()
    let configuration: Configuration

    private init(_ more: String, parts: (inout DaemonParts) -> Void) async throws {
        // A socket's path has to be short.
        folder = NSTemporaryDirectory() + "sd-" + UUID().uuidString.prefix(8)
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        authority = try CertificateAuthority.create(in: folder + "/ca", name: "Test authority")
        try authority.issueServerCertificate(name: "settled", names: [.address("127.0.0.1")])
            .write(certificateTo: folder + "/server.pem", privateKeyTo: folder + "/server.key")
        configuration = try Configuration(
            yaml: """
                listen: {address: 127.0.0.1, port: 0}
                tls:
                  certificate: server.pem
                  key: server.key
                  trust: ca/authority.pem
                  revocation: ca/crl.pem
                operator: {socket: o.sock}
                store: {path: none}
                keys: {store: none, key_file: none}
                metrics: {port: 0}
                drain: {seconds: 5}
                \(more)
                """, directory: folder)
        var daemonParts = DaemonParts(openStore: { Site.store() }, vault: FakeVault())
        parts(&daemonParts)
        daemon = try await Daemon.start(
            configuration, parts: daemonParts, registry: registry, logger: Site.logger)
    }

    /// Starts a daemon, does something with it, and stops it.
    static func run(
        _ more: String = "", parts: (inout DaemonParts) -> Void = { _ in },
        _ body: (DaemonBench) async throws -> Void
    ) async throws {
        let bench = try await DaemonBench(more, parts: parts)
        defer { try? FileManager.default.removeItem(atPath: bench.folder) }
        do {
            try await body(bench)
        } catch {
            try await bench.daemon.stop()
            throw error
        }
        try await bench.daemon.stop()
    }

    /// Issues a certificate and gives the configuration of a client that shows it.
    func client(_ terminal: TerminalID) throws -> (TLSConfiguration, serialHex: String) {
        let base = folder + "/" + UUID().uuidString
        let issued = try authority.issueTerminalCertificate(
            TerminalSubject(terminal: terminal.text, institution: "P99010000001"))
        try issued.write(certificateTo: base + ".pem", privateKeyTo: base + ".key")
        let configuration = TLSConfiguration(
            role: .client(server: .address("127.0.0.1")),
            identity: TLSConfiguration.Identity(
                certificateChainPath: base + ".pem", privateKeyPath: base + ".key"),
            trustAnchorsPath: authority.certificatePath, applicationProtocols: ["settle/1"])
        return (configuration, issued.record.serialHex)
    }

    /// Connects as a terminal.
    func connect(_ terminal: TerminalID = Site.pharmacy) async throws -> RawClient {
        try await connect(try client(terminal).0)
    }

    func connect(_ configuration: TLSConfiguration) async throws -> RawClient {
        let context = try TLSContext(configuration)
        let client = RawClient()
        _ = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.addHandlers([TLSHandler(context), client.handler()])
                }
            }
            .connect(host: "127.0.0.1", port: daemon.port).get()
        return client
    }

    /// Connects as an operator.
    func connectOperator() async throws -> RawClient {
        let client = RawClient()
        _ = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(client.handler())
                }
            }
            .connect(unixDomainSocketPath: configuration.operatorSocket).get()
        return client
    }
}
