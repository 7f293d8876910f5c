import COpenSSL
import CertificateAuthority
import SettlementDomain
import SettlementServer
import TLSChannel

/// Certificates as a peer may send them, what names a terminal in them, and an authority's index.
///
/// The first byte says what the rest is: a certificate in PEM, one in DER, names, lines of an index,
/// or a time.
enum CertificateFuzz {
    static func run(_ bytes: [UInt8]) throws -> Bool {
        var input = FuzzInput(bytes)
        switch input.byte() % 5 {
        case 0: return try read(input.remainder()) { PEM_read_bio_X509($0, nil, nil, nil) }
        case 1: return try read(input.remainder()) { d2i_X509_bio($0, nil) }
        case 2: return try names(&input)
        case 3: return try index(input.remainder())
        default: return try time(input.remainder())
        }
    }

    private static func read(
        _ bytes: [UInt8], _ take: (OpaquePointer) -> OpaquePointer?
    ) throws -> Bool {
        defer { ERR_clear_error() }
        guard let memory = BIO_new_mem_buf(bytes, Int32(bytes.count)) else { return false }
        defer { BIO_free(memory) }
        guard let certificate = take(memory) else { return false }
        defer { X509_free(certificate) }
        let peer = PeerCertificate(certificate)
        try FuzzFinding.unless(peer.sha256Fingerprint.utf8.count == 64, "no fingerprint")
        try named(peer)
        return true
    }

    /// A certificate's names, apart by zeros: the common name, then the URIs.
    private static func names(_ input: inout FuzzInput) throws -> Bool {
        let texts = input.remainder().split(separator: 0, omittingEmptySubsequences: false)
            .map { String(decoding: $0, as: UTF8.self) }
        let peer = PeerCertificate(
            commonName: texts.first, organization: nil, subject: "", issuer: "",
            uris: Array(texts.dropFirst()), serialHex: "01", sha256Fingerprint: "", notBefore: 0,
            notAfter: 0)
        return try named(peer)
    }

    /// A certificate that names a terminal says so twice, and names no other.
    @discardableResult
    private static func named(_ peer: PeerCertificate) throws -> Bool {
        guard let terminal = CertificateProfile.terminal(of: peer) else { return false }
        try FuzzFinding.unless(peer.commonName == terminal.text, "the common name is another")
        let uris = peer.uris.filter { $0.hasPrefix(CertificateProfile.uriPrefix) }
        try FuzzFinding.unless(
            uris == [CertificateProfile.uriPrefix + terminal.text], "the URIs name another")
        return true
    }

    private static func index(_ bytes: [UInt8]) throws -> Bool {
        let line = String(decoding: bytes, as: UTF8.self)
        guard let event = AuthorityIndex.Event(line) else { return false }
        try FuzzFinding.unless(event.line == line, "an event is written differently")
        return true
    }

    private static func time(_ bytes: [UInt8]) throws -> Bool {
        let text = String(decoding: bytes, as: UTF8.self)
        guard let time = UTCTime(text) else { return false }
        try FuzzFinding.unless(time.description == text, "a time is written differently")
        return true
    }
}
