/// What went wrong with a channel's TLS, or with the files it needs.
public enum TLSFault: Error, Sendable, Equatable {
    /// A file is missing, unreadable, not what it should be, or does not fit the others.
    case file(path: String, problem: String)
    /// A value of ``TLSConfiguration`` is out of range.
    case setting(name: String, problem: String)
    /// The handshake failed; no byte of the application was exchanged by this side.
    case handshake(TLSFailure)
    /// The established session failed; what was delivered before is authentic.
    ///
    /// A client that speaks TLS 1.3 learns only here, at its first read, that the server refuses
    /// its certificate: its own half of the handshake is complete by then.
    case session(TLSFailure)
}

extension TLSFault: CustomStringConvertible {
    /// One line for a log; holds no secret and no byte of the application.
    public var description: String {
        switch self {
        case .file(let path, let problem): "\(path): \(problem)"
        case .setting(let name, let problem): "TLS setting \(name): \(problem)"
        case .handshake(let failure): "TLS handshake failed: \(failure)"
        case .session(let failure): "TLS session failed: \(failure)"
        }
    }
}
