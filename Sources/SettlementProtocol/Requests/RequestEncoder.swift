import Foundation
import Ledger
import SettlementDomain

/// Writes the bodies of requests, for terminals and tools.
///
/// May be called on any thread.
///
/// - Source: Protocol/Messages.md.
public enum RequestEncoder {
    /// The first request of a connection.
    public static func signOn(_ request: SignOnRequest) -> [UInt8] {
        var wire = WireSignOn()
        wire.businessDate = number(request.header.businessDate)
        wire.stan = request.header.stan
        wire.terminalTime = request.header.terminalTime
        wire.terminal = request.terminal.text
        // Absent says AES-128 alone.
        if request.pinAlgorithms != [.aes128] {
            wire.pinAlgorithms = request.pinAlgorithms.compactMap {
                WirePINAlgorithm(rawValue: Int($0.rawValue))
            }
        }
        wire.software = request.software
        wire.masterKeyCheckValue = Data(request.masterKeyCheckValue)
        return wire.bodyBytes
    }

    /// The last request of a connection.
    public static func signOff(_ header: RequestHeader) -> [UInt8] {
        var wire = WireSignOff()
        wire.businessDate = number(header.businessDate)
        wire.stan = header.stan
        wire.terminalTime = header.terminalTime
        return wire.bodyBytes
    }

    /// Keeps a connection alive.
    public static func echo(_ header: RequestHeader) -> [UInt8] {
        var wire = WireEcho()
        wire.businessDate = number(header.businessDate)
        wire.stan = header.stan
        wire.terminalTime = header.terminalTime
        return wire.bodyBytes
    }

    /// Asks for a part of a catalog.
    public static func catalogPage(_ request: CatalogPageRequest) -> [UInt8] {
        var wire = WireCatalogPage()
        wire.businessDate = number(request.header.businessDate)
        wire.stan = request.header.stan
        wire.terminalTime = request.header.terminalTime
        wire.catalogVersion = request.version?.rawValue ?? 0
        wire.firstIndex = request.firstIndex
        wire.count = request.count ?? 0
        return wire.bodyBytes
    }

    /// Asks who a card's person is and what is left to them.
    public static func cardInquiry(
        _ header: RequestHeader, card: CardNumber, pinBlock: [UInt8]?
    ) -> [UInt8] {
        var wire = WireCardInquiry()
        wire.businessDate = number(header.businessDate)
        wire.stan = header.stan
        wire.terminalTime = header.terminalTime
        wire.card = Data(card.bcd)
        if let pinBlock { wire.pinBlock = Data(pinBlock) }
        return wire.bodyBytes
    }

    /// The body of a quote and of a settle: the frame's kind says which.
    ///
    /// The command's PIN proof is not written; its card must be given.
    public static func settle(
        _ header: RequestHeader, _ command: SettleCommand, pinBlock: [UInt8]?
    ) -> [UInt8] {
        var wire = WireSettle()
        wire.businessDate = number(header.businessDate)
        wire.stan = header.stan
        wire.terminalTime = header.terminalTime
        if let card = command.card { wire.card = Data(card.bcd) }
        if let pinBlock { wire.pinBlock = Data(pinBlock) }
        wire.visitType = WireVisitType(rawValue: Int(command.visitType.rawValue)) ?? .unspecified
        wire.total = command.total.fen
        wire.catalogVersion = command.catalogVersion?.rawValue ?? 0
        wire.lines = command.lines.map(line)
        wire.serviceDate = number(command.serviceDate)
        wire.partialAllowed = command.partialAllowed
        if let limit = command.accountLimit { wire.accountLimit = limit.fen }
        wire.quoteDigest = command.quoteDigest
        if let diagnosis = command.diagnosis { wire.diagnosis = diagnosis.text }
        wire.billNumber = command.billNumber ?? ""
        return wire.bodyBytes
    }

    /// Asks what became of a request of the same terminal.
    public static func settlementStatus(_ request: SettlementStatusRequest) -> [UInt8] {
        var wire = WireSettlementStatus()
        wire.businessDate = number(request.header.businessDate)
        wire.stan = request.header.stan
        wire.terminalTime = request.header.terminalTime
        wire.originalBusinessDate = number(request.originalDate)
        wire.originalStan = request.originalSTAN
        return wire.bodyBytes
    }

    static func line(_ line: RequestLine) -> WireLine {
        var wire = WireLine()
        switch line.item {
        case .index(let index): wire.index = index
        case .code(let code): wire.code = code.text
        }
        if line.quantity != .one { wire.quantity = line.quantity.thousandths }
        wire.unitPrice = line.unitPrice.tenThousandths
        wire.amount = line.amount.fen
        wire.courseDays = line.courseDays ?? 0
        if !line.traceCodes.isEmpty { wire.traceCodes = line.traceCodes.map(\.text) }
        return wire
    }

    static func number(_ date: CivilDate?) -> UInt32 {
        date.map { UInt32($0.yyyymmdd) } ?? 0
    }
}
