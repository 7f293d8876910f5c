import SettlementDomain
import TLSChannel

/// How a terminal's certificate names its terminal.
///
/// - Source: Protocol/Certificates.md, section 3.
package enum CertificateProfile {
    /// What stands before the terminal's id in the certificate's URI.
    package static let uriPrefix = "urn:settled:terminal:"

    /// The terminal that the certificate names; nil for a certificate that is no terminal's.
    ///
    /// Exactly one URI has the prefix, and the common name says the same.
    package static func terminal(of certificate: PeerCertificate) -> TerminalID? {
        let named = certificate.uris.filter { $0.hasPrefix(uriPrefix) }
        guard named.count == 1, let uri = named.first else { return nil }
        let id = String(uri.dropFirst(uriPrefix.count))
        guard certificate.commonName == id else { return nil }
        return TerminalID(id)
    }
}
