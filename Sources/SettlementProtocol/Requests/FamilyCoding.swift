import Foundation
import Ledger
import NIOCore
import SettlementDomain

extension WireFamily: AskingFields {}
extension WireFamilyResponse: ResultBearing {}
extension WireFamilyListResponse: ResultBearing {}

extension RequestDecoder {
    /// Reads the body of a family link or unlink.
    static func family(
        _ kind: RequestKind, _ body: ByteBuffer
    ) throws(RequestFault) -> LedgerMessage {
        let path = "family"
        guard var wire = WireFamily(body: body) else { throw unreadable(path) }
        let header = try keyedHeader(path, wire.businessDate, wire.stan, wire.terminalTime)
        let asking = try asking(path, wire)
        let relative: Subject
        if wire.relativeIDNumber.isEmpty {
            relative = .card(try card("\(path).relative_card", wire.relativeCard))
        } else {
            guard wire.relativeCard.isEmpty else {
                throw .outOfRange("\(path).relative_id_number", "a card is named already")
            }
            relative = .idNumber(
                try idNumber("\(path).relative_id_number", wire.relativeIDNumber))
        }
        let step: FamilyCommand.Step =
            kind == .familyLink ? .link(try terms(path, wire)) : .unlink
        let pinBlock = pinBlock(wire.pinBlock)
        wire.pinBlock = Data()
        return LedgerMessage(
            header: header,
            command: .family(FamilyCommand(asking: asking, relative: relative, step: step)),
            pinBlock: pinBlock, voucher: voucher(kind, wire.bodyBytes))
    }

    private static func terms(
        _ path: String, _ wire: WireFamily
    ) throws(RequestFault) -> FamilyTerms {
        guard
            let relationship = UInt8(exactly: wire.relationship.rawValue)
                .flatMap(Relationship.init(rawValue:))
        else {
            if wire.relationship == .unspecified { throw .missing("\(path).relationship") }
            throw .outOfRange(
                "\(path).relationship", "\(wire.relationship.rawValue) is no relationship")
        }
        guard wire.position <= UInt32(FamilyRow.linksMax) else {
            throw .outOfRange("\(path).position", "\(wire.position), not 1...\(FamilyRow.linksMax)")
        }
        return FamilyTerms(
            relationship: relationship,
            yearlyLimit: wire.hasYearlyLimit ? Money(fen: wire.yearlyLimit) : nil,
            dailyLimit: wire.hasDailyLimit ? Money(fen: wire.dailyLimit) : nil,
            position: wire.position == 0 ? nil : Int(wire.position))
    }
}

extension RequestEncoder {
    /// The body of a family link or unlink; the command's proof is not written.
    public static func family(
        _ header: RequestHeader, _ command: FamilyCommand, pinBlock: [UInt8]?
    ) -> [UInt8] {
        var wire = WireFamily()
        wire.businessDate = number(header.businessDate)
        wire.stan = header.stan
        wire.terminalTime = header.terminalTime
        put(command.asking, pinBlock: pinBlock, into: &wire)
        switch command.relative {
        case .card(let number): if let number { wire.relativeCard = Data(number.bcd) }
        case .idNumber(let number): wire.relativeIDNumber = number.clearText
        case .claim: break
        }
        if case .link(let terms) = command.step {
            wire.relationship =
                WireRelationship(rawValue: Int(terms.relationship.rawValue)) ?? .unspecified
            if let limit = terms.yearlyLimit { wire.yearlyLimit = limit.fen }
            if let limit = terms.dailyLimit { wire.dailyLimit = limit.fen }
            wire.position = UInt32(clamping: terms.position ?? 0)
        }
        return wire.bodyBytes
    }
}

extension ResponseEncoder {
    static func family(_ link: NamedLink, _ result: ResultFields) -> [UInt8] {
        var wire = WireFamilyResponse(result)
        wire.link = self.link(link, on: result.businessDate)
        return wire.bodyBytes
    }

    static func link(_ named: NamedLink, on day: CivilDate?) -> WireFamilyLink {
        var wire = WireFamilyLink()
        wire.nameMasked = named.nameMasked
        wire.idNumberMasked = named.idNumberMasked
        wire.relationship =
            WireRelationship(rawValue: Int(named.link.relationship.rawValue)) ?? .unspecified
        if let limit = named.link.yearlyLimit { wire.yearlyLimit = limit.fen }
        if let limit = named.link.dailyLimit { wire.dailyLimit = limit.fen }
        if let day {
            wire.usedThisYear = named.link.used(inYearOf: day).fen
            wire.usedToday = named.link.used(on: day).fen
        }
        wire.position = UInt32(clamping: named.position)
        return wire
    }
}

/// A link as a terminal sees it.
public struct FamilyMember: Sendable, Hashable {
    /// The relative's name, or in a list of owners the owner's; masked.
    public var nameMasked: String
    /// Their masked ID number.
    public var idNumberMasked: String
    /// What the relative is to the owner.
    public var relationship: Relationship
    /// The most in a calendar year; nil: no limit.
    public var yearlyLimit: Money?
    /// Drawn in the year of the business date.
    public var usedThisYear: Money
    /// The most on a business date; nil: no limit.
    public var dailyLimit: Money?
    /// Drawn on the business date.
    public var usedToday: Money
    /// The owner's place among those on whose accounts the relative draws, from 1.
    public var position: Int
}

/// A person's family, as a terminal sees it.
public struct FamilyList: Sendable, Hashable {
    /// The person's name, masked.
    public var nameMasked: String
    /// Who may draw on the person's account.
    public var members: [FamilyMember]
    /// On whose accounts the person may draw, in the order of drawing.
    public var owners: [FamilyMember]
    /// What relatives drew or gave back, newest first.
    public var lines: [AccountLine]
    /// Goes into the question for the next page; nil: this was the last.
    public var next: UInt64?
}

extension ResponseDecoder {
    static func family(_ kind: RequestKind, _ body: ByteBuffer) throws(ResponseFault)
        -> FamilyMember?
    {
        let wire: WireFamilyResponse = try message(kind, body)
        return wire.hasLink ? try member(wire.link) : nil
    }

    static func familyList(_ body: ByteBuffer) throws(ResponseFault) -> FamilyList {
        let wire: WireFamilyListResponse = try message(.familyList, body)
        var list = FamilyList(
            nameMasked: wire.nameMasked, members: [], owners: [], lines: [],
            next: wire.next == 0 ? nil : wire.next)
        for link in wire.members { list.members.append(try member(link)) }
        for link in wire.owners { list.owners.append(try member(link)) }
        for line in wire.lines { list.lines.append(try accountLine(line)) }
        return list
    }

    private static func member(_ wire: WireFamilyLink) throws(ResponseFault) -> FamilyMember {
        FamilyMember(
            nameMasked: wire.nameMasked, idNumberMasked: wire.idNumberMasked,
            relationship: try choice(wire.relationship.rawValue, "relationship"),
            yearlyLimit: wire.hasYearlyLimit ? try amount(wire.yearlyLimit) : nil,
            usedThisYear: try amount(wire.usedThisYear),
            dailyLimit: wire.hasDailyLimit ? try amount(wire.dailyLimit) : nil,
            usedToday: try amount(wire.usedToday), position: Int(wire.position))
    }
}
