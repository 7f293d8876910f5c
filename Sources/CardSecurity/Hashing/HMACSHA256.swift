import COpenSSL

/// HMAC-SHA-256 under one key, callable from any thread.
///
/// The key is absorbed once, into memory for secrets, and nowhere else: one call costs two or three
/// compressions.
///
/// - Source: RFC 2104, FIPS 198-1.
public final class HMACSHA256: Sendable {
    /// What was absorbed of the key: as good as the key.
    let state: SecretBytes

    /// Absorbs the key, of any length.
    public init(key: SecretBytes) {
        state = SecretBytes(count: MemoryLayout<COpenSSL_hmac_key>.size) { target in
            key.withUnsafeBytes { key in
                COpenSSL_hmac_absorb(
                    target.bindMemory(to: COpenSSL_hmac_key.self).baseAddress, key.baseAddress,
                    key.count)
            }
        }
    }

    /// The authentication code of one run of bytes.
    public func authenticate(_ message: UnsafeRawBufferPointer) -> Digest32 {
        state.withUnsafeBytes { state in
            Digest32 {
                COpenSSL_hmac(
                    state.assumingMemoryBound(to: COpenSSL_hmac_key.self).baseAddress, $0,
                    message.baseAddress, message.count)
            }
        }
    }

    /// A key for one purpose alone: the first bytes, at most 32, of the label's code.
    func derivedKey(_ label: String, count: Int) -> SecretBytes {
        let code = SecretBytes(count: 32) { code in
            state.withUnsafeBytes { state in
                COpenSSL_hmac(
                    state.assumingMemoryBound(to: COpenSSL_hmac_key.self).baseAddress,
                    code.bindMemory(to: UInt8.self).baseAddress, label, label.utf8.count)
            }
        }
        return count == 32
            ? code : code.withUnsafeBytes { SecretBytes(copying: .init(rebasing: $0[..<count])) }
    }
}
