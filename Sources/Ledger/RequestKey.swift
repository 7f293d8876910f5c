import SettlementDomain

/// The key of a terminal's request: it is executed at most once.
///
/// The date is the one the terminal put into the request: the business date that it knew. It is a
/// part of the key only; the daemon books under its own business date.
/// - Source: Protocol/Sessions.md, "Keys".
public struct RequestKey: Sendable, Hashable {
    /// The terminal that asks.
    public var terminal: TerminalID
    /// The terminal's business date.
    public var date: CivilDate
    /// System trace audit number, 1...999999.
    public var stan: UInt32

    /// The largest STAN; six decimal digits.
    public static let stanMax: UInt32 = 999_999

    /// Creates a key of its three parts.
    public init(terminal: TerminalID, date: CivilDate, stan: UInt32) {
        self.terminal = terminal
        self.date = date
        self.stan = stan
    }
}

/// Names one settlement; derived from the key of the request that made it, so that no counter is
/// shared between terminals or daemons.
///
/// Text form: `20261123-T0000001-000042` (date, terminal, STAN), 24 characters.
public struct SettlementID: Sendable, Hashable, CustomStringConvertible {
    /// The key of the settle request.
    public var key: RequestKey

    /// Creates the id of the settlement made by the request with this key.
    public init(_ key: RequestKey) {
        self.key = key
    }

    /// Reads the text form; nil where it is not one.
    public init?(_ text: String) {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0].utf8.count == 8, parts[2].utf8.count == 6,
            let day = Int32(parts[0]), let date = CivilDate(yyyymmdd: day),
            let terminal = TerminalID(String(parts[1])),
            let stan = UInt32(parts[2]), stan >= 1
        else { return nil }
        key = RequestKey(terminal: terminal, date: date, stan: stan)
    }

    /// The text form.
    public var description: String {
        let stan = String(key.stan)
        let zeros = String(repeating: "0", count: max(0, 6 - stan.utf8.count))
        return "\(key.date.yyyymmdd)-\(key.terminal)-\(zeros)\(stan)"
    }
}
