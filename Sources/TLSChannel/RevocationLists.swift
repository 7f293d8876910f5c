import COpenSSL

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The revocation lists of a file, verified when they are loaded, so that handshakes need not.
///
/// OpenSSL verifies a list's signature anew in each handshake that looks into it, which costs as much as
/// the certificate's own. That is left out for a list that was verified here, under the very authority
/// that the handshake has found, while it is valid. Everything else goes OpenSSL's way: where the list
/// is looked for, what it says of a certificate, and the judgement of a list that is not as simple, has
/// run out, or is of another authority of the same name.
///
/// Immutable once its store verifies; that happens on any thread. Must outlive the store's last use.
final class RevocationLists {
    /// When the first of them runs out, seconds since 1970.
    private(set) var expiry = Int64.max
    private let path: String
    private var lists: [OpaquePointer] = []
    /// The authority under whose key a list was verified, by list.
    private var authorities: [OpaquePointer: OpaquePointer] = [:]
    private let usualCheck: X509_STORE_CTX_check_crl_fn

    /// Reads the lists and has the store check certificates against them.
    ///
    /// - Parameters:
    ///   - path: the lists' file.
    ///   - anchors: the authorities of `anchorsPath`, of which one must have signed each list.
    ///   - anchorsPath: for faults.
    ///   - store: what verifies certificates; nothing else may set how it judges lists.
    ///   - now: seconds since 1970, by which a list is judged as it is loaded.
    /// - Throws: if the file cannot be read, or a list in it is of a stranger, has run out or is not
    ///   valid yet.
    init(
        path: String, anchors: [OpaquePointer], anchorsPath: String, store: OpaquePointer,
        now: Int64
    ) throws(TLSFault) {
        guard let usualCheck = Self.usualCheck(of: store) else {
            throw .setting(name: "libssl", problem: OpenSSLError.takeText())
        }
        self.usualCheck = usualCheck
        self.path = path
        lists = try PEMFile(path: path).revocationLists()
        for list in lists {
            let authority = try signer(of: list, among: anchors, anchorsPath)
            expiry = min(expiry, try checkedExpiry(of: list, now: now))
            if Self.isSimple(list, of: authority), X509_up_ref(authority) == 1 {
                authorities[list] = authority
            }
            guard X509_STORE_add_crl(store, list) == 1 else {
                throw .file(path: path, problem: OpenSSLError.takeText())
            }
        }
        try install(in: store)
    }

    deinit {
        lists.forEach { X509_CRL_free($0) }
        authorities.values.forEach { X509_free($0) }
    }

    /// Whether a list names the certificate; any thread.
    func contains(_ certificate: CertificateNumber) -> Bool {
        var number: OpaquePointer?
        guard BN_hex2bn(&number, certificate.serialHex) > 0, let number else { return false }
        defer { BN_free(number) }
        guard let serial = BN_to_ASN1_INTEGER(number, nil) else { return false }
        defer { ASN1_INTEGER_free(serial) }
        return lists.contains { list in
            var entry: OpaquePointer?
            return X509Reading.text(of: X509_CRL_get_issuer(list)) == certificate.issuer
                && X509_CRL_get0_by_serial(list, &entry, serial) == 1
        }
    }

    // MARK: Loading

    private func signer(
        of list: OpaquePointer, among anchors: [OpaquePointer], _ anchorsPath: String
    ) throws(TLSFault) -> OpaquePointer {
        let signer = anchors.first { anchor in
            X509_NAME_cmp(X509_get_subject_name(anchor), X509_CRL_get_issuer(list)) == 0
                && X509_CRL_verify(list, X509_get0_pubkey(anchor)) == 1
        }
        ERR_clear_error()
        guard let signer else {
            throw .file(
                path: path,
                problem: "\(named(list)) is not signed by an authority in \(anchorsPath)")
        }
        return signer
    }

    private func checkedExpiry(of list: OpaquePointer, now: Int64) throws(TLSFault) -> Int64 {
        let named = named(list)
        guard let from = X509Reading.epochSeconds(X509_CRL_get0_lastUpdate(list)), from <= now
        else {
            throw .file(path: path, problem: "\(named) is not valid yet")
        }
        guard let until = X509Reading.epochSeconds(X509_CRL_get0_nextUpdate(list)) else {
            throw .file(path: path, problem: "\(named) has no nextUpdate")
        }
        guard until >= now else {
            let end = X509Reading.describe(epochSeconds: until)
            throw .file(path: path, problem: "\(named) expired at \(end); issue a new one")
        }
        return until
    }

    private func named(_ list: OpaquePointer) -> String {
        "the revocation list of \(X509Reading.text(of: X509_CRL_get_issuer(list)))"
    }

    /// Whether nothing but its signature and its time has to be judged before a list is believed.
    private static func isSimple(_ list: OpaquePointer, of authority: OpaquePointer) -> Bool {
        X509_get_key_usage(authority) & UInt32(KU_CRL_SIGN) != 0
            && X509_CRL_get_ext_by_NID(list, NID_issuing_distribution_point, -1) < 0
            && X509_CRL_get_ext_by_NID(list, NID_delta_crl, -1) < 0
            && X509_CRL_get_ext_by_critical(list, 1, -1) < 0
    }

    // MARK: Verifying

    private static let index = CRYPTO_get_ex_new_index(
        CRYPTO_EX_INDEX_X509_STORE, 0, nil, nil, nil, nil)

    private func install(in store: OpaquePointer) throws(TLSFault) {
        let argument = Unmanaged.passUnretained(self).toOpaque()
        guard X509_STORE_set_ex_data(store, Self.index, argument) == 1 else {
            throw .setting(name: "libssl", problem: OpenSSLError.takeText())
        }
        X509_STORE_set_check_crl(store) { verification, list in
            let store = X509_STORE_CTX_get0_store(verification)
            guard let argument = X509_STORE_get_ex_data(store, RevocationLists.index) else {
                return 0
            }
            let lists = Unmanaged<RevocationLists>.fromOpaque(argument).takeUnretainedValue()
            return lists.haveProven(list, for: verification)
                ? 1 : lists.usualCheck(verification, list)
        }
        X509_STORE_set_flags(store, UInt(X509_V_FLAG_CRL_CHECK))
    }

    /// How OpenSSL judges a list itself.
    private static func usualCheck(of store: OpaquePointer) -> X509_STORE_CTX_check_crl_fn? {
        guard let verification = X509_STORE_CTX_new() else { return nil }
        defer { X509_STORE_CTX_free(verification) }
        guard X509_STORE_CTX_init(verification, store, nil, nil) == 1 else { return nil }
        return X509_STORE_CTX_get_check_crl(verification)
    }

    private func haveProven(_ list: OpaquePointer?, for verification: OpaquePointer?) -> Bool {
        guard let list, let authority = authorities[list],
            let issuer = X509_STORE_CTX_get0_current_issuer(verification),
            X509_cmp(issuer, authority) == 0
        else { return false }
        let parameters = X509_STORE_CTX_get0_param(verification)
        var moment = time(nil)
        if X509_VERIFY_PARAM_get_flags(parameters) & UInt(X509_V_FLAG_USE_CHECK_TIME) != 0 {
            moment = X509_VERIFY_PARAM_get_time(parameters)
        }
        // Each is 0 for a time that cannot be read.
        return X509_cmp_time(X509_CRL_get0_lastUpdate(list), &moment) < 0
            && X509_cmp_time(X509_CRL_get0_nextUpdate(list), &moment) > 0
    }
}
