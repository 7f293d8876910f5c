/// Fired inbound as a user event, once, before the first plaintext byte.
///
/// From here on the channel carries the application's bytes. A deadline for the handshake is to
/// be set by a handler behind ``TLSHandler`` when the channel becomes active, and cancelled at
/// this event; closing the channel before it ends the handshake at once.
public struct TLSHandshakeCompleted: Sendable, Equatable {
    /// The application protocol agreed by ALPN; one of ``TLSConfiguration/applicationProtocols``.
    public let alpn: String
    /// The peer's certificate, verified against the trust anchors and revocation lists.
    public let peerCertificate: PeerCertificate
    /// The version in OpenSSL's words, such as `TLSv1.3`.
    public let protocolVersion: String
    /// The cipher suite in OpenSSL's words, such as `TLS_AES_256_GCM_SHA384`.
    public let cipherSuite: String

    /// Describes a finished handshake; ``TLSHandler`` makes these, and tests of other handlers.
    ///
    /// - Parameters:
    ///   - alpn: the protocol agreed.
    ///   - peerCertificate: the peer's verified certificate.
    ///   - protocolVersion: the TLS version.
    ///   - cipherSuite: the cipher suite.
    public init(
        alpn: String,
        peerCertificate: PeerCertificate,
        protocolVersion: String = "TLSv1.3",
        cipherSuite: String = "TLS_AES_256_GCM_SHA384"
    ) {
        self.alpn = alpn
        self.peerCertificate = peerCertificate
        self.protocolVersion = protocolVersion
        self.cipherSuite = cipherSuite
    }
}
