import COpenSSL

/// AES-256-GCM over a key store's contents, its header as additional authenticated data.
///
/// - Source: NIST SP 800-38D.
enum Sealing {
    /// The encrypted contents and the tag.
    static func seal(
        _ contents: SecretBytes, key: SecretBytes, header: SealedHeader
    ) throws(CardSecurityFault) -> [UInt8] {
        let context = try context(key, header.nonce, clear: header.encoded, direction: 1)
        defer { EVP_CIPHER_CTX_free(context) }
        var result = [UInt8](repeating: 0, count: contents.count + SealedHeader.tagBytes)
        let done = result.withUnsafeMutableBufferPointer { result -> Bool in
            guard let start = result.baseAddress else { return false }
            var written: Int32 = 0
            let updated = contents.withUnsafeBytes { contents in
                EVP_CipherUpdate(
                    context, start, &written, contents.bindMemory(to: UInt8.self).baseAddress,
                    Int32(contents.count))
            }
            let end = start + contents.count
            return updated == 1 && EVP_CipherFinal_ex(context, end, &written) == 1
                && EVP_CIPHER_CTX_ctrl(
                    context, EVP_CTRL_AEAD_GET_TAG, Int32(SealedHeader.tagBytes), end) == 1
        }
        guard done else { throw LibraryFailure.take("AES-256-GCM") }
        return result
    }

    /// The contents of a whole file, which are authentic; nothing of them is kept if they are not.
    static func unseal(
        _ file: [UInt8], key: SecretBytes, header: SealedHeader, path: String
    ) throws(CardSecurityFault) -> SecretBytes {
        let clear = Array(file[..<header.bytes])
        let context = try context(key, header.nonce, clear: clear, direction: 0)
        defer { EVP_CIPHER_CTX_free(context) }
        var tag = Array(file.suffix(SealedHeader.tagBytes))
        guard
            EVP_CIPHER_CTX_ctrl(
                context, EVP_CTRL_AEAD_SET_TAG, Int32(SealedHeader.tagBytes), &tag) == 1
        else { throw LibraryFailure.take("AES-256-GCM") }
        return try SecretBytes(count: header.contentsBytes) { contents throws(CardSecurityFault) in
            let start = contents.bindMemory(to: UInt8.self).baseAddress
            var written: Int32 = 0
            let updated = file.withUnsafeBytes { file in
                EVP_CipherUpdate(
                    context, start, &written,
                    file.bindMemory(to: UInt8.self).baseAddress?.advanced(by: header.bytes),
                    Int32(header.contentsBytes))
            }
            var rest = [UInt8](repeating: 0, count: 16)
            guard updated == 1, EVP_CipherFinal_ex(context, &rest, &written) == 1 else {
                ERR_clear_error()
                throw .cannotUnseal(path: path)
            }
        }
    }

    private static func context(
        _ key: SecretBytes, _ nonce: [UInt8], clear: [UInt8], direction: Int32
    ) throws(CardSecurityFault) -> OpaquePointer {
        guard let context = EVP_CIPHER_CTX_new() else { throw LibraryFailure.take("AES-256-GCM") }
        let started = key.withUnsafeBytes { key in
            EVP_CipherInit_ex2(
                context, Algorithms.shared.aes256GCM,
                key.bindMemory(to: UInt8.self).baseAddress, nonce, direction, nil)
        }
        var written: Int32 = 0
        guard started == 1, nonce.count == 12, key.count == 32,
            EVP_CipherUpdate(context, nil, &written, clear, Int32(clear.count)) == 1
        else {
            EVP_CIPHER_CTX_free(context)
            throw LibraryFailure.take("AES-256-GCM")
        }
        return context
    }
}
