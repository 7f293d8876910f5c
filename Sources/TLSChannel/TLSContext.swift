import COpenSSL

/// The files and settings of one side, read and checked, as an `SSL_CTX`; shared by connections.
///
/// `@unchecked Sendable`: every stored property is immutable. `sslContext` is written to only in
/// `init`, before anything else can see it; afterwards only `SSL_new` is called on it, which
/// OpenSSL guards with atomic reference counts and locks of its own (openssl-threads(7)). The
/// revocation lists are only looked up in, and OpenSSL locks the sorting that does. All are freed
/// in `deinit`, when no session holds this object any more.
public final class TLSContext: @unchecked Sendable {
    /// What this context was made from.
    public let configuration: TLSConfiguration
    /// Last second of validity of the own certificate, seconds since 1970; `nil` without one.
    public let certificateExpiry: Int64?
    /// When the first of the revocation lists runs out, seconds since 1970; `nil` without one.
    ///
    /// From then on every certificate of that authority is refused with `revocationUnknown`.
    public let revocationListExpiry: Int64?

    let sslContext: OpaquePointer
    private let revocationLists: [OpaquePointer]

    /// Reads and checks every file of the configuration.
    ///
    /// Blocks on files; not for an event loop.
    ///
    /// - Parameter configuration: what to read.
    /// - Throws: ``TLSFault/file(path:problem:)`` if a file is missing, malformed or expired, if
    ///   certificate and key do not belong together, or if no trust anchor signed a revocation
    ///   list; ``TLSFault/setting(name:problem:)`` for a value out of range.
    public init(_ configuration: TLSConfiguration) throws(TLSFault) {
        try configuration.validate()
        ERR_clear_error()
        guard let sslContext = SSL_CTX_new(TLS_method()) else {
            throw .setting(name: "libssl", problem: OpenSSLError.takeText())
        }
        let loading = TLSContextLoading(sslContext: sslContext, configuration: configuration)
        do throws(TLSFault) {
            try loading.applySettings()
            certificateExpiry = try loading.loadIdentity()
            (revocationLists, revocationListExpiry) = try loading.loadTrust()
        } catch {
            SSL_CTX_free(sslContext)
            throw error
        }
        self.sslContext = sslContext
        self.configuration = configuration
        if case .server = configuration.role {
            ALPNSelection.install(in: self)
        }
    }

    deinit {
        SSL_CTX_free(sslContext)
        for list in revocationLists {
            X509_CRL_free(list)
        }
    }

    /// Whether a revocation list of this context names the certificate; any thread.
    ///
    /// For ending the connections of a certificate that was revoked after its handshake: ask the
    /// new context after ``TLSContextHolder/reload()``.
    ///
    /// - Parameter certificate: of a connection that an earlier context let in.
    /// - Returns: `false` also if there is no list of its issuer.
    public func revokes(_ certificate: PeerCertificate) -> Bool {
        var number: OpaquePointer?
        guard BN_hex2bn(&number, certificate.serialHex) > 0, let number else { return false }
        defer { BN_free(number) }
        guard let serial = BN_to_ASN1_INTEGER(number, nil) else { return false }
        defer { ASN1_INTEGER_free(serial) }
        return revocationLists.contains { list in
            var entry: OpaquePointer?
            return X509Reading.text(of: X509_CRL_get_issuer(list)) == certificate.issuer
                && X509_CRL_get0_by_serial(list, &entry, serial) == 1
        }
    }
}
