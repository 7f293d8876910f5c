import NIOCore
import SettlementClient
import SettlementDomain

/// What the connections of one terminal share.
struct LoadTerminal: Sendable {
    var credentials: TerminalCredentials
    var address: ServerAddress
    var counter: STANCounter

    /// The role that the daemon grants it; signs on and off.
    func role(on loop: any EventLoop) async throws(ClientFault) -> Role {
        let connection = try await TerminalConnection.open(credentials, at: address, on: loop)
        try await connection.signOff()
        return connection.grant.role
    }
}
