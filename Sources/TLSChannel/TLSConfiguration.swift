/// What one side of a TLS channel is set up with: its files, its role and its limits.
///
/// Nothing is read here; ``TLSContext/init(_:)`` reads and checks.
public struct TLSConfiguration: Sendable, Equatable {
    /// The side of the connection this configuration is for.
    public enum Role: Sendable, Equatable {
        /// Accepts connections and requires a certificate of every client.
        case server
        /// Opens connections and checks the server's certificate against this identity.
        case client(server: ServerIdentity)
    }

    /// Whom a client expects to reach.
    public enum ServerIdentity: Sendable, Equatable {
        /// The server's certificate must bear this DNS name, which is also sent as SNI.
        case hostName(String)
        /// The server's certificate must bear this IP address (v4 or v6, as text).
        case address(String)
        /// Any server whose certificate a trust anchor signed will do; its name is not looked at.
        case anyHolderOfTrustedCertificate
    }

    /// The certificate a side shows, and the private key that belongs to it.
    public struct Identity: Sendable, Equatable {
        /// PEM: the own certificate first, then intermediate authorities if there are any.
        public var certificateChainPath: String
        /// PEM, not encrypted; neither writable by the group nor open to others.
        public var privateKeyPath: String

        /// Names the two files of an identity.
        ///
        /// - Parameters:
        ///   - certificateChainPath: PEM file, own certificate first.
        ///   - privateKeyPath: PEM file of the key, without a passphrase.
        public init(certificateChainPath: String, privateKeyPath: String) {
            self.certificateChainPath = certificateChainPath
            self.privateKeyPath = privateKeyPath
        }
    }

    /// The TLS versions that may be named as the lowest.
    public enum ProtocolVersion: Sendable, Equatable {
        /// TLS 1.2 (RFC 5246), for terminals that know no better.
        case tls12
        /// TLS 1.3 (RFC 8446).
        case tls13
    }

    /// Server or client.
    public var role: Role
    /// Certificate and key; a server needs one, a client without one is refused by our servers.
    public var identity: Identity?
    /// PEM file of the authorities whose signature on the peer's certificate counts.
    public var trustAnchorsPath: String
    /// PEM file of one or more revocation lists; `nil` checks no revocation.
    public var revocationListPath: String?
    /// ALPN protocol names, most wanted first; each 1-255 bytes, at least one.
    public var applicationProtocols: [String]
    /// The lowest version that is spoken; default TLS 1.3.
    public var minimumVersion: ProtocolVersion = .tls13
    /// Greatest number of intermediate authorities between the peer and an anchor; 0-10, default 1.
    public var verifyDepth: Int32 = 1
    /// Signature algorithms offered and accepted, in OpenSSL's notation.
    ///
    /// The default admits keys EC P-256, EC P-384 and RSA (from 2,048 bits).
    public var signatureAlgorithms =
        "ECDSA+SHA256:ECDSA+SHA384:RSA-PSS+SHA256:RSA-PSS+SHA384:RSA-PSS+SHA512"
        + ":RSA+SHA256:RSA+SHA384:RSA+SHA512"
    /// Key exchange groups, in OpenSSL's notation, most wanted first.
    public var groups = "X25519:P-256:P-384"
    /// Longest time from the start of closing to the end of the connection, waiting for the peer
    /// to take the last bytes; default 1 s.
    public var closeDeadline: Duration = .seconds(1)

    /// Configures one side.
    ///
    /// - Parameters:
    ///   - role: server or client.
    ///   - identity: certificate and key; `nil` only for a client that shows none.
    ///   - trustAnchorsPath: PEM file of the authorities that are trusted.
    ///   - revocationListPath: PEM file of revocation lists; `nil` checks none.
    ///   - applicationProtocols: ALPN names, most wanted first; an absent offer is refused.
    public init(
        role: Role,
        identity: Identity?,
        trustAnchorsPath: String,
        revocationListPath: String? = nil,
        applicationProtocols: [String]
    ) {
        self.role = role
        self.identity = identity
        self.trustAnchorsPath = trustAnchorsPath
        self.revocationListPath = revocationListPath
        self.applicationProtocols = applicationProtocols
    }
}
