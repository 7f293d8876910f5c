import Ledger
import SettlementDomain
import SettlementProtocol

extension TerminalConnection {
    /// Debits a sale.
    ///
    /// - Parameters:
    ///   - sale: what is sold; its PIN is put into a block under this session's key.
    ///   - header: the key with its time; for a retry, the one that was sent first.
    /// - Returns: the answer, approval or refusal.
    /// - Throws: `ClientFault`; where `isOutcomeUnknown`, the sale may have been debited.
    public func settle(
        _ sale: Sale, _ header: RequestHeader
    ) async throws(ClientFault) -> TerminalResponse {
        let block = try pinBlock(sale.pin, card: sale.card)
        return try await ask(
            .settle, RequestEncoder.settle(header, sale.command, pinBlock: block))
    }

    /// Gives the whole split of a sale and changes nothing.
    public func quote(
        _ sale: Sale, _ header: RequestHeader
    ) async throws(ClientFault) -> TerminalResponse {
        let block = try pinBlock(sale.pin, card: sale.card)
        return try await ask(.quote, RequestEncoder.settle(header, sale.command, pinBlock: block))
    }

    /// Tells who a card's person is and what is left to them.
    public func inquire(
        card: CardNumber, pin: String?, _ header: RequestHeader
    ) async throws(ClientFault) -> TerminalResponse {
        let block = try pinBlock(pin, card: card)
        return try await ask(
            .cardInquiry, RequestEncoder.cardInquiry(header, card: card, pinBlock: block))
    }

    /// Tells what became of a request of this terminal.
    ///
    /// - Parameters:
    ///   - stan: the original's.
    ///   - date: the date in the original's key.
    /// - Returns: the answer; its payload is `status` where it is approved.
    /// - Throws: `ClientFault`; nothing was changed.
    public func status(
        ofSTAN stan: UInt32, on date: CivilDate
    ) async throws(ClientFault) -> TerminalResponse {
        // Not recorded, but its form wants a STAN: that of the original does.
        let request = SettlementStatusRequest(
            header: header(stan: stan), originalDate: date, originalSTAN: stan)
        return try await ask(.settlementStatus, RequestEncoder.settlementStatus(request))
    }

    /// Keeps the connection alive and tells the versions in force.
    public func echo() async throws(ClientFault) -> TerminalResponse {
        try await ask(.echo, RequestEncoder.echo(unkeyedHeader))
    }

    /// One page of a catalog.
    ///
    /// - Parameters:
    ///   - version: nil: the one in force.
    ///   - firstIndex: the index of the first entry wanted.
    ///   - count: 1...500; nil: as many as fit.
    /// - Returns: the answer; its payload is `catalogPage` where it is approved.
    /// - Throws: `ClientFault`; nothing was changed.
    public func catalogPage(
        version: CatalogVersion?, firstIndex: UInt32, count: UInt32? = nil
    ) async throws(ClientFault) -> TerminalResponse {
        let request = CatalogPageRequest(
            header: unkeyedHeader, version: version, firstIndex: firstIndex, count: count)
        return try await ask(.catalogPage, RequestEncoder.catalogPage(request))
    }

    /// Downloads the session's catalog; nil where none is in force.
    public func catalog() async throws(ClientFault) -> Catalog? {
        guard let version = grant.catalogVersion else { return nil }
        var entries: [CatalogEntry] = []
        while true {
            let response = try await catalogPage(
                version: version, firstIndex: UInt32(entries.count))
            guard case .catalogPage(let page) = response.payload else {
                throw .protocolViolation(
                    "catalog page refused: \(response.result.code.text) \(response.result.detail)")
            }
            guard page.version == version, page.firstIndex == UInt32(entries.count),
                !page.entries.isEmpty || page.totalEntries == UInt32(entries.count)
            else { throw .protocolViolation("a catalog page does not continue the one before") }
            entries += page.entries
            if entries.count >= Int(page.totalEntries) { break }
        }
        return Catalog(version: version, entries: entries)
    }

    /// Ends the session; the daemon closes the connection after its answer.
    @discardableResult
    public func signOff() async throws(ClientFault) -> TerminalResponse {
        let response = try await ask(.signOff, RequestEncoder.signOff(unkeyedHeader))
        await close()
        return response
    }
}
