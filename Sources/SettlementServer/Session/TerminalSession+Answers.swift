import CardSecurity
import Ledger
import SettlementDomain
import SettlementProtocol

extension TerminalSession {
    func approved(_ frame: Frame, _ body: [UInt8]) -> SessionAnswer {
        SessionAnswer(
            kind: frame.kind | Frame.responseBit, requestID: frame.requestID, code: .approved,
            reason: .none, body: body)
    }

    /// The result of an approval by the session.
    func fields(_ header: RequestHeader) -> ResultFields {
        let millis = around.clock.milliseconds
        return ResultFields(
            code: .approved, businessDate: today, time: millis,
            clockDifference: header.clockDifference(fromMillis: millis))
    }

    /// Which versions are in force now; an operator belongs to no region.
    func echo(_ frame: Frame, _ header: RequestHeader) -> SessionAnswer {
        let reference = around.references.current.reference
        var policy: Policy?
        if case .signedOn(let signedOn) = state {
            let region = signedOn.institution.institution.region
            policy = reference.policy(of: region, on: reference.businessDate)
        }
        let versions = VersionsInForce(
            catalog: reference.catalog(on: reference.businessDate)?.version,
            policy: policy?.version)
        return approved(frame, ResponseEncoder.echo(versions, fields(header)))
    }

    func catalogPage(
        _ page: CatalogPageRequest, _ frame: Frame
    ) throws(SessionRefusal) -> SessionAnswer {
        let reference = around.references.current.reference
        let found =
            page.version.map { reference.catalog(version: $0) }
            ?? reference.catalog(on: reference.businessDate)
        guard let catalog = found else {
            throw SessionRefusal(
                code: .invalidTransaction, reason: .catalogVersionUnknown,
                detail: page.version.map { "catalog_page.catalog_version: \($0) is not here" }
                    ?? "no catalog is in force")
        }
        let body = ResponseEncoder.catalogPage(
            page, of: catalog,
            bodyBytesMax: around.limits.frameBytesMax - Frame.countedHeaderBytes,
            fields(page.header))
        return approved(frame, body)
    }

    /// Completes a request: its key, its content, and what its PIN block gave.
    func ledgerRequest(_ message: LedgerMessage) throws(SessionRefusal) -> LedgerRequest {
        let signedOn = try signedOn()
        var command = message.command
        if let block = message.pinBlock {
            command.setProof(Self.proof(block, command.card, signedOn.pins))
        }
        if let block = message.newPINBlock {
            command.setNewProof(Self.proof(block, command.cardOfNewPIN, signedOn.pins))
        }
        return LedgerRequest(
            key: RequestKey(
                terminal: signedOn.terminal.id, date: message.header.businessDate ?? today,
                stan: message.header.stan),
            terminalTime: message.header.terminalTime,
            content: message.voucher.withUnsafeBytes(around.sha256), voucher: message.voucher,
            command: command)
    }

    /// A question about an earlier request; it has no content to compare.
    func unrecorded(
        _ command: Command, _ header: RequestHeader
    ) throws(SessionRefusal) -> LedgerRequest {
        let terminal = try signedOn().terminal.id
        return LedgerRequest(
            key: RequestKey(
                terminal: terminal, date: header.businessDate ?? today, stan: header.stan),
            terminalTime: header.terminalTime, content: .zero, voucher: [], command: command)
    }

    /// One answer for whatever is wrong with the block, or with what it is bound to.
    private static func proof(
        _ block: [UInt8], _ card: CardNumber?, _ pins: (any PINSession)?
    ) -> PINProof {
        guard let pins, let card, let digits = CardDigits(value: card.digits, count: card.count),
            let values = try? pins.verificationValues(pinBlock: block, card: digits)
        else { return .unusable }
        return .value(
            PINVerification(values.current), others: values.others.map(PINVerification.init))
    }

    /// Who is signed on; never asked of the operator's socket, whose role permits none of this.
    func signedOn() throws(SessionRefusal) -> SignedOn {
        guard case .signedOn(let signedOn) = state else {
            throw SessionRefusal(code: .notPermittedToTerminal, reason: .notSignedOn)
        }
        return signedOn
    }
}
