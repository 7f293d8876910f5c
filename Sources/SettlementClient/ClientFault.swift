import Ledger
import SettlementProtocol
import TLSChannel

/// Why a request has no answer, or a connection cannot be had.
///
/// Holds no card number and no PIN.
public enum ClientFault: Error, Sendable, Equatable {
    /// Nobody answers at the address: nothing was sent.
    case unreachable(address: String, problem: String)
    /// TLS failed; before the handshake's end nothing was sent.
    case tls(TLSFault)
    /// The connection ended. What was in flight may or may not have been executed.
    case cut(String)
    /// No answer came in time; the connection is closed. What was in flight may have been executed.
    case timedOut(String)
    /// The connection had ended before: nothing was sent.
    case closed
    /// The daemon said why it closes the connection. What was in flight was not executed, unless it
    /// was handed to the ledger before.
    case notice(ResultFields)
    /// The daemon did not let the terminal sign on.
    case signOnRefused(ResultFields)
    /// The daemon refused what was asked, such as a reconciliation; nothing was changed.
    case refused(String, ResultFields)
    /// The session's PIN key cannot be used, most likely because the master key differs.
    case pinKey(String)
    /// A request with a PIN was made in a session without a PIN key, or the PIN is malformed.
    case pinUnusable(String)
    /// The daemon sent bytes that are no frame of this protocol.
    case frame(FrameFault)
    /// The daemon sent a response that this version cannot read; its outcome is unknown.
    case response(ResponseFault)
    /// The daemon answered what it should not: a field that this request's answer must have is not
    /// there.
    case protocolViolation(String)
    /// All 999,999 STANs of the business date are used up, or the counter's file cannot be kept.
    case stan(String)
    /// The file of open items cannot be kept: what and where.
    case file(String)

    /// Whether the daemon may have executed the request without this side knowing its answer.
    ///
    /// The same request may then be sent again under the same key, and never under a new one.
    public var isOutcomeUnknown: Bool {
        switch self {
        case .cut, .timedOut, .notice, .frame, .response, .protocolViolation: true
        case .unreachable, .tls, .closed, .signOnRefused, .refused, .pinKey, .pinUnusable, .stan,
            .file:
            false
        }
    }

    /// Whether a new connection may help.
    public var isWorthReconnecting: Bool {
        switch self {
        case .unreachable, .cut, .timedOut, .closed, .frame: true
        case .tls(.session(.truncated)), .tls(.handshake(.truncated)): true
        case .notice(let result), .signOnRefused(let result), .refused(_, let result):
            result.code == .unavailable || result.code == .dayClose
                || result.reason == .deadlinePassed
        case .tls, .pinKey, .pinUnusable, .response, .protocolViolation, .stan, .file: false
        }
    }
}

extension ClientFault: CustomStringConvertible {
    /// One line for a person: what happened and what is known of the outcome.
    public var description: String {
        switch self {
        case .unreachable(let address, let problem): "\(address): \(problem)"
        case .tls(let fault): fault.description
        case .cut(let how): "the connection ended: \(how)"
        case .timedOut(let what): "no answer in time: \(what)"
        case .closed: "the connection is closed"
        case .notice(let result): "the daemon closed the connection: \(Self.words(result))"
        case .signOnRefused(let result): "sign-on refused: \(Self.words(result))"
        case .refused(let what, let result): "\(what) refused: \(Self.words(result))"
        case .pinKey(let problem): "the session's PIN key cannot be used: \(problem)"
        case .pinUnusable(let problem): problem
        case .frame(let fault): "the daemon's bytes are no frame: \(fault.detail)"
        case .response(let fault): "the daemon's response cannot be read: \(fault)"
        case .protocolViolation(let what): "the daemon's response is incomplete: \(what)"
        case .stan(let problem): problem
        case .file(let problem): problem
        }
    }

    private static func words(_ result: ResultFields) -> String {
        let detail = result.detail.isEmpty ? "" : " (\(result.detail))"
        return "\(result.code.text) \(result.code.words), \(result.reason.words)\(detail)"
    }
}
