import Foundation
import Ledger
import NIOCore
import SettlementDomain

extension RequestDecoder {
    /// Reads the body of a contribution payment.
    static func contributionPayment(_ body: ByteBuffer) throws(RequestFault) -> LedgerMessage {
        let path = "contribution_payment"
        guard let wire = WireContributionPayment(body: body) else { throw unreadable(path) }
        let header = try keyedHeader(path, wire.businessDate, wire.stan, wire.terminalTime)
        guard wire.hasLine else { throw .missing("\(path).line") }
        return LedgerMessage(
            header: header, command: .contribute(.pay(contributionLine(wire.line))), pinBlock: nil,
            voucher: voucher(.contributionPayment, wire.bodyBytes))
    }

    /// A line as far as it can be read; what cannot is the ledger's to refuse.
    static func contributionLine(_ wire: WireContributionLine) -> ContributionLine {
        var name = String(validating: wire.name, as: UTF8.self)
        if name?.isEmpty != false || wire.name.count > ContributionLine.nameBytesMax { name = nil }
        let employer: ContributionLine.Employer
        if wire.employer.isEmpty {
            employer = .registered
        } else if let text = String(validating: wire.employer, as: UTF8.self),
            let institution = InstitutionID(text)
        {
            employer = .named(institution)
        } else {
            employer = .unreadable
        }
        return ContributionLine(
            name: name,
            idNumber: String(validating: wire.idNumber, as: UTF8.self).flatMap(IDNumber.init(_:)),
            period: ContributionPeriod(yyyymm: wire.period), base: Money(fen: wire.base),
            employerPart: Money(fen: wire.employerPart),
            individualPart: Money(fen: wire.individualPart), employer: employer)
    }
}

extension RequestEncoder {
    /// The body of a contribution payment.
    public static func contributionPayment(
        _ header: RequestHeader, _ line: ContributionLine
    ) -> [UInt8] {
        var wire = WireContributionPayment()
        wire.businessDate = number(header.businessDate)
        wire.stan = header.stan
        wire.terminalTime = header.terminalTime
        wire.line = contributionLine(line)
        return wire.bodyBytes
    }

    static func contributionLine(_ line: ContributionLine) -> WireContributionLine {
        var wire = WireContributionLine()
        wire.name = Data((line.name ?? "").utf8)
        wire.idNumber = Data((line.idNumber?.clearText ?? "").utf8)
        wire.period = line.period?.yyyymm ?? 0
        wire.base = line.base.fen
        wire.employerPart = line.employerPart.fen
        wire.individualPart = line.individualPart.fen
        switch line.employer {
        case .registered: break
        case .named(let institution): wire.employer = Data(institution.text.utf8)
        case .unreadable: wire.employer = Data([0xff])
        }
        return wire
    }
}

extension WireContributionPaymentResponse: ResultBearing {}

extension ResponseEncoder {
    static func contribution(_ answer: ContributionAnswer, _ result: ResultFields) -> [UInt8] {
        var wire = WireContributionPaymentResponse(result)
        wire.nameMasked = answer.nameMasked
        wire.period = answer.row.key.period.yyyymm
        wire.credited = answer.row.credited.fen
        wire.pooled = (answer.row.paid - answer.row.credited).fen
        wire.hasAccount_p = answer.balance != nil
        wire.balance = answer.balance?.fen ?? 0
        wire.coverage = WireCoverageStatus(rawValue: Int(answer.coverage.rawValue)) ?? .unspecified
        if answer.coverage == .suspended {
            wire.coveredFrom = UInt32(answer.standing.coveredFrom?.yyyymmdd ?? 0)
        }
        wire.paidThrough = answer.standing.paidThrough?.yyyymm ?? 0
        return wire.bodyBytes
    }
}

/// What a contribution payment did.
public struct ContributionResponse: Sendable, Hashable {
    /// The person's name, masked.
    public var nameMasked: String
    /// What was paid for.
    public var period: ContributionPeriod
    /// Credited to the individual account.
    public var credited: Money
    /// Paid into the pooled fund.
    public var pooled: Money
    /// The individual account's balance after it; nil: there is none.
    public var balance: Money?
    /// On the business date, after it.
    public var coverage: CoverageStatus
    /// With suspended coverage, the day from which it is active again; nil: not yet.
    public var coveredFrom: CivilDate?
    /// The newest month paid for.
    public var paidThrough: ContributionPeriod?
}

extension ResponseDecoder {
    static func contribution(_ body: ByteBuffer) throws(ResponseFault) -> ContributionResponse {
        let wire: WireContributionPaymentResponse = try message(.contributionPayment, body)
        guard let period = ContributionPeriod(yyyymm: wire.period) else { throw .field("period") }
        guard let coverage = UInt8(exactly: wire.coverage.rawValue).flatMap(CoverageStatus.init)
        else { throw .field("coverage") }
        return ContributionResponse(
            nameMasked: wire.nameMasked, period: period, credited: try amount(wire.credited),
            pooled: try amount(wire.pooled),
            balance: wire.hasAccount_p ? try amount(wire.balance) : nil, coverage: coverage,
            coveredFrom: Int32(exactly: wire.coveredFrom).flatMap(CivilDate.init(yyyymmdd:)),
            paidThrough: ContributionPeriod(yyyymm: wire.paidThrough))
    }
}
