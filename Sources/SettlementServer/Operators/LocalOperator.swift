import Ledger
import SettlementDomain
import SettlementProtocol

/// How an operator's requests appear to the ledger, which asks every request who makes it.
enum LocalOperator {
    /// The name under which an operator's requests are made; no terminal is registered as it.
    static let terminal: TerminalID = {
        guard let id = TerminalID("OPERATOR") else { preconditionFailure("eight letters") }
        return id
    }()

    /// The agency itself.
    static let institution: InstitutionID = {
        guard let id = InstitutionID("A00000000000") else { preconditionFailure("twelve") }
        return id
    }()

    /// A command as a request; not recorded, since it is not a payment.
    static func request(
        _ header: RequestHeader, _ command: Command, today: CivilDate
    ) -> LedgerRequest {
        LedgerRequest(
            key: RequestKey(
                terminal: terminal, date: header.businessDate ?? today, stan: header.stan),
            institution: institution, terminalTime: header.terminalTime, content: .zero,
            voucher: [], command: command)
    }
}

extension Command {
    /// The card that a PIN block is bound to.
    var card: CardNumber? {
        switch self {
        case .quote(let command), .settle(let command): command.card
        case .inquire(let command): command.card
        case .status, .register: nil
        }
    }

    /// Puts in what the PIN block gave; without effect on a command that takes none.
    mutating func setProof(_ proof: PINProof) {
        switch self {
        case .quote(var command):
            command.proof = proof
            self = .quote(command)
        case .settle(var command):
            command.proof = proof
            self = .settle(command)
        case .inquire(var command):
            command.proof = proof
            self = .inquire(command)
        case .status, .register: break
        }
    }
}
