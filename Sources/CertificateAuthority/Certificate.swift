import COpenSSL

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// An X.509 certificate of libcrypto, freed with this object.
final class Certificate {
    let pointer: OpaquePointer

    /// Takes ownership of an `X509`.
    init(owning pointer: OpaquePointer) {
        self.pointer = pointer
    }

    deinit {
        X509_free(pointer)
    }

    /// Reads the first certificate of a PEM file.
    convenience init(at path: String) throws(CertificateAuthorityFault) {
        let memory = try PEM.memory(holding: try DurableFile.read(path))
        defer { BIO_free(memory) }
        ERR_clear_error()
        guard let certificate = PEM_read_bio_X509(memory, nil, nil, nil) else {
            let fault = CertificateAuthorityFault.libcrypto()
            throw .file(path: path, problem: "holds no certificate: \(fault)")
        }
        self.init(owning: certificate)
    }

    /// The certificate as PEM.
    func pem() throws(CertificateAuthorityFault) -> String {
        try PEM.text { PEM_write_bio_X509($0, pointer) }
    }

    /// The subject as RFC 2253 text.
    func subjectText() throws(CertificateAuthorityFault) -> String {
        let name = X509_get_subject_name(pointer)
        return try PEM.text {
            X509_NAME_print_ex($0, name, 0, COpenSSL_XN_FLAG_RFC2253) >= 0 ? 1 : 0
        }
    }

    /// The last second of validity.
    func notAfter() throws(CertificateAuthorityFault) -> UTCTime {
        var parts = tm()
        guard ASN1_TIME_to_tm(X509_get0_notAfter(pointer), &parts) == 1 else { throw .libcrypto() }
        return UTCTime(epochSeconds: Int64(timegm(&parts)))
    }

    /// The certified public key.
    func publicKey() throws(CertificateAuthorityFault) -> KeyPair {
        guard let key = X509_get_pubkey(pointer) else { throw .libcrypto() }
        return KeyPair(owning: key)
    }

    /// Whether a private key belongs to this certificate.
    func certifies(_ key: KeyPair) -> Bool {
        defer { ERR_clear_error() }
        return X509_check_private_key(pointer, key.pointer) == 1
    }

    /// The DNS names and addresses that it names.
    var serverNames: [ServerName] {
        guard let found = X509_get_ext_d2i(pointer, NID_subject_alt_name, nil, nil) else {
            return []
        }
        let names = OpaquePointer(found)
        defer { GENERAL_NAMES_free(names) }
        return (0..<OPENSSL_sk_num(names)).compactMap { index in
            guard let value = OPENSSL_sk_value(names, index) else { return nil }
            let name = value.assumingMemoryBound(to: GENERAL_NAME.self).pointee
            return switch name.type {
            case GEN_DNS: .dns(String(decoding: Self.bytes(of: name.d.dNSName), as: UTF8.self))
            case GEN_IPADD: Self.address(Self.bytes(of: name.d.iPAddress)).map { .address($0) }
            default: nil
            }
        }
    }

    private static func bytes(of string: UnsafePointer<ASN1_STRING>?) -> [UInt8] {
        guard let string, let start = ASN1_STRING_get0_data(string) else { return [] }
        return Array(UnsafeBufferPointer(start: start, count: Int(ASN1_STRING_length(string))))
    }

    /// An address of 4 or 16 bytes as text.
    private static func address(_ bytes: [UInt8]) -> String? {
        guard bytes.count == 4 || bytes.count == 16 else { return nil }
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        let family = bytes.count == 4 ? AF_INET : AF_INET6
        guard inet_ntop(family, bytes, &text, socklen_t(text.count)) != nil else { return nil }
        return String(
            decoding: text.lazy.map(UInt8.init(bitPattern:)).prefix { $0 != 0 }, as: UTF8.self)
    }

    /// The subject alternative names as the extension stands, for a renewal; borrowed.
    var alternativeNames: OpaquePointer? {
        let index = X509_get_ext_by_NID(pointer, NID_subject_alt_name, -1)
        return index < 0 ? nil : X509_get_ext(pointer, index)
    }
}
