import Foundation
import Ledger
import NIOCore
import SettlementDomain

extension RequestDecoder {
    /// Reads the body of a page of a declaration.
    static func contributionDeclaration(_ body: ByteBuffer) throws(RequestFault) -> LedgerMessage {
        let path = "contribution_declaration"
        guard let wire = WireContributionDeclaration(body: body) else { throw unreadable(path) }
        let header = try keyedHeader(path, wire.businessDate, wire.stan, wire.terminalTime)
        let name = try requiredText(
            "\(path).declaration", wire.declaration, bytesMax: DeclarationPage.nameBytesMax)
        guard (1...DeclarationPage.linesMax).contains(wire.lines.count) else {
            throw .outOfRange(
                "\(path).lines", "\(wire.lines.count), not 1...\(DeclarationPage.linesMax)")
        }
        guard (1...DeclarationPage.lineNumberMax).contains(wire.firstLine) else {
            throw .outOfRange(
                "\(path).first_line",
                "\(wire.firstLine), not 1...\(DeclarationPage.lineNumberMax)")
        }
        let page = DeclarationPage(
            declaration: name, firstLine: wire.firstLine, lines: wire.lines.map(contributionLine))
        return LedgerMessage(
            header: header, command: .contribute(.declare(page)), pinBlock: nil,
            voucher: voucher(.contributionDeclaration, wire.bodyBytes))
    }
}

extension RequestEncoder {
    /// The body of a page of a declaration.
    public static func contributionDeclaration(
        _ header: RequestHeader, _ page: DeclarationPage
    ) -> [UInt8] {
        var wire = WireContributionDeclaration()
        wire.businessDate = number(header.businessDate)
        wire.stan = header.stan
        wire.terminalTime = header.terminalTime
        wire.declaration = page.declaration
        wire.firstLine = page.firstLine
        wire.lines = page.lines.map(contributionLine)
        return wire.bodyBytes
    }
}

extension WireContributionDeclarationResponse: ResultBearing {}

extension ResponseEncoder {
    static func declaration(_ lines: [DeclarationLineRow], _ result: ResultFields) -> [UInt8] {
        var wire = WireContributionDeclarationResponse(result)
        let refused = lines.filter { !$0.code.isApproval }
        wire.accepted = UInt32(clamping: lines.count - refused.count)
        wire.refused = UInt32(clamping: refused.count)
        wire.refusals = refused.map { row in
            var line = WireLineRefusal()
            line.line = row.key.line
            line.code = WireResponseCode(rawValue: Int(row.code.rawValue)) ?? .malfunction
            line.reason = WireReason(rawValue: Int(row.reason.rawValue)) ?? .none
            line.detail = row.detail
            return line
        }
        return wire.bodyBytes
    }
}

/// What became of the lines of a page.
public struct DeclarationResponse: Sendable, Hashable {
    /// How many lines were accepted, now or before.
    public var accepted: UInt32
    /// Those that were refused, in the order of lines.
    public var refusals: [LineRefusal]
}

/// Why a line of a declaration was refused.
public struct LineRefusal: Sendable, Hashable {
    /// Its number.
    public var line: UInt32
    /// What to do next.
    public var code: ResponseCode
    /// Why.
    public var reason: Reason
    /// Which field.
    public var detail: String
}

extension ResponseDecoder {
    static func declaration(_ body: ByteBuffer) throws(ResponseFault) -> DeclarationResponse {
        let wire: WireContributionDeclarationResponse = try message(.contributionDeclaration, body)
        var refusals: [LineRefusal] = []
        for line in wire.refusals {
            guard let code = UInt8(exactly: line.code.rawValue).flatMap(ResponseCode.init) else {
                throw .field("refusals.code")
            }
            refusals.append(
                LineRefusal(
                    line: line.line, code: code,
                    reason: UInt16(exactly: line.reason.rawValue).flatMap(Reason.init) ?? .none,
                    detail: line.detail))
        }
        return DeclarationResponse(accepted: wire.accepted, refusals: refusals)
    }
}
