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

    /// Feeds the three parts as two numbers.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(terminal.word)
        hasher.combine(UInt64(UInt32(bitPattern: date.yyyymmdd)) << 32 | UInt64(stan))
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
            let date = CivilDate(String(parts[0])), let terminal = TerminalID(String(parts[1])),
            parts[2].utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }), let stan = UInt32(parts[2]),
            stan >= 1
        else { return nil }
        key = RequestKey(terminal: terminal, date: date, stan: stan)
    }

    /// The text form.
    public var description: String {
        String(unsafeUninitializedCapacity: 24) { text in
            func write(_ number: UInt32, digits: Int, at start: Int) {
                var rest = number
                for place in (start..<start + digits).reversed() {
                    text[place] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
                    rest /= 10
                }
            }
            write(UInt32(bitPattern: key.date.yyyymmdd), digits: 8, at: 0)
            text[8] = UInt8(ascii: "-")
            for place in 0..<8 {
                text[9 + place] = UInt8(
                    truncatingIfNeeded: key.terminal.word >> UInt64(56 - 8 * place))
            }
            text[17] = UInt8(ascii: "-")
            write(key.stan, digits: 6, at: 18)
            return 24
        }
    }
}
