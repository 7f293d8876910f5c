import NIOCore
import SettlementClient
import SettlementDomain

/// What the connections of one terminal share.
struct LoadTerminal: Sendable {
    var credentials: TerminalCredentials
    var address: ServerAddress
    var counter: STANCounter

    init(credentials: TerminalCredentials, address: ServerAddress, counter: STANCounter) {
        self.credentials = credentials
        self.address = address
        self.counter = counter
    }

    /// A terminal that speaks TLS, with its numbers in its folder.
    ///
    /// Blocks on files, for a millisecond or two: certificates and keys are decoded.
    ///
    /// - Throws: `ClientFault.tls` naming the file that cannot be used.
    init(_ credentials: TerminalCredentials) throws(ClientFault) {
        do {
            self.init(
                credentials: credentials, address: try credentials.address(),
                counter: STANCounter(of: credentials, blockMin: 1000))
        } catch {
            throw .tls(error)
        }
    }

    /// The role that the daemon grants it; signs on and off.
    func role(on loop: any EventLoop) async throws(ClientFault) -> Role {
        let connection = try await TerminalConnection.open(credentials, at: address, on: loop)
        try await connection.signOff()
        return connection.grant.role
    }
}
