import Ledger
import SettlementDomain

/// A request for money whose answer is not known yet, or whose reversal was refused.
public struct OpenItem: Sendable, Hashable {
    /// How far it has come.
    public enum Stage: Sendable, Hashable {
        /// It was about to be sent, or was sent: the daemon may have executed it.
        case sent
        /// It is given up, and its reversal has no key yet.
        case givenUp
        /// It is given up: a reversal under this key, made at this time (seconds since 1970 UTC), is
        /// to be sent until it is answered.
        case reversing(RequestKey, time: Int64)
        /// As `reversing`; but the daemon does not take requests of this terminal now, for this reason.
        case withheld(RequestKey, time: Int64, ResponseCode, Reason)
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
        case .givenUp: return "givenUp \(own)"
        case .reversing(let reversal, let time):
            return "reversing \(own) \(SettlementID(reversal)) \(time)"
        case .withheld(let reversal, let time, let code, let reason):
            return "withheld \(own) \(SettlementID(reversal)) \(time) \(code.rawValue) "
                + "\(reason.rawValue)"
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
        let rest = Array(words[5...])
        switch (words[0], rest.count) {
        case ("sent", 0): break
        case ("givenUp", 0): stage = .givenUp
        case ("reversing", 2):
            guard let (reversal, time) = Self.reversal(rest[...]) else { return nil }
            stage = .reversing(reversal, time: time)
        case ("withheld", 4):
            guard let (reversal, time) = Self.reversal(rest[..<2]),
                let (code, reason) = Self.refusal(rest[2...])
            else { return nil }
            stage = .withheld(reversal, time: time, code, reason)
        case ("refused", 2):
            guard let (code, reason) = Self.refusal(rest[...]) else { return nil }
            stage = .refused(code, reason)
        default: return nil
        }
    }

    private static func reversal(_ words: ArraySlice<String>) -> (RequestKey, Int64)? {
        guard let first = words.first, let last = words.last, let id = SettlementID(first),
            let time = Int64(last)
        else { return nil }
        return (id.key, time)
    }

    private static func refusal(_ words: ArraySlice<String>) -> (ResponseCode, Reason)? {
        guard let first = words.first, let last = words.last,
            let code = UInt8(first).flatMap(ResponseCode.init(rawValue:)),
            let reason = UInt16(last).flatMap(Reason.init(rawValue:))
        else { return nil }
        return (code, reason)
    }
}
