/// An insured person's id, 1...10^18.
public struct PersonID: RawRepresentable, Sendable, Hashable, Comparable, CustomStringConvertible {
    /// The id as a number.
    public let rawValue: UInt64

    /// Creates the id of that number; nil outside 1...10^18.
    public init?(rawValue: UInt64) {
        guard (1...1_000_000_000_000_000_000).contains(rawValue) else { return nil }
        self.rawValue = rawValue
    }

    /// Reads decimal digits without leading zeros; nil for anything else.
    public init?(_ text: String) {
        guard let value = UInt64(text), String(value) == text else { return nil }
        self.init(rawValue: value)
    }

    /// Whether the left id is the smaller.
    public static func < (left: PersonID, right: PersonID) -> Bool {
        left.rawValue < right.rawValue
    }

    /// Feeds the number.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(rawValue)
    }

    /// Decimal digits.
    public var description: String { String(rawValue) }
}

/// An institution's national code: a capital letter and eleven capitals or digits.
///
/// `H` hospitals and clinics, `P` pharmacies; agencies, banks and employers have their own letters.
public struct InstitutionID: Sendable, Hashable, Comparable, CustomStringConvertible {
    private let high: UInt64
    private let low: UInt64

    /// Reads the code; nil for anything else.
    public init?(_ text: String) {
        guard let words = PackedText(text, where: \.isCapitalOrDigit), words.count == 12,
            (0x41...0x5a).contains(words.first)
        else { return nil }
        (high, low, _, _) = words.words
    }

    /// The twelve characters.
    public var text: String { PackedText(high, low).text }

    /// Runs the body with the characters' bytes.
    public func withUTF8<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        PackedText(high, low).withUTF8(body)
    }

    /// Whether the left code comes first.
    public static func < (left: InstitutionID, right: InstitutionID) -> Bool {
        (left.high, left.low) < (right.high, right.low)
    }

    /// The twelve characters.
    public var description: String { text }
}

/// A terminal's name: eight characters, A-Z and 0-9; its certificate names the same.
public struct TerminalID: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// The eight characters, the first in the highest byte: names compare as these numbers do.
    public let word: UInt64

    /// Reads the name; nil for anything else.
    public init?(_ text: String) {
        guard let words = PackedText(text, where: \.isCapitalOrDigit), words.count == 8 else {
            return nil
        }
        word = words.words.0
    }

    /// The eight characters.
    public var text: String { PackedText(word).text }

    /// Runs the body with the characters' bytes.
    public func withUTF8<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        PackedText(word).withUTF8(body)
    }

    /// Whether the left name comes first.
    public static func < (left: TerminalID, right: TerminalID) -> Bool {
        left.word < right.word
    }

    /// The eight characters.
    public var description: String { text }
}

/// A pooling region's six-digit code, as in ID numbers.
public struct RegionCode: RawRepresentable, Sendable, Hashable, Comparable,
    CustomStringConvertible
{
    /// The code as a number, 100000...999999.
    public let rawValue: UInt32

    /// Creates the code of that number; nil where it has not six digits.
    public init?(rawValue: UInt32) {
        guard (100_000...999_999).contains(rawValue) else { return nil }
        self.rawValue = rawValue
    }

    /// Reads six digits, the first not zero; nil for anything else.
    public init?(_ text: String) {
        guard text.utf8.count == 6, text.utf8.allSatisfy(\.isDigit), let value = UInt32(text) else {
            return nil
        }
        self.init(rawValue: value)
    }

    /// Whether the left code is the smaller.
    public static func < (left: RegionCode, right: RegionCode) -> Bool {
        left.rawValue < right.rawValue
    }

    /// Feeds the number.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(rawValue)
    }

    /// Six digits.
    public var description: String { String(rawValue) }
}

/// A supplementary plan's id: 1 to 15 letters, digits, `-`, `_` or `.`.
public struct PlanID: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// The characters.
    public let text: String

    /// Reads the id; nil for anything else.
    public init?(_ text: String) {
        guard (1...15).contains(text.utf8.count),
            text.utf8.allSatisfy({ $0.isLetterOrDigit || $0 == 0x2d || $0 == 0x5f || $0 == 0x2e })
        else { return nil }
        self.text = text
    }

    /// Whether the left id comes first.
    public static func < (left: PlanID, right: PlanID) -> Bool {
        left.text < right.text
    }

    /// The characters.
    public var description: String { text }
}

/// An item's national code: 1 to 27 printable ASCII characters without spaces.
///
/// Western medicine has 23 characters, Chinese medicine 20, services 15.
public struct ItemCode: Sendable, Hashable, Comparable, CustomStringConvertible {
    private let words: PackedText

    /// Reads the code; nil for anything else.
    public init?(_ text: String) {
        guard let words = PackedText(text, where: \.isVisibleASCII), (1...27).contains(words.count)
        else { return nil }
        self.words = words
    }

    /// The characters.
    public var text: String { words.text }

    /// Runs the body with the characters' bytes.
    public func withUTF8<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        words.withUTF8(body)
    }

    /// Whether the left code comes first.
    public static func < (left: ItemCode, right: ItemCode) -> Bool {
        left.words < right.words
    }

    /// The characters.
    public var description: String { text }
}

/// The code on one package of a medicine: 1 to 32 printable ASCII characters without spaces.
public struct TraceCode: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// The characters.
    public let text: String

    /// Reads the code; nil for anything else.
    public init?(_ text: String) {
        guard (1...32).contains(text.utf8.count), text.utf8.allSatisfy(\.isVisibleASCII) else {
            return nil
        }
        self.text = text
    }

    /// Whether the left code comes first.
    public static func < (left: TraceCode, right: TraceCode) -> Bool {
        left.text < right.text
    }

    /// The characters.
    public var description: String { text }
}

extension UInt8 {
    /// Whether it is an ASCII digit.
    var isDigit: Bool { self >= 0x30 && self <= 0x39 }

    /// Whether it is an ASCII capital or digit.
    var isCapitalOrDigit: Bool { isDigit || self >= 0x41 && self <= 0x5a }

    /// Whether it is an ASCII letter or digit.
    var isLetterOrDigit: Bool { isCapitalOrDigit || self >= 0x61 && self <= 0x7a }

    /// Whether it is printable ASCII and no space.
    var isVisibleASCII: Bool { self >= 0x21 && self <= 0x7e }
}
