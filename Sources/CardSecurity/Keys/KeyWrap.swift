import COpenSSL

/// AES key wrap with the default initial value: the output is 8 bytes longer, and authenticated.
///
/// - Source: RFC 3394, NIST SP 800-38F (KW).
public enum KeyWrap {
    /// Wraps a key of 16 bytes or more, a multiple of 8, under a key of 16, 24 or 32 bytes.
    public static func wrap(
        _ key: SecretBytes, under wrappingKey: SecretBytes
    ) throws(CardSecurityFault) -> [UInt8] {
        guard key.count >= 16, key.count % 8 == 0 else {
            throw .lengthWrong(
                of: "the key to wrap", bytes: key.count, expected: "a multiple of 8, from 16 on")
        }
        let context = try context(wrappingKey, direction: 1)
        defer { EVP_CIPHER_CTX_free(context) }
        var wrapped = [UInt8](repeating: 0, count: key.count + 8)
        var written: Int32 = 0
        let done = key.withUnsafeBytes { key in
            EVP_CipherUpdate(
                context, &wrapped, &written, key.bindMemory(to: UInt8.self).baseAddress,
                Int32(key.count))
        }
        guard done == 1, written == wrapped.count else { throw LibraryFailure.take("key wrap") }
        return wrapped
    }

    /// Unwraps what `wrap` made; a wrong key or a changed byte is `unwrapFailed`.
    public static func unwrap(
        _ wrapped: [UInt8], under wrappingKey: SecretBytes
    ) throws(CardSecurityFault) -> SecretBytes {
        guard wrapped.count >= 24, wrapped.count % 8 == 0 else {
            throw .lengthWrong(
                of: "the wrapped key", bytes: wrapped.count, expected: "a multiple of 8, from 24 on"
            )
        }
        let context = try context(wrappingKey, direction: 0)
        defer { EVP_CIPHER_CTX_free(context) }
        let count = wrapped.count - 8
        return try SecretBytes(count: count) { secret throws(CardSecurityFault) in
            // libcrypto writes up to the input's length while it works.
            let work = SecretScratch(count: wrapped.count)
            var written: Int32 = 0
            let done = EVP_CipherUpdate(
                context, work.base, &written, wrapped, Int32(wrapped.count))
            guard done == 1, written == count else {
                ERR_clear_error()
                throw .unwrapFailed
            }
            secret.copyMemory(from: UnsafeRawBufferPointer(start: work.base, count: count))
        }
    }

    private static func context(
        _ key: SecretBytes, direction: Int32
    ) throws(CardSecurityFault) -> OpaquePointer {
        let cipher: OpaquePointer?
        switch key.count {
        case 16: cipher = Algorithms.shared.aes128Wrap
        case 24: cipher = Algorithms.shared.aes192Wrap
        case 32: cipher = Algorithms.shared.aes256Wrap
        default:
            throw .lengthWrong(
                of: "the wrapping key", bytes: key.count, expected: "16, 24 or 32")
        }
        guard let cipher, let context = EVP_CIPHER_CTX_new() else {
            throw LibraryFailure.take("key wrap")
        }
        EVP_CIPHER_CTX_set_flags(context, Int32(EVP_CIPHER_CTX_FLAG_WRAP_ALLOW))
        let done = key.withUnsafeBytes { key in
            EVP_CipherInit_ex2(
                context, cipher, key.bindMemory(to: UInt8.self).baseAddress, nil, direction, nil)
        }
        guard done == 1 else {
            EVP_CIPHER_CTX_free(context)
            throw LibraryFailure.take("key wrap")
        }
        return context
    }
}
