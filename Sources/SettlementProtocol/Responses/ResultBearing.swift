import Ledger
import SettlementDomain
import SwiftProtobuf

/// A response message: its fields 1 to 8 are those of `Result`.
protocol ResultBearing: Message {
    var code: WireResponseCode { get set }
    var reason: WireReason { get set }
    var replayed: Bool { get set }
    var businessDate: UInt32 { get set }
    var time: Int64 { get set }
    var detail: String { get set }
    var clockDifference: Int32 { get set }
    var triesLeft: UInt32 { get set }
}

extension WireResult: ResultBearing {}
extension WireSignOnResponse: ResultBearing {}
extension WireEchoResponse: ResultBearing {}
extension WireCatalogPageResponse: ResultBearing {}
extension WireCardInquiryResponse: ResultBearing {}
extension WireSettleResponse: ResultBearing {}
extension WireSettlementStatusResponse: ResultBearing {}
extension WireUndoResponse: ResultBearing {}
extension WireAdmissionResponse: ResultBearing {}
extension WireAdmissionDetailsResponse: ResultBearing {}
extension WireReceiptCopyResponse: ResultBearing {}
extension WireReconciliationTotalsResponse: ResultBearing {}
extension WireReconciliationDetailsResponse: ResultBearing {}
extension WireReconciliationDifferencesResponse: ResultBearing {}
extension WireOperatorResponse: ResultBearing {}

extension ResultBearing {
    /// Creates a response with these fields and nothing else.
    init(_ result: ResultFields) {
        self.init()
        code = WireResponseCode(rawValue: Int(result.code.rawValue)) ?? .malfunction
        reason = WireReason(rawValue: Int(result.reason.rawValue)) ?? WireReason.none
        replayed = result.replayed
        if let date = result.businessDate { businessDate = UInt32(date.yyyymmdd) }
        time = result.time
        if !result.detail.isEmpty { detail = result.reportedDetail }
        clockDifference = result.reportedClockDifference
        triesLeft = UInt32(result.triesLeft)
    }

    /// The fields as a client reads them; nil for a code that this version does not know.
    var resultFields: ResultFields? {
        guard let code = UInt8(exactly: self.code.rawValue).flatMap(ResponseCode.init) else {
            return nil
        }
        return ResultFields(
            code: code,
            reason: UInt16(exactly: reason.rawValue).flatMap(Reason.init) ?? Reason.none,
            replayed: replayed,
            businessDate: Int32(exactly: businessDate).flatMap(CivilDate.init(yyyymmdd:)),
            time: time, detail: detail, clockDifference: Int64(clockDifference),
            triesLeft: UInt8(clamping: triesLeft))
    }
}
