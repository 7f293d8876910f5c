import Foundation
import Ledger
import NIOCore
import SettlementDomain

/// Reads the bodies of responses, for terminals and tools.
///
/// May be called on any thread.
///
/// - Source: Protocol/Messages.md.
public enum ResponseDecoder {
    /// Reads the response of a frame.
    public static func decode(
        _ frame: Frame, terminal: TerminalID? = nil
    ) throws(ResponseFault) -> TerminalResponse {
        try decode(frame.kind, frame.body, terminal: terminal)
    }

    /// Reads the body of a frame of this kind number, its response bit set.
    ///
    /// - Parameters:
    ///   - number: the frame's kind.
    ///   - body: its body.
    ///   - terminal: who asked; a reconciliation's answer leaves its name out.
    /// - Returns: the response.
    /// - Throws: `ResponseFault` where the body is no answer to such a request.
    public static func decode(
        _ number: UInt8, _ body: ByteBuffer, terminal: TerminalID? = nil
    ) throws(ResponseFault) -> TerminalResponse {
        guard number & Frame.responseBit != 0 else { throw .kind(number) }
        let result = try result(WireResult(body: body), number)
        if number == Frame.noticeKind { return TerminalResponse(result: result, payload: .none) }
        guard let kind = RequestKind(rawValue: number & ~Frame.responseBit) else {
            throw .kind(number)
        }
        return TerminalResponse(
            result: result, payload: try payload(kind, result, body, terminal))
    }

    private static func payload(
        _ kind: RequestKind, _ result: ResultFields, _ body: ByteBuffer, _ terminal: TerminalID?
    ) throws(ResponseFault) -> TerminalResponse.Payload {
        let isApproved = result.code.isApproval
        switch kind {
        case .signOn: return isApproved ? .signOn(try signOn(body)) : .none
        case .echo: return isApproved ? .echo(try echo(body)) : .none
        case .catalogPage: return isApproved ? .catalogPage(try catalogPage(body)) : .none
        case .cardInquiry: return isApproved ? .inquiry(try inquiry(body)) : .none
        case .pinChange, .lossReport, .lossWithdrawal, .cardReissue, .pinUnlock:
            return isApproved ? .cardService(try cardService(kind, body)) : .none
        case .contributionPayment:
            return isApproved ? .contribution(try contribution(body)) : .none
        case .contributionDeclaration:
            return isApproved ? .declaration(try declaration(body)) : .none
        case .transactionList: return isApproved ? .transactions(try transactionList(body)) : .none
        case .monthlyEntries: return isApproved ? .months(try monthlyEntries(body)) : .none
        case .contributionRecords:
            return isApproved ? .contributionRecords(try contributionRecords(body)) : .none
        case .familyLink, .familyUnlink: return isApproved ? .family(try family(kind, body)) : .none
        case .familyList: return isApproved ? .familyList(try familyList(body)) : .none
        case .claimSubmit, .claimReview, .claimDecide, .claimPay:
            return isApproved ? .claims(try claim(kind, body)) : .none
        case .claimStatus: return isApproved ? .claims(try claimList(body)) : .none
        case .annualStatement: return isApproved ? .annual(try annualStatement(body)) : .none
        case .accessLog: return isApproved ? .accesses(try accessLog(body)) : .none
        case .quote, .settle, .discharge, .dischargeQuote: return try settlement(kind, body)
        case .admit, .feeUpload, .feeCancel: return try admission(kind, body)
        case .admissionDetails: return try admissionDetails(body)
        case .settlementStatus: return isApproved ? .status(try status(body)) : .none
        case .void, .refund, .reversal: return try undone(kind, body)
        case .receiptCopy: return isApproved ? .receiptCopy(try receiptCopy(body)) : .none
        case .reconciliationTotals: return try reconciliationTotals(body)
        case .reconciliationDetails: return try reconciliationDetails(body, terminal: terminal)
        case .reconciliationDifferences:
            return try reconciliationDifferences(body, terminal: terminal)
        case .operatorApply, .operatorQuery, .operatorMaintenance:
            return try operatorPayload(kind, body)
        default: return .none
        }
    }

    /// The message of a response's body.
    static func message<Wire: ResultBearing>(
        _ kind: RequestKind, _ body: ByteBuffer, _ type: Wire.Type = Wire.self
    ) throws(ResponseFault) -> Wire {
        guard let wire = Wire(body: body) else { throw .unreadable(kind: kind.responseKind) }
        return wire
    }

    private static func result(
        _ wire: WireResult?, _ number: UInt8
    ) throws(ResponseFault) -> ResultFields {
        guard let wire else { throw .unreadable(kind: number) }
        guard let result = wire.resultFields else { throw .code }
        return result
    }

    private static func signOn(_ body: ByteBuffer) throws(ResponseFault) -> SignOnGrant {
        let wire: WireSignOnResponse = try message(.signOn, body)
        guard let role = UInt8(exactly: wire.role.rawValue).flatMap(Role.init(rawValue:)) else {
            throw .field("role")
        }
        guard let institution = InstitutionID(wire.institution) else {
            throw .field("institution")
        }
        return SignOnGrant(
            wrappedPINKey: [UInt8](wire.wrappedPinKey),
            pinKeyCheckValue: [UInt8](wire.pinKeyCheckValue),
            pinAlgorithm: UInt8(exactly: wire.pinAlgorithm.rawValue)
                .flatMap(PINKeyAlgorithm.init(rawValue:)),
            catalogVersion: version(wire.catalogVersion), catalogEntries: wire.catalogEntries,
            policyVersion: version(wire.policyVersion), role: role, institution: institution,
            institutionName: wire.institutionName, idleSeconds: wire.idleSeconds,
            frameBytesMax: wire.frameBytesMax, inFlightMax: wire.inFlightMax)
    }

    private static func echo(_ body: ByteBuffer) throws(ResponseFault) -> VersionsInForce {
        let wire: WireEchoResponse = try message(.echo, body)
        return VersionsInForce(
            catalog: version(wire.catalogVersion), policy: version(wire.policyVersion))
    }

    private static func status(_ body: ByteBuffer) throws(ResponseFault) -> StatusAnswer {
        let wire: WireSettlementStatusResponse = try message(.settlementStatus, body)
        let kind = UInt8(exactly: wire.originalKind).flatMap(RequestKind.init(rawValue:))
        return StatusAnswer(
            state: try state(wire.state), kind: kind, response: [UInt8](wire.originalResponse))
    }

    /// An amount within what amounts may be, so that none that is reckoned of it overflows.
    static func amount(_ fen: Int64) throws(ResponseFault) -> Money {
        let amount = Money(fen: fen)
        guard amount.isInRange else { throw .field("an amount") }
        return amount
    }

    /// A version; nil for 0.
    static func version<Version: RawRepresentable>(_ number: UInt32) -> Version?
    where Version.RawValue == UInt32 {
        number == 0 ? nil : Version(rawValue: number)
    }

    /// An enumeration's value of its number on the wire.
    static func choice<Value: NamedCode>(
        _ number: Int, _ field: String
    ) throws(ResponseFault) -> Value {
        guard let value = UInt8(exactly: number).flatMap(Value.init(rawValue:)) else {
            throw .field(field)
        }
        return value
    }
}
