import COpenSSL

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The oldest entry of this thread's OpenSSL error queue (ERR_get_error(3)): the root cause.
struct OpenSSLError {
    /// The module of OpenSSL that failed, such as `ERR_LIB_SSL`.
    let library: Int32
    /// The module's number for the reason, such as `SSL_R_UNSUPPORTED_PROTOCOL`.
    let reason: Int32
    /// OpenSSL's words.
    let text: String

    /// Empties the queue and keeps its oldest entry; `nil` if it is empty.
    static func take() -> OpenSSLError? {
        let code = ERR_get_error()
        guard code != 0 else { return nil }
        defer { ERR_clear_error() }
        if ERR_GET_LIB(code) == ERR_LIB_SYS {
            return OpenSSLError(
                library: ERR_LIB_SYS, reason: ERR_GET_REASON(code),
                text: String(cString: strerror(ERR_GET_REASON(code))))
        }
        let text = ERR_reason_error_string(code).map { String(cString: $0) }
        return OpenSSLError(
            library: ERR_GET_LIB(code), reason: ERR_GET_REASON(code),
            text: text ?? "OpenSSL error \(code)")
    }

    /// Empties the queue: `ERR_clear_error` goes through all its places, filled or not, and before each call
    /// of libssl it is nearly always empty.
    static func clear() {
        if ERR_peek_error() != 0 { ERR_clear_error() }
    }

    /// Empties the queue and gives the oldest entry's words.
    static func takeText() -> String {
        take()?.text ?? "OpenSSL gave no reason"
    }
}
