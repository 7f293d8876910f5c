import Ledger

/// Bytes that are no frame of this protocol; the connection is answered with a notice and closed.
///
/// - Source: Protocol/Frames.md, "What is refused".
public enum FrameFault: Error, Sendable, Hashable {
    /// The length field is below 8.
    case lengthBelowHeader(UInt32)
    /// The length field is above the limit of this connection.
    case lengthAboveLimit(UInt32, max: UInt32)
    /// The version byte is not 1.
    case version(UInt8)
    /// The kind has the response bit where a request was due, or lacks it where a response was due.
    case direction(kind: UInt8)
    /// The flags are not zero.
    case flags(UInt16)

    /// Always format error: the peer is out of step, and nothing after this can be read.
    public var code: ResponseCode { .formatError }

    /// The number that a notice carries.
    public var reason: Reason {
        switch self {
        case .lengthBelowHeader, .lengthAboveLimit: .frameLength
        case .version: .frameVersion
        case .direction: .kindUnknown
        case .flags: .frameFlags
        }
    }

    /// What was wrong, with the numbers: `frame.length: 70000, at most 65536`.
    public var detail: String {
        switch self {
        case .lengthBelowHeader(let length): "frame.length: \(length), at least 8"
        case .lengthAboveLimit(let length, let max): "frame.length: \(length), at most \(max)"
        case .version(let version): "frame.version: \(version), must be 1"
        case .direction(let kind): "frame.kind: \(Self.hex(kind)) does not belong in this direction"
        case .flags(let flags): "frame.flags: \(flags), must be 0"
        }
    }

    /// A kind as documents write it: `0x12`.
    static func hex(_ kind: UInt8) -> String {
        (kind < 16 ? "0x0" : "0x") + String(kind, radix: 16)
    }
}
