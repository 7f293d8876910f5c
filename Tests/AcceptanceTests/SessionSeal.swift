import CardSecurity
import SettlementClient
import SettlementDomain
import SettlementProtocol
import TestSite
import Testing

/// Makes PIN blocks under the key of a raw connection's sign-on.
final class SessionSeal {
    private let sealer: PINSealer

    init(_ response: TerminalResponse, daemon: RunningDaemon, terminal: TerminalID) throws {
        guard case .signOn(let grant) = response.payload else {
            throw SiteFault("not signed on: \(response.result)")
        }
        let key = try daemon.site.credentials(terminal, port: daemon.port).masterKey
        sealer = try #require(try TerminalConnection.sealer(grant, masterKey: key))
    }

    func block(_ sale: Sale) throws -> [UInt8] {
        try block(try #require(sale.pin), sale.card)
    }

    func block(_ pin: String, _ card: CardNumber) throws -> [UInt8] {
        let digits = try #require(CardDigits(value: card.digits, count: card.count))
        return try sealer.block(pin: pin, card: digits)
    }
}
