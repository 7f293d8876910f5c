import COpenSSL

/// Between libcrypto's objects and PEM text.
enum PEM {
    /// A memory BIO to read from; the caller frees it.
    static func memory(
        holding bytes: [UInt8]
    ) throws(CertificateAuthorityFault) -> OpaquePointer {
        guard let memory = BIO_new(BIO_s_mem()) else { throw .libcrypto() }
        guard bytes.isEmpty || BIO_write(memory, bytes, Int32(bytes.count)) == Int32(bytes.count)
        else {
            BIO_free(memory)
            throw .libcrypto()
        }
        return memory
    }

    /// What `write` puts into a memory BIO.
    ///
    /// - Parameter write: returns 1 for success.
    /// - Returns: the text.
    /// - Throws: libcrypto's reason if `write` fails.
    static func text(
        _ write: (OpaquePointer) -> Int32
    ) throws(CertificateAuthorityFault) -> String {
        ERR_clear_error()
        guard let memory = BIO_new(BIO_s_mem()) else { throw .libcrypto() }
        defer { BIO_free(memory) }
        guard write(memory) == 1 else { throw .libcrypto() }
        var text: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1_024)
        while true {
            let count = BIO_read(memory, &chunk, Int32(chunk.count))
            guard count > 0 else { break }
            text += chunk[..<Int(count)]
        }
        return String(decoding: text, as: UTF8.self)
    }
}

extension CertificateAuthorityFault {
    /// What libcrypto says went wrong, taken from this thread's error queue.
    static func libcrypto() -> CertificateAuthorityFault {
        let code = ERR_get_error()
        ERR_clear_error()
        guard code != 0, let text = ERR_reason_error_string(code) else {
            return .crypto("no reason given")
        }
        return .crypto(String(cString: text))
    }
}
