import COpenSSL
import Synchronization

/// HMAC-SHA-256 under one key, callable from any thread.
///
/// The key is absorbed once; contexts are reused, so that one call costs two or three compressions.
///
/// - Source: RFC 2104, FIPS 198-1.
public final class HMACSHA256: Sendable {
    /// Addresses of contexts that are keyed and idle.
    private let idle: Mutex<[UInt]>

    /// Absorbs the key, of any length.
    public init(key: SecretBytes) throws(CardSecurityFault) {
        guard let context = EVP_MAC_CTX_new(Algorithms.shared.hmac) else {
            throw LibraryFailure.take("HMAC-SHA-256")
        }
        let done = TextParameter.with(OSSL_MAC_PARAM_DIGEST, "SHA2-256") { parameters in
            key.withUnsafeBytes { key in
                EVP_MAC_init(
                    context, key.bindMemory(to: UInt8.self).baseAddress, key.count, parameters)
            }
        }
        idle = Mutex([UInt(bitPattern: context)])
        guard done == 1 else { throw LibraryFailure.take("HMAC-SHA-256") }
    }

    deinit {
        idle.withLock { contexts in
            for context in contexts { EVP_MAC_CTX_free(OpaquePointer(bitPattern: context)) }
        }
    }

    /// The authentication code of one run of bytes; nil only where libcrypto has no memory left.
    public func authenticate(_ message: UnsafeRawBufferPointer) -> Digest32? {
        guard let context = takeContext() else { return nil }
        defer { idle.withLock { $0.append(UInt(bitPattern: context)) } }
        var done = EVP_MAC_init(context, nil, 0, nil)
        done &= EVP_MAC_update(
            context, message.bindMemory(to: UInt8.self).baseAddress, message.count)
        var written = 0
        let result = Digest32 { done &= EVP_MAC_final(context, $0, &written, 32) }
        return done == 1 && written == 32 ? result : nil
    }

    /// Takes an idle context, or copies one; at least one always stays behind to be copied.
    private func takeContext() -> OpaquePointer? {
        let taken: UInt = idle.withLock { contexts in
            if contexts.count > 1 { return contexts.removeLast() }
            let copy = EVP_MAC_CTX_dup(contexts.first.flatMap { OpaquePointer(bitPattern: $0) })
            return UInt(bitPattern: copy)
        }
        return OpaquePointer(bitPattern: taken)
    }
}
