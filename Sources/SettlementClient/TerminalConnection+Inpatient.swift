import Ledger
import SettlementDomain
import SettlementProtocol

extension TerminalConnection {
    /// Begins a stay in hospital.
    ///
    /// - Parameters:
    ///   - command: whose card, from when, what for; its proof is not used.
    ///   - pin: the card's, put into a block under this session's key.
    ///   - header: the key with its time; for a retry, the one that was sent first.
    /// - Returns: the answer; its payload is `admission` where it is approved.
    /// - Throws: `ClientFault`; where `isOutcomeUnknown`, the stay may have begun: ask again.
    public func admit(
        _ command: AdmitCommand, pin: String?, _ header: RequestHeader
    ) async throws(ClientFault) -> TerminalResponse {
        let block = try pinBlock(pin, ofStay: command.card)
        return try await ask(.admit, RequestEncoder.admit(header, command, pinBlock: block))
    }

    /// Keeps fees with an open stay; nothing is paid yet.
    public func upload(
        _ command: FeeUploadCommand, _ header: RequestHeader
    ) async throws(ClientFault) -> TerminalResponse {
        try await ask(.feeUpload, RequestEncoder.feeUpload(header, command))
    }

    /// Takes back an upload, or, with nil, a stay without fees.
    public func cancelFees(
        of admission: AdmissionID, upload: UInt16?, _ header: RequestHeader
    ) async throws(ClientFault) -> TerminalResponse {
        try await ask(.feeCancel, RequestEncoder.feeCancel(header, admission, upload: upload))
    }

    /// Settles all uploaded fees of a stay.
    ///
    /// - Parameters:
    ///   - command: which stay, with a card of its person; its proof is not used.
    ///   - pin: the card's, put into a block under this session's key.
    ///   - header: the key with its time; for a retry, the one that was sent first.
    /// - Returns: the answer; its payload is `settlement`, without parts.
    /// - Throws: `ClientFault`; where `isOutcomeUnknown`, it may have been settled.
    public func discharge(
        _ command: DischargeCommand, pin: String?, _ header: RequestHeader
    ) async throws(ClientFault) -> TerminalResponse {
        let block = try pinBlock(pin, ofStay: command.card)
        return try await ask(
            .discharge, RequestEncoder.discharge(header, command, pinBlock: block))
    }

    /// Says how a discharge would settle the fees of a stay.
    public func quoteDischarge(
        _ command: DischargeCommand, pin: String?, _ header: RequestHeader
    ) async throws(ClientFault) -> TerminalResponse {
        let block = try pinBlock(pin, ofStay: command.card)
        return try await ask(
            .dischargeQuote, RequestEncoder.discharge(header, command, pinBlock: block))
    }

    /// One page of what a stay consists of.
    ///
    /// - Parameters:
    ///   - admission: the stay.
    ///   - view: which part of it.
    ///   - from: how many rows to pass over; the page before says it as `next`.
    /// - Returns: the answer; its payload is `admissionDetails` where it is approved.
    /// - Throws: `ClientFault`; nothing was changed.
    public func admissionDetails(
        of admission: AdmissionID, _ view: AdmissionView, from: UInt32 = 0
    ) async throws(ClientFault) -> TerminalResponse {
        try await ask(
            .admissionDetails,
            RequestEncoder.admissionDetails(
                AdmissionDetailsRequest(
                    header: unkeyedHeader, admission: admission, view: view, from: from)))
    }

    private func pinBlock(
        _ pin: String?, ofStay card: CardNumber?
    ) throws(ClientFault) -> [UInt8]? {
        guard let card else { return nil }
        return try pinBlock(pin, card: card)
    }
}
