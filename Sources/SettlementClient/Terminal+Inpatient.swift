import Ledger
import SettlementDomain
import SettlementProtocol

extension Terminal {
    /// Begins a stay in hospital.
    ///
    /// - Parameters:
    ///   - command: whose card, from when, what for; its proof is not used.
    ///   - pin: the card's.
    /// - Returns: the answer; its payload is `admission` where it is approved.
    /// - Throws: `ClientFault`; the same request may be sent again under its key alone, `lastKey`.
    /// - Source: Protocol/Inpatient.md.
    public func admit(_ command: AdmitCommand, pin: String?) async throws(ClientFault) -> Answer {
        try await keyed { (connection, header) throws(ClientFault) in
            try await connection.admit(command, pin: pin, header)
        }
    }

    /// Keeps fees with an open stay; nothing is paid yet.
    public func upload(_ command: FeeUploadCommand) async throws(ClientFault) -> Answer {
        try await keyed { (connection, header) throws(ClientFault) in
            try await connection.upload(command, header)
        }
    }

    /// Takes back an upload, or, with nil, a stay without fees.
    public func cancelFees(
        of admission: AdmissionID, upload: UInt16?
    ) async throws(ClientFault) -> Answer {
        try await keyed { (connection, header) throws(ClientFault) in
            try await connection.cancelFees(of: admission, upload: upload, header)
        }
    }

    /// Says how a discharge would settle the fees of a stay.
    public func quoteDischarge(
        _ command: DischargeCommand, pin: String?
    ) async throws(ClientFault) -> Answer {
        try await keyed { (connection, header) throws(ClientFault) in
            try await connection.quoteDischarge(command, pin: pin, header)
        }
    }

    /// Settles all uploaded fees of a stay and stays with that key until its fate is known.
    ///
    /// - Parameters:
    ///   - command: which stay, with a card of its person; its proof is not used.
    ///   - pin: the card's.
    ///   - handOut: as in `settle`.
    /// - Returns: how it ended; where it was reversed the stay is open as before.
    /// - Throws: as `settle`; `credentials` where the command names no card.
    /// - Source: Protocol/Inpatient.md.
    public func discharge(
        _ command: DischargeCommand, pin: String?, handOut: HandOut = { _ in }
    ) async throws(ClientFault) -> Conclusion {
        guard let card = command.card else { throw .protocolViolation("a discharge needs a card") }
        return try await conclude(.settle, card: card, total: command.total, handOut) {
            (connection, header) throws(ClientFault) in
            try await connection.discharge(command, pin: pin, header)
        }
    }

    /// One page of what a stay consists of.
    public func admissionDetails(
        of admission: AdmissionID, _ view: AdmissionView, from: UInt32 = 0
    ) async throws(ClientFault) -> TerminalResponse {
        try await attempt { (connection) throws(ClientFault) in
            try await connection.admissionDetails(of: admission, view, from: from)
        }.response
    }
}
