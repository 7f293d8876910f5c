import Ledger
import SettlementDomain

/// A request for money whose answer is not known yet, or whose reversal was refused.
public struct OpenItem: Sendable, Hashable {
    /// How far it has come.
    public enum Stage: Sendable, Hashable {
        /// It was about to be sent, or was sent: the daemon may have executed it.
        case sent
        /// It is given up: a reversal under this key, made at this time (seconds since 1970 UTC), is
        /// to be sent until it is answered.
        case reversing(RequestKey, time: Int64)
        /// Its reversal was answered with a refusal: a person must look at it.
        case refused(ResponseCode, Reason)
    }

    /// The key of the request.
    public var key: RequestKey
    /// `settle`, `void` or `refund`.
    public var kind: RequestKind
    /// The card in the request: a reversal must name it.
    public var card: CardNumber
    /// The total in the request; zero of a refund that named none.
    public var total: Money
    /// How far it has come.
    public var stage: Stage

    /// Creates an item that is about to be sent.
    public init(key: RequestKey, kind: RequestKind, card: CardNumber, total: Money) {
        self.key = key
        self.kind = kind
        self.card = card
        self.total = total
        stage = .sent
    }
}

extension OpenItem {
    /// One line of the file, without checksum and line end: words between blanks.
    var line: String {
        let own =
            "\(SettlementID(key)) \(kind.rawValue) \(card.clearText) \(total.fen)"
        switch stage {
        case .sent: return "sent \(own)"
        case .reversing(let reversal, let time):
            return "reversing \(own) \(SettlementID(reversal)) \(time)"
        case .refused(let code, let reason):
            return "refused \(own) \(code.rawValue) \(reason.rawValue)"
        }
    }

    /// The item of a line; nil for anything else.
    init?(line: String) {
        let words = line.split(separator: " ").map(String.init)
        guard words.count >= 5, let id = SettlementID(words[1]),
            let kind = UInt8(words[2]).flatMap(RequestKind.init(rawValue:)),
            let card = CardNumber(words[3]), let fen = Int64(words[4])
        else { return nil }
        self.init(key: id.key, kind: kind, card: card, total: Money(fen: fen))
        switch (words[0], words.count) {
        case ("sent", 5): break
        case ("reversing", 7):
            guard let reversal = SettlementID(words[5]), let time = Int64(words[6]) else {
                return nil
            }
            stage = .reversing(reversal.key, time: time)
        case ("refused", 7):
            guard let code = UInt8(words[5]).flatMap(ResponseCode.init(rawValue:)),
                let reason = UInt16(words[6]).flatMap(Reason.init(rawValue:))
            else { return nil }
            stage = .refused(code, reason)
        default: return nil
        }
    }
}
