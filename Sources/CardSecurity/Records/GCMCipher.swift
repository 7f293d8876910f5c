import COpenSSL

/// AES-256-GCM in one direction under one key, for any number of messages.
///
/// The key is expanded once; a message costs no allocation. Not Sendable: the context belongs to
/// whoever owns the object.
/// - Source: NIST SP 800-38D.
final class GCMCipher {
    static let nonceBytes = 12
    static let tagBytes = 16

    private let context: OpaquePointer
    private let direction: BlockCipher.Direction

    /// Expands the key, of 32 bytes.
    init(key: SecretBytes, direction: BlockCipher.Direction) throws(CardSecurityFault) {
        guard key.count == 32 else {
            throw .lengthWrong(of: "the sealing key", bytes: key.count, expected: "32")
        }
        guard let context = EVP_CIPHER_CTX_new() else { throw LibraryFailure.take("AES-256-GCM") }
        self.context = context
        self.direction = direction
        let done = key.withUnsafeBytes { key in
            EVP_CipherInit_ex2(
                context, Algorithms.shared.aes256GCM,
                key.bindMemory(to: UInt8.self).baseAddress, nil, direction.rawValue, nil)
        }
        guard done == 1 else { throw LibraryFailure.take("AES-256-GCM") }
    }

    deinit {
        EVP_CIPHER_CTX_free(context)
    }

    /// Encrypts a message and writes the tag after it; false only where libcrypto fails.
    ///
    /// - Parameters:
    ///   - message: what is encrypted.
    ///   - nonce: 12 bytes that no other message has under this key.
    ///   - clear: what is authenticated with it.
    ///   - target: room for the message and the tag.
    /// - Returns: whether it was done.
    func seal(
        _ message: UnsafeRawBufferPointer, nonce: UnsafePointer<UInt8>,
        clear: UnsafeRawBufferPointer, to target: UnsafeMutablePointer<UInt8>
    ) -> Bool {
        var written: Int32 = 0
        let tag = target + message.count
        return begin(nonce, clear) && transform(message, to: target)
            && EVP_CipherFinal_ex(context, tag, &written) == 1
            && EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, Int32(Self.tagBytes), tag) == 1
    }

    /// Decrypts a message; false where it, its nonce or what is clear is not what was sealed.
    ///
    /// What was written then is not authentic, and the caller's to wipe.
    func open(
        _ message: UnsafeRawBufferPointer, tag: UnsafePointer<UInt8>,
        nonce: UnsafePointer<UInt8>, clear: UnsafeRawBufferPointer,
        to target: UnsafeMutablePointer<UInt8>
    ) -> Bool {
        var written: Int32 = 0
        let isAuthentic =
            begin(nonce, clear)
            && EVP_CIPHER_CTX_ctrl(
                context, EVP_CTRL_AEAD_SET_TAG, Int32(Self.tagBytes),
                UnsafeMutablePointer(mutating: tag)) == 1
            && transform(message, to: target)
            && EVP_CipherFinal_ex(context, target + message.count, &written) == 1
        if !isAuthentic { ERR_clear_error() }
        return isAuthentic
    }

    private func begin(
        _ nonce: UnsafePointer<UInt8>, _ clear: UnsafeRawBufferPointer
    ) -> Bool {
        var written: Int32 = 0
        return EVP_CipherInit_ex2(context, nil, nil, nonce, direction.rawValue, nil) == 1
            && EVP_CipherUpdate(
                context, nil, &written, clear.bindMemory(to: UInt8.self).baseAddress,
                Int32(clear.count)) == 1
    }

    private func transform(
        _ message: UnsafeRawBufferPointer, to target: UnsafeMutablePointer<UInt8>
    ) -> Bool {
        guard !message.isEmpty else { return true }
        var written: Int32 = 0
        return EVP_CipherUpdate(
            context, target, &written, message.bindMemory(to: UInt8.self).baseAddress,
            Int32(message.count)) == 1
    }
}
