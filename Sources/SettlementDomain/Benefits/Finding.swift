/// One thing that a policy says wrongly or doubtfully.
public struct Finding: Sendable, Hashable, CustomStringConvertible {
    /// How bad it is.
    public enum Severity: UInt8, NamedCode {
        /// The policy cannot be used.
        case error = 1
        /// It can be used; somebody should look at it.
        case warning = 2
    }

    /// How bad it is.
    public var severity: Severity
    /// Where: `benefits.outpatient.employee.retired.level3.ratio`, `benefits[2]`, `plans.CORP-A`.
    public var path: String
    /// What is wrong there, with the values.
    public var message: String

    /// Creates a finding.
    public init(_ severity: Severity, _ path: String, _ message: String) {
        self.severity = severity
        self.path = path
        self.message = message
    }

    /// `error: path: message`.
    public var description: String { "\(severity.name): \(path): \(message)" }
}
