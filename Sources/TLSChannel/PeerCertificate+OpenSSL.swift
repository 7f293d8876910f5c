import COpenSSL

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

extension PeerCertificate {
    /// Reads an X.509 certificate, which stays the caller's.
    package init(_ certificate: OpaquePointer) {
        let subject = X509_get_subject_name(certificate)
        let names = X509Reading.alternativeNames(of: certificate)
        self.init(
            commonName: X509Reading.onlyEntry(NID_commonName, of: subject),
            organization: X509Reading.onlyEntry(NID_organizationName, of: subject),
            subject: X509Reading.text(of: subject),
            issuer: X509Reading.text(of: X509_get_issuer_name(certificate)),
            uris: names.uris,
            dnsNames: names.dnsNames,
            serialHex: X509Reading.hex(of: X509_get0_serialNumber(certificate)),
            sha256Fingerprint: X509Reading.fingerprint(of: certificate),
            notBefore: X509Reading.epochSeconds(X509_get0_notBefore(certificate)) ?? 0,
            notAfter: X509Reading.epochSeconds(X509_get0_notAfter(certificate)) ?? 0
        )
    }
}

/// Reads the parts of X.509 objects into Swift values; every object stays the caller's.
enum X509Reading {
    /// A name as RFC 2253 text.
    static func text(of name: OpaquePointer?) -> String {
        guard let name, let memory = BIO_new(BIO_s_mem()) else { return "" }
        defer { BIO_free(memory) }
        X509_NAME_print_ex(memory, name, 0, COpenSSL_XN_FLAG_RFC2253)
        var text: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 256)
        while true {
            let count = BIO_read(memory, &chunk, Int32(chunk.count))
            guard count > 0 else { break }
            text += chunk[..<Int(count)]
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// The value of a name's entry, if there is exactly one of that kind.
    static func onlyEntry(_ kind: Int32, of name: OpaquePointer?) -> String? {
        guard let name else { return nil }
        let index = X509_NAME_get_index_by_NID(name, kind, -1)
        guard index >= 0, X509_NAME_get_index_by_NID(name, kind, index) < 0,
            let entry = X509_NAME_get_entry(name, index)
        else { return nil }
        var bytes: UnsafeMutablePointer<UInt8>?
        let count = ASN1_STRING_to_UTF8(&bytes, X509_NAME_ENTRY_get_data(entry))
        guard count >= 0, let bytes else { return nil }
        defer { CRYPTO_free(bytes, #file, #line) }
        return String(
            decoding: UnsafeBufferPointer(start: bytes, count: Int(count)), as: UTF8.self)
    }

    /// The subject alternative names of the kinds URI and DNS.
    static func alternativeNames(
        of certificate: OpaquePointer
    ) -> (uris: [String], dnsNames: [String]) {
        guard let found = X509_get_ext_d2i(certificate, NID_subject_alt_name, nil, nil) else {
            return ([], [])
        }
        let names = OpaquePointer(found)
        defer { GENERAL_NAMES_free(names) }
        var uris: [String] = []
        var dnsNames: [String] = []
        for index in 0..<OPENSSL_sk_num(names) {
            guard let value = OPENSSL_sk_value(names, index) else { continue }
            let name = value.assumingMemoryBound(to: GENERAL_NAME.self).pointee
            switch name.type {
            case GEN_URI: uris.append(text(of: name.d.uniformResourceIdentifier))
            case GEN_DNS: dnsNames.append(text(of: name.d.dNSName))
            default: continue
            }
        }
        return (uris, dnsNames)
    }

    /// A serial number as upper-case hexadecimal.
    static func hex(of serial: UnsafePointer<ASN1_INTEGER>?) -> String {
        guard let serial, let number = ASN1_INTEGER_to_BN(serial, nil) else { return "" }
        defer { BN_free(number) }
        guard let digits = BN_bn2hex(number) else { return "" }
        defer { CRYPTO_free(digits, #file, #line) }
        return String(cString: digits)
    }

    /// SHA-256 of the DER form, as lower-case hexadecimal.
    static func fingerprint(of certificate: OpaquePointer) -> String {
        var digest = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
        var count: UInt32 = 0
        guard X509_digest(certificate, EVP_sha256(), &digest, &count) == 1 else { return "" }
        let digits = Array("0123456789abcdef".utf8)
        return String(
            decoding: digest[..<Int(count)].flatMap {
                [digits[Int($0 >> 4)], digits[Int($0 & 15)]]
            }, as: UTF8.self)
    }

    /// A time of X.509 as seconds since 1970; `nil` if it is malformed.
    static func epochSeconds(_ time: UnsafePointer<ASN1_TIME>?) -> Int64? {
        var parts = tm()
        guard let time, ASN1_TIME_to_tm(time, &parts) == 1 else { return nil }
        return Int64(timegm(&parts))
    }

    /// Seconds since 1970 as `2026-11-23 03:44:05 UTC`.
    static func describe(epochSeconds: Int64) -> String {
        var seconds = time_t(epochSeconds)
        var parts = tm()
        guard gmtime_r(&seconds, &parts) != nil else { return "\(epochSeconds) s" }
        func padded(_ value: Int32) -> String { value < 10 ? "0\(value)" : "\(value)" }
        return "\(1900 + parts.tm_year)-\(padded(parts.tm_mon + 1))-\(padded(parts.tm_mday)) "
            + "\(padded(parts.tm_hour)):\(padded(parts.tm_min)):\(padded(parts.tm_sec)) UTC"
    }

    private static func text(of string: UnsafeMutablePointer<ASN1_IA5STRING>?) -> String {
        guard let string, let bytes = ASN1_STRING_get0_data(string) else { return "" }
        let count = Int(ASN1_STRING_length(string))
        return String(decoding: UnsafeBufferPointer(start: bytes, count: count), as: UTF8.self)
    }
}
