/// The code of a diagnosis, such as `E11.9`: 1 to 20 letters, digits, hyphens or points.
public struct DiseaseCode: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// The characters.
    public let text: String

    /// Reads the code; nil for anything else.
    public init?(_ text: String) {
        guard (1...20).contains(text.utf8.count),
            text.utf8.allSatisfy({ $0.isLetterOrDigit || $0 == 0x2d || $0 == 0x2e })
        else { return nil }
        self.text = text
    }

    /// Whether the left code comes first.
    public static func < (left: DiseaseCode, right: DiseaseCode) -> Bool {
        left.text < right.text
    }

    /// The characters.
    public var description: String { text }
}

/// A chronic disease for which a person is registered, so that the pooled fund pays its visits.
public struct ChronicDisease: Sendable, Hashable {
    /// The disease.
    public var code: DiseaseCode
    /// The first service date on which it counts.
    public var from: CivilDate
    /// The last; nil: without end.
    public var until: CivilDate?

    /// The most that a person may be registered for.
    public static let countMax = 16

    /// Creates a registration of its parts.
    public init(code: DiseaseCode, from: CivilDate, until: CivilDate? = nil) {
        self.code = code
        self.from = from
        self.until = until
    }

    /// Whether it counts on that service date.
    public func counts(on day: CivilDate) -> Bool {
        from <= day && until.map { day <= $0 } ?? true
    }
}
