import COpenSSL

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// What goes into a certificate before it is signed.
struct CertificateForm {
    /// Where the subject comes from.
    enum Subject {
        /// Entries by short name, in order.
        case entries([(field: String, value: String)])
        /// The subject and the alternative names of an earlier certificate.
        case same(as: Certificate)
    }

    /// An extension in the notation of x509v3_config(5).
    struct Extension {
        let kind: Int32
        let value: String
    }

    let subject: Subject
    let serialHex: String
    let validity: ValidityInterval
    let extensions: [Extension]

    /// 128 random bits as 32 digits; the first bit is 0 and the second 1, so that the number is
    /// positive and always 16 bytes long (RFC 5280, section 4.1.2.2).
    static func randomSerialHex() -> String {
        var bytes = (0..<16).map { _ in UInt8.random(in: .min ... .max) }
        bytes[0] = bytes[0] & 0x3F | 0x40
        let digits = Array("0123456789ABCDEF".utf8)
        return String(
            decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] },
            as: UTF8.self)
    }

    /// Makes the certificate.
    ///
    /// - Parameters:
    ///   - publicKey: the subject's.
    ///   - issuer: the authority's certificate; `nil` makes the certificate self-signed.
    ///   - signer: the issuer's private key.
    /// - Returns: the certificate, signed with SHA-256.
    /// - Throws: libcrypto's reason.
    func signed(
        publicKey: KeyPair, issuer: Certificate?, signer: KeyPair
    ) throws(CertificateAuthorityFault) -> Certificate {
        ERR_clear_error()
        guard let pointer = X509_new() else { throw .libcrypto() }
        let certificate = Certificate(owning: pointer)
        guard X509_set_version(pointer, 2) == 1,
            SerialNumber.withASN1(serialHex, { X509_set_serialNumber(pointer, $0) }) == 1,
            X509_set_pubkey(pointer, publicKey.pointer) == 1,
            ASN1_TIME_set(X509_getm_notBefore(pointer), time_t(validity.start.epochSeconds)) != nil,
            ASN1_TIME_set(X509_getm_notAfter(pointer), time_t(validity.end.epochSeconds)) != nil
        else { throw .libcrypto() }
        try setSubject(of: pointer)
        let issuerPointer = issuer?.pointer ?? pointer
        guard X509_set_issuer_name(pointer, X509_get_subject_name(issuerPointer)) == 1 else {
            throw .libcrypto()
        }
        try addExtensions(to: pointer, issuer: issuerPointer)
        guard X509_sign(pointer, signer.pointer, EVP_sha256()) > 0 else { throw .libcrypto() }
        return certificate
    }

    private func setSubject(of pointer: OpaquePointer) throws(CertificateAuthorityFault) {
        switch subject {
        case .same(let earlier):
            guard
                X509_set_subject_name(pointer, X509_get_subject_name(earlier.pointer)) == 1
            else { throw .libcrypto() }
            if let names = earlier.alternativeNames, X509_add_ext(pointer, names, -1) != 1 {
                throw .libcrypto()
            }
        case .entries(let entries):
            let name = X509_get_subject_name(pointer)
            for (field, value) in entries {
                let added = X509_NAME_add_entry_by_txt(
                    name, field, COpenSSL_MBSTRING_UTF8, Array(value.utf8),
                    Int32(value.utf8.count), -1, 0)
                guard added == 1 else { throw .libcrypto() }
            }
        }
    }

    private func addExtensions(
        to pointer: OpaquePointer, issuer: OpaquePointer
    ) throws(CertificateAuthorityFault) {
        var context = X509V3_CTX()
        X509V3_set_ctx(&context, issuer, pointer, nil, nil, 0)
        for wanted in extensions {
            guard let made = X509V3_EXT_nconf_nid(nil, &context, wanted.kind, wanted.value) else {
                throw .libcrypto()
            }
            defer { X509_EXTENSION_free(made) }
            guard X509_add_ext(pointer, made, -1) == 1 else { throw .libcrypto() }
        }
    }
}

/// Serial numbers between hexadecimal text and libcrypto.
enum SerialNumber {
    /// Lends the number as an `ASN1_INTEGER`; 0 if the text is not hexadecimal.
    static func withASN1(
        _ hex: String, _ body: (UnsafeMutablePointer<ASN1_INTEGER>) -> Int32
    ) -> Int32 {
        var number: OpaquePointer?
        guard BN_hex2bn(&number, hex) > 0, let number else { return 0 }
        defer { BN_free(number) }
        guard let serial = BN_to_ASN1_INTEGER(number, nil) else { return 0 }
        defer { ASN1_INTEGER_free(serial) }
        return body(serial)
    }
}
