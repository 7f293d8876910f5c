import Foundation
import Ledger
import NIOCore
import SettlementDomain

extension WirePersonQuery: AskingFields {}

extension RequestDecoder {
    /// Rows of a page where a query names none.
    private static var rowsByDefault: UInt32 { 100 }

    /// Reads the body of a query about a person's records.
    static func personQuery(
        _ kind: RequestKind, _ body: ByteBuffer
    ) throws(RequestFault) -> LedgerMessage {
        let path = "person_query"
        guard var wire = WirePersonQuery(body: body) else { throw unreadable(path) }
        let header = try keyedHeader(path, wire.businessDate, wire.stan, wire.terminalTime)
        let query: PersonQuery
        if kind == .claimStatus, !wire.claim.isEmpty {
            let question = try question(kind, path, wire)
            query = PersonQuery(asking: try claimAsking(path, wire), question: question)
        } else {
            query = PersonQuery(
                asking: try asking(path, wire), question: try question(kind, path, wire))
        }
        let pinBlock = pinBlock(wire.pinBlock)
        wire.pinBlock = Data()
        return LedgerMessage(
            header: header, command: .query(query), pinBlock: pinBlock,
            voucher: voucher(kind, wire.bodyBytes))
    }

    /// A query that names a claim is about its person; the clerk's work on it is the right.
    private static func claimAsking(
        _ path: String, _ wire: WirePersonQuery
    ) throws(RequestFault) -> Asking {
        let isPersonNamed =
            !wire.card.isEmpty || !wire.idNumber.isEmpty || !wire.pinBlock.isEmpty
            || wire.hasIdentity || !wire.gatewaySession.isEmpty
        if isPersonNamed { throw .outOfRange("\(path).claim", "a person is named already") }
        return Asking(
            subject: .claim(try claim(path, wire.claim)),
            authority: .clerk(try clerk(path, wire.clerk)))
    }

    private static func question(
        _ kind: RequestKind, _ path: String, _ wire: WirePersonQuery
    ) throws(RequestFault) -> PersonQuery.Question {
        let count = wire.count == 0 ? rowsByDefault : wire.count
        guard count <= UInt32(TransactionQuestion.limitMax) else {
            throw .outOfRange("\(path).count", "\(count), at most \(TransactionQuestion.limitMax)")
        }
        let before = try cursor("\(path).before", wire.before)
        switch kind {
        case .monthlyEntries: return .months(try months(path, wire))
        case .annualStatement:
            return .annual(year: try requiredDate(path, "from_date", wire.fromDate).year)
        case .contributionRecords:
            return .contributions(
                before: try period("\(path).before", wire.before), limit: Int(count))
        case .familyList: return .family(before: before, limit: Int(count))
        case .accessLog: return .accesses(before: before, limit: Int(count))
        case .claimStatus where wire.claim.isEmpty:
            return .claims(before: before, limit: Int(count))
        case .claimStatus:
            return .claim(
                try claim(path, wire.claim), from: before.map { Int(clamping: $0) - 1 })
        default: break
        }
        let from = try date("\(path).from_date", wire.fromDate)
        let through = try date("\(path).through_date", wire.throughDate)
        if let from, let through, through < from {
            throw .outOfRange("\(path).through_date", "\(through) is before from_date \(from)")
        }
        var kinds: Set<RequestKind> = []
        for (index, number) in wire.kinds.enumerated() {
            guard let kind = UInt8(exactly: number).flatMap(RequestKind.init) else {
                throw .outOfRange("\(path).kinds[\(index)]", "\(number) is no kind of frame")
            }
            kinds.insert(kind)
        }
        var institution: InstitutionID?
        if !wire.institution.isEmpty {
            institution = InstitutionID(wire.institution)
            guard institution != nil else {
                throw .outOfRange("\(path).institution", "is no institution's code")
            }
        }
        return .transactions(
            TransactionQuestion(
                from: from, through: through, before: before,
                asOf: try cursor("\(path).as_of", wire.asOf), kinds: kinds,
                institution: institution, limit: Int(count)))
    }

    private static func months(
        _ path: String, _ wire: WirePersonQuery
    ) throws(RequestFault) -> MonthQuestion {
        let from = try requiredDate(path, "from_date", wire.fromDate)
        let through = try date("\(path).through_date", wire.throughDate) ?? from
        let count = (through.year - from.year) * 12 + through.month - from.month + 1
        guard (1...MonthQuestion.countMax).contains(count) else {
            throw .outOfRange(
                "\(path).through_date", "\(count) months, not 1...\(MonthQuestion.countMax)")
        }
        return MonthQuestion(from: from.startOfMonth, count: count)
    }

    /// A period as a cursor; nil for 0.
    private static func period(
        _ path: String, _ value: UInt64
    ) throws(RequestFault) -> ContributionPeriod? {
        guard value != 0 else { return nil }
        guard let period = UInt32(exactly: value).flatMap(ContributionPeriod.init(yyyymm:)) else {
            throw .outOfRange(path, "is no cursor of this daemon")
        }
        return period
    }

    /// A cursor; nil for 0.
    private static func cursor(
        _ path: String, _ value: UInt64
    ) throws(RequestFault) -> UInt64? {
        guard value < UInt64(Int64.max) else {
            throw .outOfRange(path, "is no cursor of this daemon")
        }
        return value == 0 ? nil : value
    }
}

extension RequestEncoder {
    /// The body of a query about a person's records; its proof is not written.
    public static func personQuery(
        _ header: RequestHeader, _ query: PersonQuery, pinBlock: [UInt8]?
    ) -> [UInt8] {
        var wire = WirePersonQuery()
        wire.businessDate = number(header.businessDate)
        wire.stan = header.stan
        wire.terminalTime = header.terminalTime
        put(query.asking, pinBlock: pinBlock, into: &wire)
        switch query.question {
        case .transactions(let question):
            wire.fromDate = number(question.from)
            wire.throughDate = number(question.through)
            wire.before = question.before ?? 0
            wire.asOf = question.asOf ?? 0
            wire.count = UInt32(clamping: question.limit)
            wire.kinds = question.kinds.map { UInt32($0.rawValue) }.sorted()
            wire.institution = question.institution?.text ?? ""
        case .months(let question):
            wire.fromDate = number(question.from)
            let last = (1..<max(1, question.count)).reduce(question.from) { day, _ in
                day.startOfNextMonth
            }
            wire.throughDate = number(last)
        case .annual(let year):
            wire.fromDate = number(CivilDate(year: year, month: 1, day: 1))
        case .contributions(let before, let limit):
            wire.before = UInt64(before?.yyyymm ?? 0)
            wire.count = UInt32(clamping: limit)
        case .claim(let id, let from):
            wire.claim = id.description
            if case .clerk(let name) = query.asking.authority { wire.clerk = name }
            wire.before = from.map { UInt64(clamping: $0) + 1 } ?? 0
        case .family(let before, let limit), .accesses(let before, let limit),
            .claims(let before, let limit):
            wire.before = before ?? 0
            wire.count = UInt32(clamping: limit)
        }
        return wire.bodyBytes
    }
}
