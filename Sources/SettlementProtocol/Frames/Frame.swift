import NIOCore

/// One frame: the unit in which requests and responses travel on a connection.
///
/// Twelve bytes of header, big-endian, then the body: u32 length of what follows the length field,
/// u8 version, u8 kind, u16 flags, u32 request id.
/// - Source: Protocol/Frames.md.
public struct Frame: Sendable, Hashable {
    /// What the body is: a request's number, for its response with `responseBit` set.
    public var kind: UInt8
    /// Zero in version 1.
    public var flags: UInt16
    /// Chosen by the requester, repeated in the response; unique among requests without an answer.
    public var requestID: UInt32
    /// The message, Protocol Buffers; a slice of what was received.
    public var body: ByteBuffer

    /// Creates a frame of its parts.
    public init(kind: UInt8, flags: UInt16 = 0, requestID: UInt32, body: ByteBuffer) {
        self.kind = kind
        self.flags = flags
        self.requestID = requestID
        self.body = body
    }

    /// Bytes before the body.
    public static let headerBytes = 12

    /// Bytes of the header that the length field counts.
    public static let countedHeaderBytes = 8

    /// The version in every frame of this protocol.
    public static let version: UInt8 = 1

    /// Set in a response's kind.
    public static let responseBit: UInt8 = 0x80

    /// The kind of a `Result` that answers no request; the connection is closed after it.
    public static let noticeKind: UInt8 = 0xff

    /// The request id of a notice.
    public static let noticeRequestID: UInt32 = 0

    /// The largest value of the length field on a terminal's connection: 64 KiB.
    public static let terminalLengthMax: UInt32 = 65_536

    /// The largest value of the length field on the operator's local socket: 64 MiB.
    public static let operatorLengthMax: UInt32 = 67_108_864
}
