import Ledger
import SettlementDomain
import SettlementProtocol

extension Terminal {
    /// Changes something about a card itself, under the next STAN.
    ///
    /// - Parameters:
    ///   - command: whose card and what; its proofs are not used.
    ///   - pin: the card's, where that is the right.
    ///   - newPIN: the new one, where one is set.
    /// - Returns: the answer, approval or refusal.
    /// - Throws: `ClientFault`.
    /// - Source: Protocol/CardServices.md.
    public func cardService(
        _ command: CardServiceCommand, pin: String? = nil, newPIN: String? = nil
    ) async throws(ClientFault) -> Answer {
        try await keyed { (connection, header) throws(ClientFault) in
            try await connection.cardService(command, pin: pin, newPIN: newPIN, header)
        }
    }

    /// Links a relative to an owner's account, or ends the link, under the next STAN.
    ///
    /// - Parameters:
    ///   - command: whose account, which relative, on what terms; its proof is not used.
    ///   - pin: the owner's card's, where that is the right.
    /// - Returns: the answer, approval or refusal.
    /// - Throws: `ClientFault`.
    /// - Source: Protocol/Family.md.
    public func family(
        _ command: FamilyCommand, pin: String? = nil
    ) async throws(ClientFault) -> Answer {
        try await keyed { (connection, header) throws(ClientFault) in
            try await connection.family(command, pin: pin, header)
        }
    }

    /// Takes in, reviews, decides or pays a claim, under the next STAN.
    ///
    /// - Parameters:
    ///   - command: which step of which claim; its proof is not used.
    ///   - pin: of a submission the card's, where that is the right.
    /// - Returns: the answer, approval or refusal.
    /// - Throws: `ClientFault`.
    /// - Source: Protocol/Claims.md.
    public func claim(
        _ command: ClaimCommand, pin: String? = nil
    ) async throws(ClientFault) -> Answer {
        try await keyed { (connection, header) throws(ClientFault) in
            try await connection.claim(command, pin: pin, header)
        }
    }

    /// Asks for a person's records, under the next STAN.
    ///
    /// - Parameters:
    ///   - query: whose, by what right, and what; its proof is not used.
    ///   - pin: the card's, where that is the right.
    /// - Returns: the answer, approval or refusal.
    /// - Throws: `ClientFault`.
    /// - Source: Protocol/Queries.md.
    public func query(
        _ query: PersonQuery, pin: String? = nil
    ) async throws(ClientFault) -> Answer {
        try await keyed { (connection, header) throws(ClientFault) in
            try await connection.query(query, pin: pin, header)
        }
    }
}
