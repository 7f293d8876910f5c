import Ledger
import SettlementDomain

/// What every response begins with.
///
/// - Source: `Result` of `settlement.proto`.
public struct ResultFields: Sendable, Hashable {
    /// What the terminal does next.
    public var code: ResponseCode
    /// Why; `none` also for a number that this version does not know.
    public var reason: Reason
    /// Whether this answer was recorded before and nothing was executed now.
    public var replayed: Bool
    /// The daemon's business date under which this was booked or answered; nil: not told.
    public var businessDate: CivilDate?
    /// The daemon's clock when it decided, milliseconds since 1970 UTC.
    public var time: Int64
    /// What and where, for a technician; cut to `detailBytesMax` bytes when encoded.
    public var detail: String
    /// Terminal clock less daemon clock, seconds; encoded from `clockDifferenceMin` on.
    public var clockDifference: Int64
    /// With `wrongPIN`, the tries left.
    public var triesLeft: UInt8

    /// The longest detail.
    public static let detailBytesMax = 200

    /// The smallest difference of the clocks that is told, in seconds.
    public static let clockDifferenceMin: UInt64 = 300

    /// Creates the fields.
    public init(
        code: ResponseCode, reason: Reason = .none, replayed: Bool = false,
        businessDate: CivilDate?, time: Int64, detail: String = "", clockDifference: Int64 = 0,
        triesLeft: UInt8 = 0
    ) {
        self.code = code
        self.reason = reason
        self.replayed = replayed
        self.businessDate = businessDate
        self.time = time
        self.detail = detail
        self.clockDifference = clockDifference
        self.triesLeft = triesLeft
    }

    /// The fields of a ledger's outcome.
    public init(_ outcome: Outcome) {
        self.init(
            code: outcome.code, reason: outcome.reason, businessDate: outcome.businessDate,
            time: outcome.time, detail: outcome.detail, clockDifference: outcome.clockDifference,
            triesLeft: outcome.triesLeft)
    }

    /// The difference as the wire carries it: zero below five minutes, held to 32 bits.
    var reportedClockDifference: Int32 {
        clockDifference.magnitude >= Self.clockDifferenceMin ? Int32(clamping: clockDifference) : 0
    }

    /// The detail, cut before a character that would pass the limit.
    var reportedDetail: String {
        guard detail.utf8.count > Self.detailBytesMax else { return detail }
        var text = ""
        var bytes = 0
        for character in detail {
            bytes += character.utf8.count
            guard bytes <= Self.detailBytesMax else { break }
            text.append(character)
        }
        return text
    }
}
