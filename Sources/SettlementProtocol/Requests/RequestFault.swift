import Ledger

/// A request that cannot be understood or is not served; answered, nothing executed.
///
/// - Source: Protocol/ResponseCodes.md.
public struct RequestFault: Error, Sendable, Hashable {
    /// `formatError` (the connection is closed after the answer) or `notSupported`.
    public var code: ResponseCode
    /// Why.
    public var reason: Reason
    /// Which field, and what it must be, without a card number or a PIN in it.
    public var detail: String

    /// Creates a fault of its parts.
    public init(code: ResponseCode, reason: Reason, detail: String) {
        self.code = code
        self.reason = reason
        self.detail = detail
    }

    static func format(_ reason: Reason, _ path: String, _ detail: String) -> RequestFault {
        RequestFault(code: .formatError, reason: reason, detail: "\(path): \(detail)")
    }

    static func missing(_ path: String) -> RequestFault {
        format(.fieldMissing, path, "missing")
    }

    static func outOfRange(_ path: String, _ detail: String) -> RequestFault {
        format(.fieldOutOfRange, path, detail)
    }
}
