/// Everything that is wrong with a configuration, found in one reading.
public struct ConfigurationFault: Error, Sendable, Equatable, CustomStringConvertible {
    /// One line each: the key's full path, the value, and what would be right, such as
    /// `limits.frame_seconds: 0 is outside 1...60`.
    public var problems: [String]

    /// Creates a fault of its problems.
    public init(problems: [String]) {
        self.problems = problems
    }

    /// The problems, a line each.
    public var description: String { problems.joined(separator: "\n") }
}
