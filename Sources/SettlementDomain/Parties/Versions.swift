/// A catalog's version number; a newer catalog has a higher one.
public struct CatalogVersion: RawRepresentable, Sendable, Hashable, Comparable,
    CustomStringConvertible
{
    /// The number.
    public let rawValue: UInt32

    /// Creates the version of that number.
    public init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    /// Whether the left version is the older.
    public static func < (left: CatalogVersion, right: CatalogVersion) -> Bool {
        left.rawValue < right.rawValue
    }

    /// Feeds the number.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(rawValue)
    }

    /// Decimal digits.
    public var description: String { String(rawValue) }
}

/// A policy's version number within its pooling region.
public struct PolicyVersion: RawRepresentable, Sendable, Hashable, Comparable,
    CustomStringConvertible
{
    /// The number.
    public let rawValue: UInt32

    /// Creates the version of that number.
    public init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    /// Whether the left version is the older.
    public static func < (left: PolicyVersion, right: PolicyVersion) -> Bool {
        left.rawValue < right.rawValue
    }

    /// Feeds the number.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(rawValue)
    }

    /// Decimal digits.
    public var description: String { String(rawValue) }
}
