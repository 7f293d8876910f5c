import COpenSSL

/// Random bytes of libcrypto's generator, seeded by the kernel.
public enum SecureRandom {
    /// So many random bytes, for what is not secret: fills, salts, nonces.
    ///
    /// For keys there is `SecretBytes.random`.
    public static func bytes(_ count: Int) throws(CardSecurityFault) -> [UInt8] {
        var result = [UInt8](repeating: 0, count: count)
        guard RAND_bytes(&result, Int32(count)) == 1 else {
            throw LibraryFailure.take("random bytes")
        }
        return result
    }
}
