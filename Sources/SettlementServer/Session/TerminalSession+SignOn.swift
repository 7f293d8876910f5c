import CardSecurity
import Ledger
import SettlementDomain
import SettlementProtocol

extension TerminalSession {
    /// The ladder of sign-on: certificate (63), terminal (58), institution (03), PIN algorithm
    /// (40), master key (58), connections (58).
    mutating func signOn(
        _ request: SignOnRequest, _ frame: Frame
    ) throws(SessionRefusal) -> SessionAnswer {
        guard case .expectingSignOn = state, case .terminal(let named) = peer else {
            throw SessionRefusal(code: .invalidTransaction, reason: .alreadySignedOn)
        }
        guard named == request.terminal else {
            throw SessionRefusal(
                code: .securityViolation, reason: .certificateMismatch,
                detail: named.map { "the certificate names terminal \($0)" }
                    ?? "the certificate names no terminal")
        }
        let snapshot = around.references.current
        let (terminal, institution) = try Self.standing(
            of: request.terminal, in: snapshot.reference)
        let algorithms = request.pinAlgorithms.compactMap { PINAlgorithm(rawValue: $0.rawValue) }
        guard let algorithm = algorithms.first(where: \.isAvailable) else {
            throw SessionRefusal(code: .notSupported, reason: .pinAlgorithmUnknown)
        }
        let pins = try openPINSession(terminal, algorithm, request.masterKeyCheckValue)
        guard around.terminals.acquire(terminal.id) else {
            throw SessionRefusal(
                code: .notPermittedToTerminal, reason: .tooManyConnections,
                detail: "at most \(around.limits.connectionsPerTerminalMax) for one terminal")
        }
        state = .signedOn(
            SignedOn(
                terminal: terminal, institution: institution, pins: pins, snapshot: snapshot))
        let grant = grant(terminal, institution, pins, snapshot.reference)
        return approved(frame, ResponseEncoder.signOn(grant, fields(request.header)))
    }

    /// Terminal and institution, where both may make transactions.
    static func standing(
        of id: TerminalID, in reference: Reference
    ) throws(SessionRefusal) -> (terminal: TerminalRow, institution: InstitutionRow) {
        guard let terminal = reference.terminals[id] else {
            throw SessionRefusal(code: .notPermittedToTerminal, reason: .terminalUnknown)
        }
        guard !terminal.blocked else {
            throw SessionRefusal(code: .notPermittedToTerminal, reason: .terminalBlocked)
        }
        guard terminal.role != .operator else {
            throw SessionRefusal(
                code: .notPermittedToTerminal, reason: .roleNotPermitted,
                detail: "role operator is for the local socket")
        }
        guard let institution = reference.institutions[terminal.institution] else {
            throw SessionRefusal(code: .institutionInvalid, reason: .institutionUnknown)
        }
        switch institution.institution.contract {
        case .active: return (terminal, institution)
        case .suspended:
            throw SessionRefusal(code: .institutionInvalid, reason: .institutionSuspended)
        case .terminated:
            throw SessionRefusal(code: .institutionInvalid, reason: .institutionTerminated)
        }
    }

    /// The master key may be missing only where the role never sends a PIN.
    private func openPINSession(
        _ terminal: TerminalRow, _ algorithm: PINAlgorithm, _ checkValue: [UInt8]
    ) throws(SessionRefusal) -> (any PINSession)? {
        do throws(CardSecurityFault) {
            return try around.vault.openSession(
                terminal: terminal.id.text, algorithm: algorithm,
                masterKey: KeyCheckValue(bytes: checkValue))
        } catch {
            if case .masterKeyDiffers = error {
                throw SessionRefusal(
                    code: .notPermittedToTerminal, reason: .terminalUnknown,
                    detail: "master_key_check_value: the terminal's master key is another one")
            }
            guard case .terminalUnknown = error else {
                throw SessionRefusal(
                    code: .unavailable, reason: .none, detail: "no PIN key can be made")
            }
            guard !terminal.role.permits(.cardInquiry) else {
                throw SessionRefusal(
                    code: .notPermittedToTerminal, reason: .terminalUnknown,
                    detail: "the terminal has no master key")
            }
            return nil
        }
    }

    private func grant(
        _ terminal: TerminalRow, _ institution: InstitutionRow, _ pins: (any PINSession)?,
        _ reference: Reference
    ) -> SignOnGrant {
        let catalog = reference.catalog(on: reference.businessDate)
        let policy = reference.policy(
            of: institution.institution.region, on: reference.businessDate)
        return SignOnGrant(
            wrappedPINKey: pins?.wrappedKey.wrapped ?? [],
            pinKeyCheckValue: pins?.wrappedKey.checkValue ?? [],
            pinAlgorithm: pins.flatMap { PINKeyAlgorithm(rawValue: $0.algorithm.rawValue) },
            catalogVersion: catalog?.version,
            catalogEntries: UInt32(clamping: catalog?.entries.count ?? 0),
            policyVersion: policy?.version, role: terminal.role,
            institution: institution.institution.id,
            institutionName: institution.institution.name,
            idleSeconds: UInt32(clamping: around.limits.idleSeconds),
            frameBytesMax: UInt32(clamping: around.limits.frameBytesMax),
            inFlightMax: UInt32(clamping: around.limits.inFlightMax))
    }
}
