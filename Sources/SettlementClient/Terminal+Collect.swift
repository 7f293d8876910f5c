import Ledger
import SettlementDomain
import SettlementProtocol

extension Terminal {
    /// Pays a contribution for one person and period, under the next STAN.
    ///
    /// - Parameter line: for whom, for what and how much.
    /// - Returns: the answer, approval or refusal.
    /// - Throws: `ClientFault`; where `isOutcomeUnknown`, pay again: a period is paid for once.
    /// - Source: Protocol/Contributions.md.
    public func pay(_ line: ContributionLine) async throws(ClientFault) -> Answer {
        try await keyed { (connection, header) throws(ClientFault) in
            try await connection.pay(line, header)
        }
    }

    /// Declares a page of lines, under the next STAN.
    ///
    /// - Parameter page: consecutive lines of a declaration.
    /// - Returns: the answer; its payload is `declaration` where the page was read.
    /// - Throws: `ClientFault`; then send the page again: each line is answered once.
    /// - Source: Protocol/Contributions.md.
    public func declare(_ page: DeclarationPage) async throws(ClientFault) -> Answer {
        try await keyed { (connection, header) throws(ClientFault) in
            try await connection.declare(page, header)
        }
    }
}

extension TerminalConnection {
    /// Declares a page of lines.
    ///
    /// - Parameters:
    ///   - page: consecutive lines of a declaration.
    ///   - header: the key with its time; for a retry, the one that was sent first.
    /// - Returns: the answer; its payload is `declaration` where the page was read.
    /// - Throws: `ClientFault`; where `isOutcomeUnknown`, it may have been done.
    public func declare(
        _ page: DeclarationPage, _ header: RequestHeader
    ) async throws(ClientFault) -> TerminalResponse {
        try await ask(
            .contributionDeclaration, RequestEncoder.contributionDeclaration(header, page))
    }

    /// Pays a contribution for one person and period.
    ///
    /// - Parameters:
    ///   - line: for whom, for what and how much.
    ///   - header: the key with its time; for a retry, the one that was sent first.
    /// - Returns: the answer; its payload is `contribution` where it is approved.
    /// - Throws: `ClientFault`; where `isOutcomeUnknown`, it may have been done.
    public func pay(
        _ line: ContributionLine, _ header: RequestHeader
    ) async throws(ClientFault) -> TerminalResponse {
        try await ask(
            .contributionPayment, RequestEncoder.contributionPayment(header, line))
    }
}
