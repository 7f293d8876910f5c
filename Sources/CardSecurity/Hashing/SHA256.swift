import COpenSSL
import Glibc

/// SHA-256 over runs of bytes; callable from any thread, without a heap allocation per digest.
///
/// - Source: FIPS 180-4.
public enum SHA256 {
    /// The digest of one run of bytes.
    public static func digest(_ bytes: UnsafeRawBufferPointer) -> Digest32 {
        digest(bytes, UnsafeRawBufferPointer(start: nil, count: 0))
    }

    /// The digest of one run of bytes.
    public static func digest(_ bytes: [UInt8]) -> Digest32 {
        bytes.withUnsafeBytes { digest($0) }
    }

    /// The digest of two runs of bytes, one after the other, without joining them first.
    public static func digest(
        _ first: UnsafeRawBufferPointer, _ second: UnsafeRawBufferPointer
    ) -> Digest32 {
        let context = ThreadContext.current
        var done = EVP_DigestInit_ex2(context, nil, nil)
        if first.count > 0 { done &= EVP_DigestUpdate(context, first.baseAddress, first.count) }
        if second.count > 0 { done &= EVP_DigestUpdate(context, second.baseAddress, second.count) }
        let result = Digest32 { done &= EVP_DigestFinal_ex(context, $0, nil) }
        precondition(done == 1, "libcrypto cannot compute SHA-256")
        return result
    }

    /// The digest of the bytes of an earlier digest and then these bytes: one link of a hash chain.
    public static func digest(chaining previous: Digest32, _ bytes: UnsafeRawBufferPointer)
        -> Digest32
    {
        let words = (
            previous.words.0.bigEndian, previous.words.1.bigEndian,
            previous.words.2.bigEndian, previous.words.3.bigEndian
        )
        return withUnsafeBytes(of: words) { digest($0, bytes) }
    }
}

/// One digest context a thread: libcrypto's contexts may be reused but not shared.
private enum ThreadContext {
    /// The calling thread's context, ready for `EVP_DigestInit_ex2(context, nil, nil)`.
    static var current: OpaquePointer {
        if let known = pthread_getspecific(key) { return OpaquePointer(known) }
        guard let context = EVP_MD_CTX_new(),
            EVP_DigestInit_ex2(context, Algorithms.shared.sha256, nil) == 1
        else { preconditionFailure("libcrypto has no SHA-256") }
        pthread_setspecific(key, UnsafeRawPointer(context))
        return context
    }

    private static let key: pthread_key_t = {
        var key = pthread_key_t()
        let status = pthread_key_create(&key) { context in
            EVP_MD_CTX_free(context.map { OpaquePointer($0) })
        }
        precondition(status == 0, "no thread-local key is left")
        return key
    }()
}
