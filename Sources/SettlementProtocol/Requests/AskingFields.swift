import Foundation
import Ledger
import SettlementDomain

/// A request message that names a person and the right to ask: fields 4 to 8.
protocol AskingFields {
    var card: Data { get set }
    var idNumber: String { get set }
    var pinBlock: Data { get set }
    var hasIdentity: Bool { get }
    var identity: WireIdentityCheck { get set }
    var gatewaySession: String { get set }
}

extension WireCardService: AskingFields {}

extension RequestDecoder {
    /// Whom a request is about and by what right; a PIN's proof is `absent` still.
    static func asking(_ path: String, _ wire: some AskingFields) throws(RequestFault) -> Asking {
        let subject: Subject
        if wire.idNumber.isEmpty {
            subject = .card(try card(path, wire.card))
        } else {
            guard wire.card.isEmpty else {
                throw .outOfRange("\(path).id_number", "a card is named already")
            }
            subject = .idNumber(try idNumber("\(path).id_number", wire.idNumber))
        }
        return Asking(subject: subject, authority: try authority(path, wire, subject))
    }

    /// The bytes of a PIN block; nil where there are none.
    static func pinBlock(_ bytes: Data) -> [UInt8]? {
        bytes.isEmpty ? nil : [UInt8](bytes)
    }

    /// An ID number with its check character.
    static func idNumber(_ path: String, _ text: String) throws(RequestFault) -> IDNumber {
        guard let number = IDNumber(text) else {
            throw .outOfRange(path, "must be 18 characters with their check character")
        }
        return number
    }

    /// A text that must be there.
    static func requiredText(
        _ path: String, _ value: String, bytesMax: Int
    ) throws(RequestFault) -> String {
        guard !value.isEmpty else { throw .missing(path) }
        return try text(path, value, bytesMax: bytesMax)
    }

    private static func authority(
        _ path: String, _ wire: some AskingFields, _ subject: Subject
    ) throws(RequestFault) -> Authority {
        let rights = [!wire.pinBlock.isEmpty, wire.hasIdentity, !wire.gatewaySession.isEmpty]
        guard rights.count(where: { $0 }) <= 1 else {
            throw .outOfRange(path, "only one of pin_block, identity and gateway_session")
        }
        if wire.hasIdentity {
            return .documents(try identity("\(path).identity", wire.identity))
        }
        if !wire.gatewaySession.isEmpty {
            return .gatewaySession(
                try text(
                    "\(path).gateway_session", wire.gatewaySession,
                    bytesMax: PowerOfAttorney.referenceBytesMax))
        }
        if case .idNumber = subject { return .role }
        return .pin(.absent)
    }

    private static func identity(
        _ path: String, _ wire: WireIdentityCheck
    ) throws(RequestFault) -> IdentityCheck {
        guard let document = UInt8(exactly: wire.document.rawValue).flatMap(IdentityDocument.init)
        else {
            if wire.document == .unspecified { throw .missing("\(path).document") }
            throw .outOfRange("\(path).document", "\(wire.document.rawValue) is no document")
        }
        var proxy: PowerOfAttorney?
        if wire.hasProxy {
            proxy = PowerOfAttorney(
                agentName: try requiredText(
                    "\(path).proxy.agent_name", wire.proxy.agentName,
                    bytesMax: PowerOfAttorney.nameBytesMax),
                agentIDNumber: try idNumber(
                    "\(path).proxy.agent_id_number", wire.proxy.agentIDNumber),
                reference: try requiredText(
                    "\(path).proxy.reference", wire.proxy.reference,
                    bytesMax: PowerOfAttorney.referenceBytesMax),
                validUntil: try requiredDate(
                    "\(path).proxy", "valid_until", wire.proxy.validUntil))
        }
        return IdentityCheck(
            document: document,
            number: try requiredText(
                "\(path).number", wire.number, bytesMax: IdentityCheck.numberBytesMax),
            clerk: try requiredText(
                "\(path).clerk", wire.clerk, bytesMax: IdentityCheck.clerkBytesMax),
            proxy: proxy)
    }
}

extension RequestEncoder {
    /// Puts in whom a request is about and by what right; the PIN as a block.
    static func put<Wire: AskingFields>(
        _ asking: Asking, pinBlock: [UInt8]?, into wire: inout Wire
    ) {
        switch asking.subject {
        case .card(let number): if let number { wire.card = Data(number.bcd) }
        case .idNumber(let number): wire.idNumber = number.clearText
        // Named by a field of its own.
        case .claim: break
        }
        if let pinBlock { wire.pinBlock = Data(pinBlock) }
        switch asking.authority {
        case .pin, .role, .clerk: break
        case .documents(let check): wire.identity = identity(check)
        case .gatewaySession(let reference): wire.gatewaySession = reference
        }
    }

    static func identity(_ check: IdentityCheck) -> WireIdentityCheck {
        var wire = WireIdentityCheck()
        wire.document = WireIdentityDocument(rawValue: Int(check.document.rawValue)) ?? .unspecified
        wire.number = check.number
        wire.clerk = check.clerk
        if let proxy = check.proxy {
            wire.proxy.agentName = proxy.agentName
            wire.proxy.agentIDNumber = proxy.agentIDNumber.clearText
            wire.proxy.reference = proxy.reference
            wire.proxy.validUntil = number(proxy.validUntil)
        }
        return wire
    }
}
