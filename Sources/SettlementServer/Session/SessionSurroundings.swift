import CardSecurity
import Ledger
import SettlementDomain

/// What every session shares: all of it values and functions that a test can replace.
final class SessionSurroundings: Sendable {
    let references: ReferenceHolder
    let clock: any WallClock
    let vault: any KeyVault
    let sha256: SHA256Function
    /// Connections that each terminal has signed on.
    let terminals: ConnectionCounts<TerminalID>
    /// Connections that each certificate has, by the terminal that it names or else by its serial.
    let certificates: ConnectionCounts<String>
    let limits: Limits

    init(
        references: ReferenceHolder, clock: any WallClock, vault: any KeyVault,
        sha256: @escaping SHA256Function, limits: Limits
    ) {
        self.references = references
        self.clock = clock
        self.vault = vault
        self.sha256 = sha256
        self.limits = limits
        terminals = ConnectionCounts(connectionsMax: limits.connectionsPerTerminalMax)
        certificates = ConnectionCounts(connectionsMax: limits.connectionsPerCertificateMax)
    }
}

/// Who is at the other end, as known before the first frame.
enum SessionPeer: Sendable, Equatable {
    /// A terminal with a verified certificate, which names this terminal; nil: it names none.
    case terminal(TerminalID?)
    /// Whoever may open the operator's socket.
    case localOperator
}

/// A refusal that a session makes itself, before anything reaches the ledger.
struct SessionRefusal: Error, Sendable, Equatable {
    var code: ResponseCode
    var reason: Reason
    var detail = ""
}

/// An answer that needs no ledger.
struct SessionAnswer: Sendable, Equatable {
    /// The frame's kind, response bit included.
    var kind: UInt8
    var requestID: UInt32
    var code: ResponseCode
    var reason: Reason
    var body: [UInt8]
}
