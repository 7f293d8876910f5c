import COpenSSL

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
        Digest32 {
            COpenSSL_sha256($0, first.baseAddress, first.count, second.baseAddress, second.count)
        }
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
