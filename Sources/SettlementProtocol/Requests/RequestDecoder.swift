import Ledger
import NIOCore
import SettlementDomain

/// Reads the bodies of requests.
///
/// What a request says is judged here only as far as its form goes; amounts, cards and states are
/// the ledger's business. May be called on any thread.
/// - Source: Protocol/Messages.md.
public enum RequestDecoder {
    /// The most lines that are read; from 201 to here the ledger refuses them with a recorded 13.
    public static let linesReadMax = 1000

    /// The kind of a request's frame.
    ///
    /// - Throws: code 40 for a number that is no request and for one that this version does not serve.
    public static func kind(_ number: UInt8) throws(RequestFault) -> RequestKind {
        guard let kind = RequestKind(rawValue: number), kind.isServed else {
            throw RequestFault(
                code: .notSupported, reason: .kindUnknown,
                detail: "frame.kind: \(FrameFault.hex(number)) is not served in this version")
        }
        return kind
    }

    /// Reads the body of a frame of this kind number.
    public static func decode(
        _ number: UInt8, _ body: ByteBuffer
    ) throws(RequestFault) -> TerminalRequest {
        try decode(kind(number), body)
    }

    /// Reads the body of a request of this kind.
    ///
    /// - Throws: code 30 with the field's path, or 40 for a kind that this version does not serve.
    public static func decode(
        _ kind: RequestKind, _ body: ByteBuffer
    ) throws(RequestFault) -> TerminalRequest {
        switch kind {
        case .signOn: .signOn(try signOn(body))
        case .signOff: .signOff(try signOff(body))
        case .echo: .echo(try echo(body))
        case .catalogPage: .catalogPage(try catalogPage(body))
        case .cardInquiry: .ledger(try cardInquiry(body))
        case .quote, .settle: .ledger(try settle(kind, body))
        case .pinChange, .lossReport, .lossWithdrawal, .cardReissue, .pinUnlock:
            .ledger(try cardService(kind, body))
        case .familyLink, .familyUnlink: .ledger(try family(kind, body))
        case .transactionList, .monthlyEntries, .annualStatement, .contributionRecords,
            .familyList, .accessLog, .claimStatus:
            .ledger(try personQuery(kind, body))
        case .contributionPayment: .ledger(try contributionPayment(body))
        case .contributionDeclaration: .ledger(try contributionDeclaration(body))
        case .claimSubmit: .ledger(try claimSubmit(body))
        case .claimReview: .ledger(try claimReview(body))
        case .claimDecide: .ledger(try claimDecide(body))
        case .claimPay: .ledger(try claimPay(body))
        case .admit: .ledger(try admit(body))
        case .feeUpload: .ledger(try feeUpload(body))
        case .feeCancel: .ledger(try feeCancel(body))
        case .discharge, .dischargeQuote: .ledger(try discharge(kind, body))
        case .admissionDetails: .admissionDetails(try admissionDetails(body))
        case .void: .ledger(try void(body))
        case .refund: .ledger(try refund(body))
        case .reversal: .reversal(try reversal(body))
        case .receiptCopy: .receiptCopy(try receiptCopy(body))
        case .reconciliationTotals: .reconciliationTotals(try reconciliationTotals(body))
        case .reconciliationDetails: .reconciliationDetails(try reconciliationDetails(body))
        case .reconciliationDifferences:
            .reconciliationDifferences(try reconciliationDifferences(body))
        case .dayClose: .dayClose(try dayClose(body))
        case .settlementStatus: .settlementStatus(try settlementStatus(body))
        case .operatorApply: .operatorApply(try operatorApply(body))
        case .operatorQuery: .operatorQuery(try operatorQuery(body))
        case .operatorMaintenance: .operatorMaintenance(try operatorMaintenance(body))
        default:
            throw RequestFault(
                code: .notSupported, reason: .kindUnknown,
                detail: "frame.kind: \(FrameFault.hex(kind.rawValue)) is not served in this version"
            )
        }
    }

    static func unreadable(_ path: String) -> RequestFault {
        .format(.bodyUnreadable, path, "the body is no message of this kind")
    }

    // MARK: Headers

    /// The header of a request whose answer is not recorded: any STAN, the date may be missing.
    static func header(
        _ path: String, _ businessDate: UInt32, _ stan: UInt32, _ terminalTime: Int64
    ) throws(RequestFault) -> RequestHeader {
        RequestHeader(
            businessDate: try date("\(path).business_date", businessDate), stan: stan,
            terminalTime: terminalTime)
    }

    /// The header of a request for the ledger: date and STAN make its key.
    static func keyedHeader(
        _ path: String, _ businessDate: UInt32, _ stan: UInt32, _ terminalTime: Int64
    ) throws(RequestFault) -> RequestHeader {
        let date = try requiredDate(path, "business_date", businessDate)
        try checkSTAN(path, "stan", stan)
        return RequestHeader(businessDate: date, stan: stan, terminalTime: terminalTime)
    }

    /// A date; nil for 0.
    static func date(
        _ path: @autoclosure () -> String, _ value: UInt32
    ) throws(RequestFault) -> CivilDate? {
        guard value != 0 else { return nil }
        guard let number = Int32(exactly: value), let date = CivilDate(yyyymmdd: number) else {
            throw .outOfRange(path(), "\(value) is no date YYYYMMDD")
        }
        return date
    }

    static func requiredDate(
        _ path: String, _ field: String, _ value: UInt32
    ) throws(RequestFault) -> CivilDate {
        guard let date = try date("\(path).\(field)", value) else {
            throw .missing("\(path).\(field)")
        }
        return date
    }

    static func checkSTAN(
        _ path: String, _ field: String, _ stan: UInt32
    ) throws(RequestFault) {
        guard stan >= 1, stan <= RequestKey.stanMax else {
            throw .format(.stanOutOfRange, "\(path).\(field)", "\(stan), must be 1...999999")
        }
    }

    /// Holds a text to its longest form, and to characters that every store can keep.
    static func text(
        _ path: String, _ value: String, bytesMax: Int
    ) throws(RequestFault) -> String {
        guard value.utf8.count <= bytesMax else {
            throw .outOfRange(path, "\(value.utf8.count) bytes, at most \(bytesMax)")
        }
        // PostgreSQL takes no U+0000 in a text, and refuses everything that was sent with it.
        guard !value.utf8.contains(0) else { throw .outOfRange(path, "must have no U+0000") }
        return value
    }
}
