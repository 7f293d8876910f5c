import Ledger
import SettlementDomain
import SettlementProtocol

extension TerminalConnection {
    /// Changes something about a card itself.
    ///
    /// - Parameters:
    ///   - command: whose card and what; its proofs are not used.
    ///   - pin: the card's, where that is the right.
    ///   - newPIN: the new one, where one is set.
    ///   - header: the key with its time; for a retry, the one that was sent first.
    /// - Returns: the answer; its payload is `cardService` where it is approved.
    /// - Throws: `ClientFault`; where `isOutcomeUnknown`, it may have been done.
    public func cardService(
        _ command: CardServiceCommand, pin: String? = nil, newPIN: String? = nil,
        _ header: RequestHeader
    ) async throws(ClientFault) -> TerminalResponse {
        let block = try pinBlock(pin, of: command.asking.card)
        let newBlock = try pinBlock(newPIN, of: command.cardOfNewPIN)
        return try await ask(
            command.kind,
            RequestEncoder.cardService(header, command, pinBlock: block, newPINBlock: newBlock))
    }

    /// Links a relative to an owner's account, or ends the link.
    ///
    /// - Parameters:
    ///   - command: whose account, which relative, on what terms; its proof is not used.
    ///   - pin: the owner's card's, where that is the right.
    ///   - header: the key with its time; for a retry, the one that was sent first.
    /// - Returns: the answer; its payload is `family` where it is approved.
    /// - Throws: `ClientFault`; where `isOutcomeUnknown`, it may have been done.
    public func family(
        _ command: FamilyCommand, pin: String? = nil, _ header: RequestHeader
    ) async throws(ClientFault) -> TerminalResponse {
        let block = try pinBlock(pin, of: command.asking.card)
        return try await ask(
            command.kind, RequestEncoder.family(header, command, pinBlock: block))
    }

    /// Takes in, reviews, decides or pays a claim.
    ///
    /// - Parameters:
    ///   - command: which step of which claim; its proof is not used.
    ///   - pin: of a submission the card's, where that is the right.
    ///   - header: the key with its time; for a retry, the one that was sent first.
    /// - Returns: the answer; its payload is `claims`, of one claim, where it is approved.
    /// - Throws: `ClientFault`; where `isOutcomeUnknown`, it may have been done.
    public func claim(
        _ command: ClaimCommand, pin: String? = nil, _ header: RequestHeader
    ) async throws(ClientFault) -> TerminalResponse {
        let block = try pinBlock(pin, of: command.asking.card)
        return try await ask(
            command.kind, RequestEncoder.claim(header, command, pinBlock: block))
    }

    /// Asks for a person's records.
    ///
    /// - Parameters:
    ///   - query: whose, by what right, and what; its proof is not used.
    ///   - pin: the card's, where that is the right.
    ///   - header: the key with its time; each page has its own.
    /// - Returns: the answer; its payload is `transactions`, `months` or `accesses`.
    /// - Throws: `ClientFault`; nothing but the access log was changed.
    public func query(
        _ query: PersonQuery, pin: String? = nil, _ header: RequestHeader
    ) async throws(ClientFault) -> TerminalResponse {
        let block = try pinBlock(pin, of: query.asking.card)
        return try await ask(
            query.kind, RequestEncoder.personQuery(header, query, pinBlock: block))
    }

    func pinBlock(_ pin: String?, of card: CardNumber?) throws(ClientFault) -> [UInt8]? {
        guard let pin else { return nil }
        guard let card else { throw .pinUnusable("a PIN block is bound to a card: name one") }
        return try pinBlock(pin, card: card)
    }
}
