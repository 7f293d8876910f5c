import SettlementClient
import TLSChannel

/// TLS connections with terminals' certificates to any server that trusts their authority.
struct BareConnections {
    private let addresses: [ServerAddress]
    private let credentials: [TerminalCredentials]
    private let signsOn: Bool

    /// Reads credentials.
    ///
    /// - Parameters:
    ///   - folder: terminals' credentials.
    ///   - port: another port than they name.
    ///   - alpn: the application protocol to offer; nil: the daemon's own, and each connection is
    ///     signed on.
    ///   - most: how many terminals' credentials are used.
    /// - Throws: a fault that names the file that cannot be used.
    init(folder: String, port: Int?, alpn: String?, most: Int) throws {
        credentials = try Array(TerminalCredentials.all(in: folder).prefix(most))
        guard !credentials.isEmpty else { throw BenchFault("\(folder): no credentials") }
        signsOn = alpn == nil
        addresses = try credentials.map { credentials in
            var configuration = credentials.configuration
            if let alpn { configuration.applicationProtocols = [alpn] }
            return .tls(
                host: credentials.host, port: port ?? credentials.port,
                try TLSContext(configuration))
        }
    }

    /// Opens the next of so many connections, terminals by turns; gives what closes it.
    func open(_ count: Int) async throws(ClientFault) -> () async -> Void {
        let index = count % addresses.count
        guard signsOn else { return try await handshake(count) }
        let connection = try await TerminalConnection.open(
            credentials[index], at: addresses[index])
        return { await connection.close() }
    }

    /// As `open`, but nobody signs on.
    func handshake(_ count: Int) async throws(ClientFault) -> () async -> Void {
        let exchange = try await FrameExchange.connect(to: addresses[count % addresses.count])
        return { await exchange.close() }
    }
}
