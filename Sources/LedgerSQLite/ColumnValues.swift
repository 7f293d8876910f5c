import Ledger
import SettlementDomain

// How the domain's values lie in columns: dates as yyyymmdd, money in fen, enumerations as their
// numbers (table `code_name` tells their names), short lists as text.

extension ColumnBinder {
    mutating func date(_ value: CivilDate) {
        integer(Int64(value.yyyymmdd))
    }

    mutating func optionalDate(_ value: CivilDate?) {
        if let value { date(value) } else { null() }
    }

    mutating func money(_ value: Money) {
        integer(value.fen)
    }

    mutating func person(_ value: PersonID) {
        integer(value.rawValue)
    }

    mutating func choice<Value: RawRepresentable>(_ value: Value)
    where Value.RawValue: FixedWidthInteger & UnsignedInteger {
        integer(value.rawValue)
    }

    mutating func flag(_ value: Bool) {
        integer(Int64(value ? 1 : 0))
    }

    mutating func digest(_ value: Digest) {
        let words = (
            value.words.0.bigEndian, value.words.1.bigEndian, value.words.2.bigEndian,
            value.words.3.bigEndian
        )
        withUnsafeBytes(of: words) { copiedBlob($0) }
    }

    mutating func optionalText(_ value: String?) {
        if let value { text(value) } else { null() }
    }

    mutating func terminal(_ value: TerminalID) {
        value.withUTF8 { shortText($0) }
    }

    mutating func institution(_ value: InstitutionID) {
        value.withUTF8 { shortText($0) }
    }

    mutating func key(_ value: RequestKey) {
        terminal(value.terminal)
        date(value.date)
        integer(value.stan)
    }
}

extension ColumnReader {
    mutating func date(_ column: String) throws -> CivilDate {
        try checked(Int32(exactly: integer()).flatMap(CivilDate.init(yyyymmdd:)), column)
    }

    mutating func money(_ column: String) throws -> Money {
        let money = Money(fen: integer())
        return try checked(money.isInRange ? money : nil, column)
    }

    mutating func person(_ column: String) throws -> PersonID {
        try checked(PersonID(rawValue: unsigned()), column)
    }

    mutating func number<Value: FixedWidthInteger>(
        _ column: String, _ type: Value.Type = Value.self
    ) throws -> Value {
        try checked(Value(exactly: integer()), column)
    }

    mutating func choice<Value: RawRepresentable>(
        _ column: String, _ type: Value.Type = Value.self
    ) throws -> Value where Value.RawValue: FixedWidthInteger {
        let raw = Value.RawValue(exactly: integer())
        return try checked(raw.flatMap(Value.init(rawValue:)), column)
    }

    mutating func flag(_ column: String) throws -> Bool {
        switch integer() {
        case 0: false
        case 1: true
        default: try checked(nil, column)
        }
    }

    mutating func digest(_ column: String) throws -> Digest {
        var reader = ByteReader(blob())
        guard let digest = try? reader.digest(), reader.isAtEnd else {
            return try checked(nil, column)
        }
        return digest
    }

    mutating func key() throws -> RequestKey {
        RequestKey(
            terminal: try checked(TerminalID(text()), "terminal"), date: try date("date"),
            stan: try number("stan"))
    }

    /// The words of a text list, each made a value of.
    mutating func words<Value>(
        _ column: String, separator: UInt8, _ make: (Substring) -> Value?
    ) throws -> [Value] {
        guard !isNull() else { return [] }
        return try text().bytewiseSplit(separator: separator).map { try checked(make($0), column) }
    }
}

extension RequestKey {
    /// Where rows keyed by terminal, date and STAN lie.
    var position: TreePosition {
        TreePosition(
            terminal.word, UInt64(UInt32(bitPattern: date.yyyymmdd)) << 32 | UInt64(stan))
    }
}

extension StringProtocol {
    /// The parts between separators, by bytes: without a look at how characters are composed.
    func bytewiseSplit(
        separator: UInt8, omittingEmptySubsequences: Bool = true
    ) -> [Substring] {
        Substring(self).utf8
            .split(separator: separator, omittingEmptySubsequences: omittingEmptySubsequences)
            .map { Substring($0) }
    }
}

/// What stands between the parts of texts.
extension UInt8 {
    static let space = UInt8(ascii: " ")
    static let comma = UInt8(ascii: ",")
    static let colon = UInt8(ascii: ":")
}
