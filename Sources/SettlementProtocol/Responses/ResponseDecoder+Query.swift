import Foundation
import Ledger
import NIOCore
import SettlementDomain

/// A page of a person's transactions, as a terminal sees it.
public struct TransactionList: Sendable, Hashable {
    /// The person's name, masked.
    public var nameMasked: String
    /// The balance before the first day asked for.
    public var opening: Money
    /// The balance at the end of the last day asked for.
    public var closing: Money
    /// Goes into the question for the next page.
    public var asOf: UInt64
    /// Goes into the question for the next page; nil: this was the last.
    public var next: UInt64?
    /// Newest first.
    public var lines: [AccountLine]
}

/// One thing that happened to a person's account or settlements.
public struct AccountLine: Sendable, Hashable {
    /// Milliseconds since 1970 UTC.
    public var time: Int64
    /// The business date.
    public var bookedDate: CivilDate
    /// The kind of frame that did it; nil: one that this version does not know.
    public var kind: RequestKind?
    /// What was added to the account; nil: it did not change.
    public var amount: Money?
    /// The balance after it, where the account changed.
    public var balance: Money
    /// The settlement that was made or changed.
    public var settlement: SettlementID?
    /// Where; empty: nowhere.
    public var institution: String
    /// Whose bill it is, masked; empty: the owner's.
    public var relativeMasked: String
    /// Of the person's own settlements: who pays what after it.
    public var standing: Split?
}

/// A page of a person's access log, as a terminal sees it.
public struct AccessList: Sendable, Hashable {
    /// The person's name, masked.
    public var nameMasked: String
    /// Goes into the question for the next page; nil: this was the last.
    public var next: UInt64?
    /// Newest first.
    public var lines: [Line]

    /// One access.
    public struct Line: Sendable, Hashable {
        /// Milliseconds since 1970 UTC.
        public var time: Int64
        /// The kind of frame that asked; nil: one that this version does not know.
        public var kind: RequestKind?
        /// Where.
        public var institution: String
        /// By which terminal.
        public var terminal: String
        /// By what right, in a word: `pin`, `documents`, `gatewaySession`, `role`, `clerk`.
        public var right: String
        /// The paper that was shown; nil: none.
        public var document: IdentityDocument?
        /// Its number but for the last characters; empty: none.
        public var numberMasked: String
        /// Who saw it; empty: nobody.
        public var clerk: String
        /// The agent's masked name; empty: no power of attorney.
        public var agentNameMasked: String
        /// Of the power of attorney or of the gateway's session; empty: none.
        public var reference: String
    }
}

extension ResponseDecoder {
    static func transactionList(_ body: ByteBuffer) throws(ResponseFault) -> TransactionList {
        let wire: WireTransactionListResponse = try message(.transactionList, body)
        var lines: [AccountLine] = []
        for line in wire.lines { lines.append(try accountLine(line)) }
        return TransactionList(
            nameMasked: wire.nameMasked, opening: try amount(wire.openingBalance),
            closing: try amount(wire.closingBalance), asOf: wire.asOf,
            next: wire.next == 0 ? nil : wire.next, lines: lines)
    }

    static func accountLine(_ wire: WireAccountLine) throws(ResponseFault) -> AccountLine {
        guard let date = Int32(exactly: wire.bookedDate).flatMap(CivilDate.init(yyyymmdd:)) else {
            throw .field("lines.booked_date")
        }
        return AccountLine(
            time: wire.time, bookedDate: date,
            kind: UInt8(exactly: wire.kind).flatMap(RequestKind.init(rawValue:)),
            amount: wire.moved ? try amount(wire.amount) : nil, balance: try amount(wire.balance),
            settlement: SettlementID(wire.settlementID), institution: wire.institution,
            relativeMasked: wire.relativeMasked,
            standing: wire.hasStanding ? try totals(wire.standing) : nil)
    }

    static func monthlyEntries(_ body: ByteBuffer) throws(ResponseFault) -> MonthlyEntryList {
        let wire: WireMonthlyEntriesResponse = try message(.monthlyEntries, body)
        return MonthlyEntryList(nameMasked: wire.nameMasked, months: try months(wire.months))
    }

    static func months(_ wire: [WireMonthlyEntry]) throws(ResponseFault) -> [MonthlyEntry] {
        var months: [MonthlyEntry] = []
        for month in wire {
            guard
                let first = Int32(exactly: month.month)
                    .flatMap({ CivilDate(yyyymmdd: $0.multipliedReportingOverflow(by: 100).0 + 1) })
            else { throw .field("months.month") }
            var entry = MonthlyEntry(
                month: first, opening: try amount(month.opening), closing: try amount(month.closing)
            )
            entry.credited = try amount(month.credited)
            entry.interest = try amount(month.interest)
            entry.spent = try amount(month.spent)
            entry.familyUse = try amount(month.familyUse)
            entry.moves = Int(month.moves)
            months.append(entry)
        }
        return months
    }

    static func accessLog(_ body: ByteBuffer) throws(ResponseFault) -> AccessList {
        let wire: WireAccessLogResponse = try message(.accessLog, body)
        return AccessList(
            nameMasked: wire.nameMasked, next: wire.next == 0 ? nil : wire.next,
            lines: wire.lines.map { line in
                AccessList.Line(
                    time: line.time,
                    kind: UInt8(exactly: line.kind).flatMap(RequestKind.init(rawValue:)),
                    institution: line.institution, terminal: line.terminal,
                    right: right(line.right),
                    document: UInt8(exactly: line.document.rawValue)
                        .flatMap(IdentityDocument.init(rawValue:)),
                    numberMasked: line.numberMasked, clerk: line.clerk,
                    agentNameMasked: line.agentNameMasked, reference: line.reference)
            })
    }

    private static func right(_ right: WireAccessRight) -> String {
        switch right {
        case .byPin: "pin"
        case .byDocuments: "documents"
        case .byGatewaySession: "gatewaySession"
        case .byRole: "role"
        case .byClerk: "clerk"
        case .unspecified, .UNRECOGNIZED: ""
        }
    }
}

/// Calendar months of a person's account, as a terminal sees them.
public struct MonthlyEntryList: Sendable, Hashable {
    /// The person's name, masked.
    public var nameMasked: String
    /// The oldest first.
    public var months: [MonthlyEntry]
}
