import Foundation
import Ledger
import SettlementDomain
import SwiftProtobuf

extension WireTransactionListResponse: ResultBearing {}
extension WireMonthlyEntriesResponse: ResultBearing {}
extension WireAccessLogResponse: ResultBearing {}

extension ResponseEncoder {
    /// The answer to a query that was permitted.
    ///
    /// - Parameters:
    ///   - answer: what the store said.
    ///   - nameMasked: the person's.
    ///   - recorded: the body of the recorded permission, whose result this answer bears.
    /// - Returns: the body to send.
    public static func query(
        _ answer: QueryAnswer, nameMasked: String, recorded: [UInt8]
    ) -> [UInt8] {
        guard let result = (try? WireResult(serializedBytes: recorded))?.resultFields else {
            return recorded
        }
        switch answer {
        case .transactions(let page):
            var wire = WireTransactionListResponse(result)
            wire.nameMasked = nameMasked
            wire.openingBalance = page.opening.fen
            wire.closingBalance = page.closing.fen
            wire.asOf = page.asOf
            wire.lines = fitted(
                page.rows.map { line($0.entry, of: page.person, relative: $0.relative) },
                beside: wire.bodyBytes.count)
            wire.next = cursor(page.rows.map(\.entry.sequence), wire.lines.count, page.next)
            return wire.bodyBytes
        case .months(let months):
            var wire = WireMonthlyEntriesResponse(result)
            wire.nameMasked = nameMasked
            wire.months = months.map(month)
            return wire.bodyBytes
        case .annual(let statement): return annual(statement, nameMasked: nameMasked, result)
        case .contributions(let rows, let next):
            var wire = WireContributionRecordsResponse(result)
            wire.nameMasked = nameMasked
            wire.records = rows.map(record)
            wire.next = UInt64(next?.yyyymm ?? 0)
            return wire.bodyBytes
        case .family(let page):
            var wire = WireFamilyListResponse(result)
            wire.nameMasked = nameMasked
            wire.members = page.members.map { link($0, on: result.businessDate) }
            wire.owners = page.owners.map { link($0, on: result.businessDate) }
            wire.lines = fitted(
                page.draws.map { line($0.entry, of: page.person, relative: $0.relative) },
                beside: wire.bodyBytes.count)
            wire.next = cursor(page.draws.map(\.entry.sequence), wire.lines.count, page.next)
            return wire.bodyBytes
        case .claims(let rows, let next):
            return claims(rows, next: next, nameMasked: nameMasked, result)
        case .claim(let row, let from):
            return claim(row, from: from, nameMasked: nameMasked, result)
        case .accesses(let accesses, let next):
            var wire = WireAccessLogResponse(result)
            wire.nameMasked = nameMasked
            wire.lines = fitted(accesses.map(line), beside: wire.bodyBytes.count)
            wire.next = cursor(accesses.map(\.sequence), wire.lines.count, next)
            return wire.bodyBytes
        }
    }

    /// As many of the rows as a frame has room for beside what is in the body already.
    static func fitted<Row: Message>(_ rows: [Row], beside bytes: Int) -> [Row] {
        // The cursor that follows takes at most 11 bytes.
        var room = Int(Frame.terminalLengthMax) - Frame.countedHeaderBytes - bytes - 16
        return Array(
            rows.prefix { row in
                room -= fieldBytes(row.bodyBytes.count)
                return room >= 0
            })
    }

    /// Where the next page begins: behind the last row that fitted.
    private static func cursor(_ sequences: [UInt64], _ count: Int, _ next: UInt64?) -> UInt64 {
        count < sequences.count && count > 0 ? sequences[count - 1] : next ?? 0
    }

    private static func line(
        _ entry: JournalEntry, of person: PersonID, relative: String?
    ) -> WireAccountLine {
        var wire = WireAccountLine()
        wire.time = entry.time
        wire.bookedDate = UInt32(entry.bookedDate.yyyymmdd)
        wire.kind = UInt32(entry.kind.rawValue)
        if let move = entry.move(of: person) {
            wire.moved = true
            wire.amount = move.amount.fen
            wire.balance = move.balance.fen
        }
        wire.relativeMasked = relative ?? ""
        guard let row = entry.settlementRow else { return wire }
        wire.settlementID = row.id.description
        wire.institution = row.institution.text
        if row.person == person { wire.standing = totals(row.standing) }
        return wire
    }

    static func month(_ entry: MonthlyEntry) -> WireMonthlyEntry {
        var wire = WireMonthlyEntry()
        wire.month = UInt32(entry.month.yyyymmdd / 100)
        wire.opening = entry.opening.fen
        wire.credited = entry.credited.fen
        wire.interest = entry.interest.fen
        wire.spent = entry.spent.fen
        wire.familyUse = entry.familyUse.fen
        wire.closing = entry.closing.fen
        wire.moves = UInt32(clamping: entry.moves)
        return wire
    }

    private static func line(_ access: Access) -> WireAccessLine {
        var wire = WireAccessLine()
        wire.time = access.time
        wire.kind = UInt32(access.kind.rawValue)
        wire.institution = access.row.institution.text
        wire.terminal = access.row.terminal.text
        switch access.row.right {
        case .pin: wire.right = .byPin
        case .role: wire.right = .byRole
        case .clerk(let name):
            wire.right = .byClerk
            wire.clerk = name
        case .gatewaySession(let reference):
            wire.right = .byGatewaySession
            wire.reference = reference
        case .documents(let check):
            wire.right = .byDocuments
            wire.document =
                WireIdentityDocument(rawValue: Int(check.document.rawValue)) ?? .unspecified
            wire.numberMasked = maskedNumber(check.number)
            wire.clerk = check.clerk
            guard let proxy = check.proxy else { break }
            wire.agentNameMasked = MaskedName.of(proxy.agentName)
            wire.reference = proxy.reference
        }
        return wire
    }

    /// The last four characters of a document's number; of up to eight only half.
    static func maskedNumber(_ number: String) -> String {
        let shown = min(4, number.count / 2)
        return String(repeating: "*", count: number.count - shown) + number.suffix(shown)
    }
}
