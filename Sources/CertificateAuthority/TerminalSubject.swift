/// How a certificate names its terminal; Protocol/Certificates.md, section 3.
public struct TerminalSubject: Sendable, Hashable {
    /// What stands before the terminal's id in the certificate's URI.
    public static let uriPrefix = "urn:settled:terminal:"

    /// The terminal: CN and last part of the SAN URI; eight of `A-Z 0-9`.
    public let terminal: String
    /// The terminal's institution: O; twelve of `A-Z 0-9`.
    public let institution: String

    /// Checks both names.
    ///
    /// - Parameters:
    ///   - terminal: eight of `A-Z 0-9`.
    ///   - institution: twelve of `A-Z 0-9`.
    /// - Throws: ``CertificateAuthorityFault/name(field:value:problem:)``.
    public init(terminal: String, institution: String) throws(CertificateAuthorityFault) {
        try NameRule.terminal.check(terminal)
        try NameRule.institution.check(institution)
        self.terminal = terminal
        self.institution = institution
    }

    /// The SAN URI that names the terminal.
    public var uri: String { Self.uriPrefix + terminal }
}

/// A name under which clients know a server.
public enum ServerName: Sendable, Hashable {
    /// A DNS name, perhaps with `*` as its first label.
    case dns(String)
    /// An IPv4 or IPv6 address as text.
    case address(String)
}
