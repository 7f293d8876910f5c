import Foundation
import Ledger
import NIOCore
import SettlementDomain

extension WireContributionRecordsResponse: ResultBearing {}

extension ResponseEncoder {
    static func record(_ row: ContributionRow) -> WireContributionRecord {
        var wire = WireContributionRecord()
        wire.period = row.key.period.yyyymm
        wire.base = row.base.fen
        wire.employerPart = row.employerPart.fen
        wire.individualPart = row.individualPart.fen
        wire.credited = row.credited.fen
        wire.paidDate = UInt32(row.paidDate.yyyymmdd)
        wire.collector = row.collector.text
        wire.employer = row.employer?.text ?? ""
        return wire
    }
}

/// A page of a person's contributions, as a terminal sees it.
public struct ContributionList: Sendable, Hashable {
    /// The person's name, masked.
    public var nameMasked: String
    /// The newest period first.
    public var records: [Record]
    /// Goes into the question for the next page; nil: this was the last.
    public var next: ContributionPeriod?

    /// One period.
    public struct Record: Sendable, Hashable {
        /// Which.
        public var period: ContributionPeriod
        /// The month's base; zero of a resident's year.
        public var base: Money
        /// What the employer paid.
        public var employerPart: Money
        /// What the person paid.
        public var individualPart: Money
        /// What of both went to the individual account.
        public var credited: Money
        /// The business date of booking; nil: one that is no date.
        public var paidDate: CivilDate?
        /// Who collected it.
        public var collector: String
        /// The employer that paid; empty: the person paid all.
        public var employer: String
    }
}

extension ResponseDecoder {
    static func contributionRecords(_ body: ByteBuffer) throws(ResponseFault) -> ContributionList {
        let wire: WireContributionRecordsResponse = try message(.contributionRecords, body)
        var list = ContributionList(
            nameMasked: wire.nameMasked, records: [],
            next: UInt32(exactly: wire.next).flatMap(ContributionPeriod.init(yyyymm:)))
        for record in wire.records {
            guard let period = ContributionPeriod(yyyymm: record.period) else {
                throw .field("records.period")
            }
            list.records.append(
                ContributionList.Record(
                    period: period, base: try amount(record.base),
                    employerPart: try amount(record.employerPart),
                    individualPart: try amount(record.individualPart),
                    credited: try amount(record.credited),
                    paidDate: Int32(exactly: record.paidDate).flatMap(CivilDate.init(yyyymmdd:)),
                    collector: record.collector, employer: record.employer))
        }
        return list
    }
}
