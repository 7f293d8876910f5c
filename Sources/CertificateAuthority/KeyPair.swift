import COpenSSL

/// A key of libcrypto: private and public half, or the public one alone; freed with this object.
final class KeyPair {
    let pointer: OpaquePointer

    /// Takes ownership of an `EVP_PKEY`.
    init(owning pointer: OpaquePointer) {
        self.pointer = pointer
    }

    deinit {
        EVP_PKEY_free(pointer)
    }

    /// Makes a new key.
    static func generate(_ kind: KeyKind) throws(CertificateAuthorityFault) -> KeyPair {
        ERR_clear_error()
        let algorithm = kind == .rsa3072 ? "RSA" : "EC"
        guard let context = EVP_PKEY_CTX_new_from_name(nil, algorithm, nil) else {
            throw .libcrypto()
        }
        defer { EVP_PKEY_CTX_free(context) }
        guard EVP_PKEY_keygen_init(context) == 1 else { throw .libcrypto() }
        let set =
            switch kind {
            case .ecP256: EVP_PKEY_CTX_set_group_name(context, "P-256")
            case .ecP384: EVP_PKEY_CTX_set_group_name(context, "P-384")
            case .rsa3072: EVP_PKEY_CTX_set_rsa_keygen_bits(context, 3_072)
            }
        var key: OpaquePointer?
        guard set == 1, EVP_PKEY_generate(context, &key) == 1, let key else { throw .libcrypto() }
        return KeyPair(owning: key)
    }

    /// Reads a private key without a passphrase.
    init(privateKeyAt path: String) throws(CertificateAuthorityFault) {
        let memory = try PEM.memory(holding: try DurableFile.read(path))
        defer { BIO_free(memory) }
        ERR_clear_error()
        // The callback keeps libcrypto from asking for a passphrase on the terminal.
        guard let key = PEM_read_bio_PrivateKey(memory, nil, { _, _, _, _ in -1 }, nil) else {
            let fault = CertificateAuthorityFault.libcrypto()
            throw .file(path: path, problem: "holds no usable private key: \(fault)")
        }
        pointer = key
    }

    /// The private key as PEM (PKCS #8).
    func privateKeyPEM() throws(CertificateAuthorityFault) -> String {
        try PEM.text { PEM_write_bio_PrivateKey($0, pointer, nil, nil, 0, nil, nil) }
    }

    /// Fails unless it is EC P-256, EC P-384 or RSA of at least 2,048 bits.
    func requireAccepted() throws(CertificateAuthorityFault) {
        if EVP_PKEY_is_a(pointer, "RSA") == 1 {
            guard EVP_PKEY_get_bits(pointer) >= 2_048 else {
                throw .request(problem: "an RSA key must have at least 2,048 bits")
            }
            return
        }
        var name = [CChar](repeating: 0, count: 64)
        var length = 0
        let isEC = EVP_PKEY_is_a(pointer, "EC") == 1
        if isEC, EVP_PKEY_get_group_name(pointer, &name, name.count, &length) == 1 {
            let group = String(
                decoding: name[..<length].map { UInt8(bitPattern: $0) }, as: UTF8.self)
            if group == "prime256v1" || group == "secp384r1" { return }
        }
        throw .request(problem: "the key must be EC P-256, EC P-384 or RSA")
    }
}

/// The kinds of keys the authority makes.
public enum KeyKind: Sendable, Hashable, CaseIterable {
    /// EC on curve P-256: the default; a handshake costs the server least.
    case ecP256
    /// EC on curve P-384.
    case ecP384
    /// RSA of 3,072 bits, for terminals that know no EC.
    case rsa3072
}

/// Whose public key goes into a certificate.
public enum SubjectKey: Sendable, Hashable {
    /// A key made now; its private half is returned with the certificate and kept nowhere.
    case generated(KeyKind)
    /// The key of a PKCS #10 request in PEM form, whose private half never left the terminal.
    ///
    /// Nothing else of the request counts: names are given by the operator.
    case request(pem: String)
}

/// Whose public key goes into a renewed certificate.
public enum RenewalKey: Sendable, Hashable {
    /// The old certificate's.
    case same
    /// Another one.
    case other(SubjectKey)
}
