/// The number of a TLS alert (RFC 8446, section 6).
public struct TLSAlert: RawRepresentable, Sendable, Equatable, Hashable {
    /// The alert's description byte.
    public var rawValue: UInt8

    /// Wraps the description byte of an alert.
    ///
    /// - Parameter rawValue: any byte; unknown ones are kept as they are.
    public init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    /// 42: a certificate is corrupt, too weak or not valid yet.
    public static let badCertificate = TLSAlert(rawValue: 42)
    /// 43: a certificate is of an unsupported kind or for another purpose.
    public static let unsupportedCertificate = TLSAlert(rawValue: 43)
    /// 44: a certificate is revoked.
    public static let certificateRevoked = TLSAlert(rawValue: 44)
    /// 45: a certificate or a revocation list has expired.
    public static let certificateExpired = TLSAlert(rawValue: 45)
    /// 48: no trusted authority signed the certificate.
    public static let unknownAuthority = TLSAlert(rawValue: 48)
    /// 70: the offered versions are too old.
    public static let protocolVersion = TLSAlert(rawValue: 70)
    /// 116: a client certificate is required and none was shown.
    public static let certificateRequired = TLSAlert(rawValue: 116)
    /// 120: no application protocol in common, or none offered.
    public static let noApplicationProtocol = TLSAlert(rawValue: 120)
}

extension TLSAlert: CustomStringConvertible {
    /// The number and the name of RFC 8446, or the number alone if this list lacks it.
    public var description: String {
        guard let name = Self.names[rawValue] else { return "\(rawValue)" }
        return "\(rawValue) (\(name))"
    }

    private static let names: [UInt8: String] = [
        0: "close_notify", 10: "unexpected_message", 20: "bad_record_mac", 22: "record_overflow",
        40: "handshake_failure", 42: "bad_certificate", 43: "unsupported_certificate",
        44: "certificate_revoked", 45: "certificate_expired", 46: "certificate_unknown",
        47: "illegal_parameter", 48: "unknown_ca", 49: "access_denied", 50: "decode_error",
        51: "decrypt_error", 70: "protocol_version", 71: "insufficient_security",
        80: "internal_error", 86: "inappropriate_fallback", 90: "user_canceled",
        109: "missing_extension", 110: "unsupported_extension", 112: "unrecognized_name",
        113: "bad_certificate_status_response", 115: "unknown_psk_identity",
        116: "certificate_required", 120: "no_application_protocol",
    ]
}
