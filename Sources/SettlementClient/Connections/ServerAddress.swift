import TLSChannel

/// Where a daemon listens.
public enum ServerAddress: Sendable {
    /// TLS over TCP, for terminals: a host name or address, a port, and what the client shows and
    /// trusts.
    case tls(host: String, port: Int, TLSContext)
    /// A UNIX-domain socket without TLS, for the operator on the same machine.
    case local(path: String)

    /// The protocol name that both sides agree on by ALPN.
    public static let applicationProtocol = "settle/1"

    /// Whether a host is an IPv4 or IPv6 address and no name.
    public static func isNumeric(_ host: String) -> Bool {
        host.contains(":")
            || host.split(separator: ".").count == 4
                && host.utf8.allSatisfy { $0 == 0x2e || (0x30...0x39).contains($0) }
    }

    /// The largest value of a frame's length field that is taken from the daemon.
    var frameLengthMax: UInt32 {
        switch self {
        case .tls: FrameLimit.terminal
        case .local: FrameLimit.operator
        }
    }

    /// The address as messages name it: `pay.example:7443`, `/run/settled/operator.sock`.
    public var text: String {
        switch self {
        case .tls(let host, let port, _):
            host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        case .local(let path): path
        }
    }
}
