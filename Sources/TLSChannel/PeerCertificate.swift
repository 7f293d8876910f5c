/// What the peer's verified certificate says; which of it names a terminal is the server's matter.
///
/// Every text is as long as the certificate's: a NUL inside a name stays inside, so that two
/// texts are equal only if all their bytes are.
public struct PeerCertificate: Sendable, Equatable {
    /// The subject's common name, if it has exactly one.
    public let commonName: String?
    /// The subject's organisation, if it has exactly one.
    public let organization: String?
    /// The whole subject as RFC 2253 text, such as `CN=T0000001,O=H31010400123`.
    public let subject: String
    /// The issuer as RFC 2253 text.
    public let issuer: String
    /// The subject alternative names of type URI, in order.
    public let uris: [String]
    /// The subject alternative names of type DNS, in order.
    public let dnsNames: [String]
    /// The serial number, upper-case hexadecimal, an even count of digits.
    public let serialHex: String
    /// SHA-256 of the DER certificate, 64 lower-case hexadecimal digits.
    public let sha256Fingerprint: String
    /// First second of validity, seconds since 1970-01-01 UTC.
    public let notBefore: Int64
    /// Last second of validity, seconds since 1970-01-01 UTC.
    public let notAfter: Int64

    /// What a revocation list names it by.
    public var number: CertificateNumber {
        CertificateNumber(issuer: issuer, serialHex: serialHex)
    }

    /// Describes a certificate; ``TLSHandler`` makes these from real ones, and tests by hand.
    ///
    /// - Parameters:
    ///   - commonName: the subject's CN.
    ///   - organization: the subject's O.
    ///   - subject: the subject as RFC 2253 text.
    ///   - issuer: the issuer as RFC 2253 text.
    ///   - uris: SAN URIs.
    ///   - dnsNames: SAN DNS names.
    ///   - serialHex: serial number in upper-case hexadecimal.
    ///   - sha256Fingerprint: 64 lower-case hexadecimal digits.
    ///   - notBefore: first second of validity.
    ///   - notAfter: last second of validity.
    public init(
        commonName: String?,
        organization: String?,
        subject: String,
        issuer: String,
        uris: [String],
        dnsNames: [String] = [],
        serialHex: String,
        sha256Fingerprint: String,
        notBefore: Int64,
        notAfter: Int64
    ) {
        self.commonName = commonName
        self.organization = organization
        self.subject = subject
        self.issuer = issuer
        self.uris = uris
        self.dnsNames = dnsNames
        self.serialHex = serialHex
        self.sha256Fingerprint = sha256Fingerprint
        self.notBefore = notBefore
        self.notAfter = notAfter
    }
}

/// What a revocation list names a certificate by: an authority numbers each that it issues.
public struct CertificateNumber: Sendable, Hashable {
    /// The issuer as RFC 2253 text.
    public let issuer: String
    /// The serial number, upper-case hexadecimal, an even count of digits.
    public let serialHex: String

    init(issuer: String, serialHex: String) {
        self.issuer = issuer
        self.serialHex = serialHex
    }
}
