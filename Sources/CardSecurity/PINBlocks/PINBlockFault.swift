/// A PIN block cannot be used.
///
/// It does not say why, and takes the same time for every reason.
public struct PINBlockFault: Error, Sendable, Hashable, CustomStringConvertible {
    /// Creates the fault.
    public init() {}

    /// The same text for every reason.
    public var description: String { "the PIN block cannot be used" }
}
