/// What the index knows of one certificate.
public struct IssuedRecord: Sendable, Hashable {
    /// Whom a certificate is for.
    public enum Kind: String, Sendable, Hashable {
        /// The daemon; extended key usage `serverAuth`.
        case server
        /// A terminal; extended key usage `clientAuth`.
        case terminal
    }

    /// When and why a certificate was revoked.
    public struct Revocation: Sendable, Hashable {
        /// The revocation date of the list's entry.
        public let time: UTCTime
        /// The reason code of the list's entry.
        public let reason: RevocationReason
    }

    /// Serial number, upper-case hexadecimal, 32 digits.
    public let serialHex: String
    /// Server or terminal.
    public let kind: Kind
    /// The subject as RFC 2253 text.
    public let subject: String
    /// From when to when it counts.
    public let validity: ValidityInterval
    /// `nil` while it is good.
    public let revocation: Revocation?
}

/// Why a certificate is revoked; the reason codes of RFC 5280, section 5.3.1, that apply here.
public enum RevocationReason: String, Sendable, Hashable, CaseIterable {
    /// No reason is stated.
    case unspecified
    /// The private key may be known to others.
    case keyCompromise
    /// The terminal moved to another institution.
    case affiliationChanged
    /// Another certificate has taken this one's place.
    case superseded
    /// The terminal is out of service.
    case cessationOfOperation

    /// The number in the list's entry; `nil` for `unspecified`, which RFC 5280 wants left out.
    var code: Int? {
        switch self {
        case .unspecified: nil
        case .keyCompromise: 1
        case .affiliationChanged: 3
        case .superseded: 4
        case .cessationOfOperation: 5
        }
    }
}
