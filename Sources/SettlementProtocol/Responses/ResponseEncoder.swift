import Foundation
import Ledger
import SettlementDomain

/// Writes the bodies of responses.
///
/// May be called on any thread.
///
/// - Source: Protocol/Messages.md.
public enum ResponseEncoder {
    /// A response that has nothing but its result: sign-off, notices, every refusal by the session.
    public static func result(_ result: ResultFields) -> [UInt8] {
        WireResult(result).bodyBytes
    }

    /// A response that has nothing but its result.
    public static func result(
        code: ResponseCode, reason: Reason, detail: String = "", businessDate: CivilDate?,
        time: Int64
    ) -> [UInt8] {
        result(
            ResultFields(
                code: code, reason: reason, businessDate: businessDate, time: time,
                detail: detail))
    }

    /// The answer to a sign-on that was granted.
    public static func signOn(_ grant: SignOnGrant, _ result: ResultFields) -> [UInt8] {
        var wire = WireSignOnResponse(result)
        wire.wrappedPinKey = Data(grant.wrappedPINKey)
        wire.pinKeyCheckValue = Data(grant.pinKeyCheckValue)
        wire.pinAlgorithm =
            grant.pinAlgorithm.flatMap { WirePINAlgorithm(rawValue: Int($0.rawValue)) }
            ?? .unspecified
        wire.catalogVersion = grant.catalogVersion?.rawValue ?? 0
        wire.catalogEntries = grant.catalogEntries
        wire.policyVersion = grant.policyVersion?.rawValue ?? 0
        wire.role = WireRole(rawValue: Int(grant.role.rawValue)) ?? .unspecified
        wire.institution = grant.institution.text
        wire.institutionName = grant.institutionName
        wire.idleSeconds = grant.idleSeconds
        wire.frameBytesMax = grant.frameBytesMax
        wire.inFlightMax = grant.inFlightMax
        return wire.bodyBytes
    }

    /// The answer to an echo.
    public static func echo(_ versions: VersionsInForce, _ result: ResultFields) -> [UInt8] {
        var wire = WireEchoResponse(result)
        wire.catalogVersion = versions.catalog?.rawValue ?? 0
        wire.policyVersion = versions.policy?.rawValue ?? 0
        return wire.bodyBytes
    }

    /// The answer to a request for the ledger or an operator's registrations.
    ///
    /// Its type is Ledger's `ResponseEncoding`.
    @Sendable
    public static func encode(_ outcome: Outcome, _ kind: RequestKind) -> [UInt8] {
        switch outcome.payload {
        case .none: result(ResultFields(outcome))
        case .settlement(let answer): settlement(answer, ResultFields(outcome))
        case .inquiry(let answer): inquiry(answer, ResultFields(outcome))
        case .family(let link): family(link, ResultFields(outcome))
        case .cardService(let answer): cardService(answer, ResultFields(outcome))
        case .contribution(let answer): contribution(answer, ResultFields(outcome))
        case .declaration(let lines): declaration(lines, ResultFields(outcome))
        case .status(let answer): status(answer, ResultFields(outcome))
        case .undone(let answer): undone(answer, ResultFields(outcome))
        case .admission(let answer): admission(answer, ResultFields(outcome))
        case .claim(let answer): claim(answer, ResultFields(outcome))
        case .admissionDetails(let answer): admissionDetails(answer, ResultFields(outcome))
        case .receiptCopy(let answer): receiptCopy(answer, ResultFields(outcome))
        case .registered(let results): registered(results, ResultFields(outcome))
        }
    }

    /// Makes the body of a recorded answer say that it was recorded before.
    public static func markReplayed(_ body: inout [UInt8]) {
        // Field 3, varint, true. The last of several values of a field holds.
        body.append(0x18)
        body.append(0x01)
    }

    static func inquiry(_ answer: InquiryAnswer, _ result: ResultFields) -> [UInt8] {
        var wire = WireCardInquiryResponse(result)
        let person = answer.person
        wire.nameMasked = answer.nameMasked
        wire.insuranceType =
            WireInsuranceType(rawValue: Int(person.insuranceType.rawValue)) ?? .unspecified
        wire.personCategory =
            WirePersonCategory(rawValue: Int(person.category.rawValue)) ?? .unspecified
        wire.coverage = WireCoverageStatus(rawValue: Int(person.coverage.rawValue)) ?? .unspecified
        wire.hasAccount_p = person.hasAccount
        wire.balance = answer.balance.fen
        wire.region = person.region.rawValue
        wire.accumulators = answer.accumulators.map(accumulator)
        return wire.bodyBytes
    }

    static func status(_ answer: StatusAnswer, _ result: ResultFields) -> [UInt8] {
        var wire = WireSettlementStatusResponse(result)
        wire.state = WireOriginalState(rawValue: Int(answer.state.rawValue)) ?? .unspecified
        wire.originalKind = answer.kind.map { UInt32($0.rawValue) } ?? 0
        if !answer.response.isEmpty { wire.originalResponse = Data(answer.response) }
        return wire.bodyBytes
    }

    static func accumulator(_ row: AccumulatorRow) -> WireAccumulator {
        var wire = WireAccumulator()
        wire.year = UInt32(row.key.year)
        wire.category =
            WireBenefitCategory(rawValue: Int(row.key.category.rawValue)) ?? .unspecified
        wire.deductibleUsed = row.used.deductibleUsed.fen
        wire.pooledUsed = row.used.pooledUsed.fen
        wire.largeUsed = row.used.largeUsed.fen
        return wire
    }
}
