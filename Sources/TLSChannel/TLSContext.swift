import COpenSSL

/// The files and settings of one side, read and checked, as an `SSL_CTX`; shared by connections.
///
/// `@unchecked Sendable`: every stored property is immutable. `sslContext` is written to only in
/// `init`, before anything else can see it; afterwards only `SSL_new` is called on it, which
/// OpenSSL guards with atomic reference counts and locks of its own (openssl-threads(7)). The
/// revocation lists are only looked up in, and OpenSSL locks the sorting that does. All are freed
/// with this object, when no session holds it any more.
public final class TLSContext: @unchecked Sendable {
    /// What this context was made from.
    public let configuration: TLSConfiguration
    /// Last second of validity of the own certificate, seconds since 1970; `nil` without one.
    public let certificateExpiry: Int64?
    /// When the first of the revocation lists runs out, seconds since 1970; `nil` without one.
    ///
    /// From then on every certificate of that authority is refused with `revocationUnknown`.
    public var revocationListExpiry: Int64? { revocationLists?.expiry }

    let sslContext: OpaquePointer
    private let revocationLists: RevocationLists?

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
            revocationLists = try loading.loadTrust()
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
        // Before the lists, which its verifications borrow.
        SSL_CTX_free(sslContext)
    }

    /// Whether a revocation list of this context names the certificate; any thread.
    ///
    /// For ending the connections of a certificate that was revoked after its handshake: ask the
    /// new context after ``TLSContextHolder/reload()``.
    ///
    /// - Parameter certificate: of a connection that an earlier context let in.
    /// - Returns: `false` also if there is no list of its issuer.
    public func revokes(_ certificate: CertificateNumber) -> Bool {
        revocationLists?.contains(certificate) ?? false
    }
}
