import COpenSSL

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Puts the settings and files of a configuration into a fresh `SSL_CTX`.
struct TLSContextLoading {
    let sslContext: OpaquePointer
    let configuration: TLSConfiguration
    /// Seconds since 1970; what "expired" is judged by.
    private let now = Int64(time(nil))

    init(sslContext: OpaquePointer, configuration: TLSConfiguration) {
        self.sslContext = sslContext
        self.configuration = configuration
    }

    /// Versions, options, algorithms and ALPN.
    func applySettings() throws(TLSFault) {
        let minimum = configuration.minimumVersion == .tls12 ? TLS1_2_VERSION : TLS1_3_VERSION
        COpenSSL_SSL_CTX_set_min_proto_version(sslContext, minimum)
        // No tickets and no session cache: a resumed session could outlive its certificate.
        SSL_CTX_set_options(
            sslContext,
            COpenSSL_SSL_OP_NO_TICKET | COpenSSL_SSL_OP_NO_RENEGOTIATION
                | COpenSSL_SSL_OP_NO_COMPRESSION)
        SSL_CTX_set_num_tickets(sslContext, 0)
        COpenSSL_SSL_CTX_set_session_cache_mode(sslContext, Int(SSL_SESS_CACHE_OFF))
        // The chain that is sent is the one in the file: OpenSSL would look for it in the trust anchors in
        // each handshake, verifying the own certificate, and send the root too.
        COpenSSL_SSL_CTX_set_mode(
            sslContext, Int(SSL_MODE_RELEASE_BUFFERS | SSL_MODE_NO_AUTO_CHAIN))
        COpenSSL_SSL_CTX_set_read_ahead(sslContext, 1)
        SSL_CTX_set_security_level(sslContext, 2)
        guard COpenSSL_SSL_CTX_set1_groups_list(sslContext, configuration.groups) == 1 else {
            throw .setting(name: "groups", problem: OpenSSLError.takeText())
        }
        guard
            COpenSSL_SSL_CTX_set1_sigalgs_list(sslContext, configuration.signatureAlgorithms) == 1
        else { throw .setting(name: "signatureAlgorithms", problem: OpenSSLError.takeText()) }
        guard SSL_CTX_set_cipher_list(sslContext, "ECDHE+AESGCM:ECDHE+CHACHA20") == 1 else {
            throw .setting(name: "cipher list", problem: OpenSSLError.takeText())
        }
        if case .client = configuration.role {
            let offer = configuration.applicationProtocolsOnTheWire
            // Unlike its neighbours this function returns 0 for success.
            guard SSL_CTX_set_alpn_protos(sslContext, offer, UInt32(offer.count)) == 0 else {
                throw .setting(name: "applicationProtocols", problem: OpenSSLError.takeText())
            }
        }
    }

    /// Certificate chain and private key.
    ///
    /// - Returns: the own certificate's last second of validity; `nil` without an identity.
    func loadIdentity() throws(TLSFault) -> Int64? {
        guard let identity = configuration.identity else { return nil }
        let chain = PEMFile(path: identity.certificateChainPath)
        let key = PEMFile(path: identity.privateKeyPath)
        try chain.requireReadable()
        try key.requireReadable()
        try key.requirePrivate()
        ERR_clear_error()
        guard SSL_CTX_use_certificate_chain_file(sslContext, chain.path) == 1 else {
            throw .file(
                path: chain.path, problem: "no usable certificate: \(OpenSSLError.takeText())")
        }
        // Without this an encrypted key would make libcrypto ask on the terminal and wait.
        SSL_CTX_set_default_passwd_cb(sslContext) { _, _, _, _ in -1 }
        guard SSL_CTX_use_PrivateKey_file(sslContext, key.path, SSL_FILETYPE_PEM) == 1 else {
            let error = OpenSSLError.take()
            if error?.library == ERR_LIB_X509, error?.reason == X509_R_KEY_VALUES_MISMATCH {
                throw .file(
                    path: key.path, problem: "is not the key of the certificate in \(chain.path)")
            }
            throw .file(
                path: key.path,
                problem: "no usable private key without a passphrase: \(error?.text ?? "")")
        }
        guard SSL_CTX_check_private_key(sslContext) == 1 else {
            ERR_clear_error()
            throw .file(
                path: key.path, problem: "is not the key of the certificate in \(chain.path)")
        }
        let own = SSL_CTX_get0_certificate(sslContext)
        guard let expiry = X509Reading.epochSeconds(X509_get0_notAfter(own)) else {
            throw .file(path: chain.path, problem: "the certificate's notAfter is malformed")
        }
        // A client's expired certificate is the server's to refuse, with an alert that says so.
        if case .server = configuration.role, expiry < now {
            throw .file(
                path: chain.path,
                problem: "the certificate expired at \(X509Reading.describe(epochSeconds: expiry))")
        }
        return expiry
    }

    /// Trust anchors, revocation lists, and what is demanded of the peer.
    ///
    /// - Returns: the lists, which the caller keeps as long as the context verifies.
    func loadTrust() throws(TLSFault) -> RevocationLists? {
        guard let store = SSL_CTX_get_cert_store(sslContext) else {
            throw .setting(name: "libssl", problem: "no certificate store")
        }
        let anchors = try PEMFile(path: configuration.trustAnchorsPath).certificates()
        defer { anchors.forEach { X509_free($0) } }
        try requireCurrent(anchors)
        for anchor in anchors {
            guard X509_STORE_add_cert(store, anchor) == 1 else {
                throw .file(
                    path: configuration.trustAnchorsPath, problem: OpenSSLError.takeText())
            }
            if case .server = configuration.role {
                SSL_CTX_add_client_CA(sslContext, anchor)
            }
        }
        SSL_CTX_set_verify(
            sslContext, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nil)
        SSL_CTX_set_verify_depth(sslContext, configuration.verifyDepth)
        guard let path = configuration.revocationListPath else { return nil }
        return try RevocationLists(
            path: path, anchors: anchors, anchorsPath: configuration.trustAnchorsPath,
            store: store, now: now)
    }

    private func requireCurrent(_ anchors: [OpaquePointer]) throws(TLSFault) {
        let current = anchors.contains {
            (X509Reading.epochSeconds(X509_get0_notAfter($0)) ?? 0) >= now
        }
        guard current else {
            throw .file(
                path: configuration.trustAnchorsPath,
                problem: "every authority in it has expired")
        }
    }
}
