import Ledger
import SettlementDomain

extension Command {
    /// The card that a PIN block is bound to.
    var card: CardNumber? {
        switch self {
        case .quote(let command), .settle(let command): command.card
        case .inquire(let command): command.card
        case .void, .refund, .reverse, .status, .copyReceipt, .closeDay, .register: nil
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
        case .void, .refund, .reverse, .status, .copyReceipt, .closeDay, .register: break
        }
    }
}
