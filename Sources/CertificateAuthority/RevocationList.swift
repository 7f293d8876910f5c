import COpenSSL

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// What goes into a revocation list (RFC 5280, section 5) before it is signed.
struct RevocationList {
    let number: Int64
    let validity: ValidityInterval
    let revoked: [IssuedRecord]

    /// Makes the list, version 2, as PEM.
    func signedPEM(
        issuer: Certificate, signer: KeyPair
    ) throws(CertificateAuthorityFault) -> String {
        ERR_clear_error()
        guard let list = X509_CRL_new() else { throw .libcrypto() }
        defer { X509_CRL_free(list) }
        guard X509_CRL_set_version(list, 1) == 1,
            X509_CRL_set_issuer_name(list, X509_get_subject_name(issuer.pointer)) == 1
        else { throw .libcrypto() }
        try Self.withTime(validity.start) { X509_CRL_set1_lastUpdate(list, $0) }
        try Self.withTime(validity.end) { X509_CRL_set1_nextUpdate(list, $0) }
        for record in revoked {
            guard let revocation = record.revocation else { continue }
            try add(record.serialHex, revocation, to: list)
        }
        try addExtensions(to: list, issuer: issuer)
        guard X509_CRL_sort(list) == 1, X509_CRL_sign(list, signer.pointer, EVP_sha256()) > 0
        else { throw .libcrypto() }
        return try PEM.text { PEM_write_bio_X509_CRL($0, list) }
    }

    private func add(
        _ serialHex: String, _ revocation: IssuedRecord.Revocation, to list: OpaquePointer
    ) throws(CertificateAuthorityFault) {
        guard let entry = X509_REVOKED_new() else { throw .libcrypto() }
        do throws(CertificateAuthorityFault) {
            guard
                SerialNumber.withASN1(serialHex, { X509_REVOKED_set_serialNumber(entry, $0) }) == 1
            else { throw .libcrypto() }
            try Self.withTime(revocation.time) { X509_REVOKED_set_revocationDate(entry, $0) }
            if let code = revocation.reason.code {
                guard let value = ASN1_ENUMERATED_new() else { throw .libcrypto() }
                defer { ASN1_ENUMERATED_free(value) }
                guard ASN1_ENUMERATED_set(value, code) == 1,
                    X509_REVOKED_add1_ext_i2d(entry, NID_crl_reason, value, 0, 0) == 1
                else { throw .libcrypto() }
            }
            guard X509_CRL_add0_revoked(list, entry) == 1 else { throw .libcrypto() }
        } catch {
            X509_REVOKED_free(entry)
            throw error
        }
    }

    private func addExtensions(
        to list: OpaquePointer, issuer: Certificate
    ) throws(CertificateAuthorityFault) {
        guard let value = ASN1_INTEGER_new() else { throw .libcrypto() }
        defer { ASN1_INTEGER_free(value) }
        guard ASN1_INTEGER_set_int64(value, number) == 1,
            X509_CRL_add1_ext_i2d(list, NID_crl_number, value, 0, 0) == 1
        else { throw .libcrypto() }
        var context = X509V3_CTX()
        X509V3_set_ctx(&context, issuer.pointer, nil, nil, list, 0)
        guard
            let key = X509V3_EXT_nconf_nid(
                nil, &context, NID_authority_key_identifier, "keyid:always")
        else { throw .libcrypto() }
        defer { X509_EXTENSION_free(key) }
        guard X509_CRL_add_ext(list, key, -1) == 1 else { throw .libcrypto() }
    }

    private static func withTime(
        _ time: UTCTime, _ body: (UnsafeMutablePointer<ASN1_TIME>) -> Int32
    ) throws(CertificateAuthorityFault) {
        guard let value = ASN1_TIME_set(nil, time_t(time.epochSeconds)) else { throw .libcrypto() }
        defer { ASN1_TIME_free(value) }
        guard body(value) == 1 else { throw .libcrypto() }
    }
}
