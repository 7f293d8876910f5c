/// A response that this version cannot read.
public enum ResponseFault: Error, Sendable, Hashable {
    /// The body is no message of the response's kind.
    case unreadable(kind: UInt8)
    /// The kind is no response that this version reads.
    case kind(UInt8)
    /// The code is none of ResponseCodes.md: treat it as 96.
    case code
    /// A field has a value that this version does not know.
    case field(String)
}
