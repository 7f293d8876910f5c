import Foundation
import Ledger
import NIOCore
import SettlementDomain

extension RequestDecoder {
    /// Reads the body of a request of kinds 0x40 to 0x44.
    static func cardService(
        _ kind: RequestKind, _ body: ByteBuffer
    ) throws(RequestFault) -> LedgerMessage {
        let path = "card_service"
        guard var wire = WireCardService(body: body) else { throw unreadable(path) }
        let header = try keyedHeader(path, wire.businessDate, wire.stan, wire.terminalTime)
        let asking = try asking(path, wire)
        let step: CardServiceCommand.Step
        switch kind {
        case .pinChange:
            guard !wire.newPinBlock.isEmpty else { throw .missing("\(path).new_pin_block") }
            step = .changePIN(.absent)
        case .lossReport: step = .reportLoss
        case .lossWithdrawal: step = .withdrawLoss
        case .cardReissue:
            guard !wire.newCard.isEmpty else { throw .missing("\(path).new_card") }
            step = .reissue(
                CardServiceCommand.NewCard(
                    number: try card("\(path).new_card", wire.newCard),
                    expires: try requiredDate(path, "expires", wire.expires), pin: .absent))
        default: step = .unlockPIN
        }
        if kind != .cardReissue, case .idNumber = asking.subject {
            throw .missing("\(path).card")
        }
        let pinBlock = pinBlock(wire.pinBlock)
        let newPINBlock = self.pinBlock(wire.newPinBlock)
        wire.pinBlock = Data()
        wire.newPinBlock = Data()
        return LedgerMessage(
            header: header, command: .card(CardServiceCommand(asking: asking, step: step)),
            pinBlock: pinBlock, newPINBlock: newPINBlock, voucher: voucher(kind, wire.bodyBytes))
    }
}

extension RequestEncoder {
    /// The body of a card service; the command's proofs are not written.
    public static func cardService(
        _ header: RequestHeader, _ command: CardServiceCommand, pinBlock: [UInt8]?,
        newPINBlock: [UInt8]?
    ) -> [UInt8] {
        var wire = WireCardService()
        wire.businessDate = number(header.businessDate)
        wire.stan = header.stan
        wire.terminalTime = header.terminalTime
        put(command.asking, pinBlock: pinBlock, into: &wire)
        if let newPINBlock { wire.newPinBlock = Data(newPINBlock) }
        if case .reissue(let new) = command.step {
            if let number = new.number { wire.newCard = Data(number.bcd) }
            wire.expires = number(new.expires)
        }
        return wire.bodyBytes
    }
}

extension WireCardServiceResponse: ResultBearing {}

extension ResponseEncoder {
    static func cardService(_ answer: CardServiceAnswer, _ result: ResultFields) -> [UInt8] {
        var wire = WireCardServiceResponse(result)
        wire.nameMasked = answer.nameMasked
        wire.card = Data(answer.card.number.bcd)
        wire.state = WireCardState(rawValue: Int(answer.card.state.rawValue)) ?? .unspecified
        wire.expires = UInt32(answer.card.expires.yyyymmdd)
        wire.pinSet = answer.card.verification != nil
        wire.cancelled = answer.cancelled
        return wire.bodyBytes
    }
}

/// What a card service did.
public struct CardServiceResponse: Sendable, Hashable {
    /// The person's name, masked.
    public var nameMasked: String
    /// The card after it; of a reissue the new one.
    public var card: CardNumber
    /// What it is now.
    public var state: CardRow.State
    /// The last day on which it is good.
    public var expires: CivilDate
    /// Whether it has a PIN.
    public var isPINSet: Bool
    /// The cards that a reissue cancelled, masked.
    public var cancelled: [String]
}

extension ResponseDecoder {
    static func cardService(
        _ kind: RequestKind, _ body: ByteBuffer
    ) throws(ResponseFault) -> CardServiceResponse {
        let wire: WireCardServiceResponse = try message(kind, body)
        guard let card = CardNumber(bcd: wire.card) else { throw .field("card") }
        guard let state = UInt8(exactly: wire.state.rawValue).flatMap(CardRow.State.init) else {
            throw .field("state")
        }
        guard
            let expires = Int32(exactly: wire.expires).flatMap(CivilDate.init(yyyymmdd:))
        else { throw .field("expires") }
        return CardServiceResponse(
            nameMasked: wire.nameMasked, card: card, state: state, expires: expires,
            isPINSet: wire.pinSet, cancelled: wire.cancelled)
    }
}
