/// Why a handshake or a session failed, sorted for counters and for what an operator does next.
public enum TLSFailure: Error, Sendable, Equatable, Hashable {
    /// The peer showed no certificate.
    case noCertificate
    /// No trust anchor signed the peer's certificate.
    case unknownAuthority
    /// The peer's certificate, or one above it, is past its `notAfter`.
    case expired
    /// The peer's certificate, or one above it, is before its `notBefore`.
    case notYetValid
    /// The peer's certificate is on its authority's revocation list.
    case revoked
    /// There is no current revocation list of the authority that signed the peer's certificate.
    case revocationUnknown
    /// The peer's certificate is genuine but not for this use: purpose, key size or chain length.
    case unsuitableCertificate(String)
    /// The server's certificate does not bear the name or address the client asked for.
    case wrongServerName
    /// The peer offered no application protocol, or none of ours.
    case alpnMismatch
    /// No TLS version is spoken by both.
    case protocolVersion
    /// The peer's bytes are not TLS.
    case notTLS
    /// The connection ended without the peer's close_notify: bytes may be missing.
    case truncated
    /// The peer gave up, with this alert.
    case refusedByPeer(TLSAlert)
    /// Anything else, in OpenSSL's words.
    case other(String)
}

extension TLSFailure {
    /// A short fixed word for the label of a counter; never holds text of the peer.
    public var label: String {
        switch self {
        case .noCertificate: "no_certificate"
        case .unknownAuthority: "unknown_authority"
        case .expired: "expired"
        case .notYetValid: "not_yet_valid"
        case .revoked: "revoked"
        case .revocationUnknown: "revocation_unknown"
        case .unsuitableCertificate: "unsuitable_certificate"
        case .wrongServerName: "wrong_server_name"
        case .alpnMismatch: "alpn_mismatch"
        case .protocolVersion: "protocol_version"
        case .notTLS: "not_tls"
        case .truncated: "truncated"
        case .refusedByPeer: "refused_by_peer"
        case .other: "other"
        }
    }
}

extension TLSFailure: CustomStringConvertible {
    /// The failure in words.
    public var description: String {
        switch self {
        case .noCertificate: "the peer showed no certificate"
        case .unknownAuthority: "no trusted authority signed the peer's certificate"
        case .expired: "the peer's certificate has expired"
        case .notYetValid: "the peer's certificate is not valid yet"
        case .revoked: "the peer's certificate is revoked"
        case .revocationUnknown:
            "no current revocation list of the authority that signed the peer's certificate"
        case .unsuitableCertificate(let why): "the peer's certificate is not for this use: \(why)"
        case .wrongServerName: "the server's certificate bears another name"
        case .alpnMismatch: "no application protocol in common"
        case .protocolVersion: "no TLS version in common"
        case .notTLS: "the peer's bytes are not TLS"
        case .truncated: "the connection ended without close_notify"
        case .refusedByPeer(let alert): "the peer refused with alert \(alert)"
        case .other(let text): text
        }
    }
}
