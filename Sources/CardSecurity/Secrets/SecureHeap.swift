import COpenSSL

/// libcrypto's own heap for private keys and MAC keys: locked into RAM as far as RLIMIT_MEMLOCK
/// allows, left out of core files, wiped when given back, between pages that nobody may touch.
///
/// Without it libcrypto keeps its copies of such keys in the ordinary heap. Expanded keys of ciphers
/// stay in the ordinary heap either way.
///
/// - Source: OPENSSL_secure_malloc(3).
public enum SecureHeap {
    /// Bytes of the heap: a few for each key, and each handshake under way has one key.
    static let bytes = 4 << 20
    private static let smallestPiece = 32

    /// Sets the heap up, once for the process and before anything else of libcrypto is used.
    ///
    /// - Returns: whether it is there and locked; where only the lock is refused it is used all the
    ///   same.
    @discardableResult
    public static func prepare() -> Bool {
        CRYPTO_secure_malloc_init(bytes, smallestPiece) == 1
    }
}
