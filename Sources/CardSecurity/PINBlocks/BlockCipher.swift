import COpenSSL

/// One direction of a block cipher under one key, for single blocks of 16 bytes.
///
/// Not Sendable: the context belongs to whoever owns the object.
final class BlockCipher {
    enum Direction: Int32 {
        case decrypt = 0
        case encrypt = 1
    }

    private let context: OpaquePointer
    /// How many blocks were transformed, for tests of this module.
    private(set) var transforms = 0

    /// Expands the key, of 16 bytes.
    init(
        key: SecretBytes, algorithm: PINAlgorithm, direction: Direction
    ) throws(CardSecurityFault) {
        guard key.count == PINAlgorithm.keyBytes else {
            throw .lengthWrong(of: "the PIN key", bytes: key.count, expected: "16")
        }
        guard let cipher = algorithm.cipher, let context = EVP_CIPHER_CTX_new() else {
            throw LibraryFailure.take("\(algorithm)")
        }
        self.context = context
        let done = key.withUnsafeBytes { key in
            EVP_CipherInit_ex2(
                context, cipher, key.bindMemory(to: UInt8.self).baseAddress, nil,
                direction.rawValue, nil)
        }
        guard done == 1, EVP_CIPHER_CTX_set_padding(context, 0) == 1 else {
            throw LibraryFailure.take("\(algorithm)")
        }
    }

    deinit {
        EVP_CIPHER_CTX_free(context)
    }

    /// Transforms 16 bytes in place; false only where libcrypto fails.
    func transform(_ block: UnsafeMutablePointer<UInt8>) -> Bool {
        transforms &+= 1
        var written: Int32 = 0
        return EVP_CipherUpdate(context, block, &written, block, 16) == 1 && written == 16
    }
}
