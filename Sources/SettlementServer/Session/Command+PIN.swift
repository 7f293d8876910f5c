import Ledger
import SettlementDomain

extension Command {
    /// The card that a PIN block is bound to.
    var card: CardNumber? {
        switch self {
        case .quote(let command), .settle(let command): command.card
        case .inquire(let command): command.card
        case .card(let command): command.asking.card
        case .family(let command): command.asking.card
        case .inpatient(let command): command.card
        case .query(let query): query.asking.card
        case .claim(let command): command.asking.card
        case .contribute, .void, .refund, .reverse, .status, .copyReceipt, .closeDay, .register:
            nil
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
        case .card(var command):
            command.asking.setProof(proof)
            self = .card(command)
        case .family(var command):
            command.asking.setProof(proof)
            self = .family(command)
        case .inpatient(var command):
            command.setProof(proof)
            self = .inpatient(command)
        case .claim(var command):
            command.asking.setProof(proof)
            self = .claim(command)
        case .query(var query):
            query.asking.setProof(proof)
            self = .query(query)
        case .contribute, .void, .refund, .reverse, .status, .copyReceipt, .closeDay, .register:
            break
        }
    }
}

extension Command {
    /// The card that a new PIN's block is bound to.
    var cardOfNewPIN: CardNumber? {
        if case .card(let command) = self { command.cardOfNewPIN } else { nil }
    }

    /// Puts in what a new PIN's block gave; without effect on a command that sets none.
    mutating func setNewProof(_ proof: PINProof) {
        guard case .card(var command) = self else { return }
        switch command.step {
        case .changePIN: command.step = .changePIN(proof)
        case .reissue(var card):
            card.pin = proof
            command.step = .reissue(card)
        case .reportLoss, .withdrawLoss, .unlockPIN: return
        }
        self = .card(command)
    }
}

extension Asking {
    /// Puts in what the PIN block gave, where the PIN is the right.
    fileprivate mutating func setProof(_ proof: PINProof) {
        if case .pin = authority { authority = .pin(proof) }
    }
}
