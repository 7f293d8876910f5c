/// A SHA-256 digest or HMAC: 32 bytes kept as four big-endian words, without heap storage.
public struct Digest32: Sendable, Hashable {
    /// The words, most significant first.
    public var words: (UInt64, UInt64, UInt64, UInt64)

    /// Thirty-two zero bytes.
    public static let zero = Digest32(words: (0, 0, 0, 0))

    /// Creates a digest of its four words.
    public init(words: (UInt64, UInt64, UInt64, UInt64)) {
        self.words = words
    }

    /// Whether all 32 bytes are equal, in a time that does not tell where they differ.
    public static func == (left: Digest32, right: Digest32) -> Bool {
        let first = (left.words.0 ^ right.words.0) | (left.words.1 ^ right.words.1)
        let second = (left.words.2 ^ right.words.2) | (left.words.3 ^ right.words.3)
        return first | second == 0
    }

    /// Feeds the first word, which is random enough.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(words.0)
    }

    /// The 32 bytes, in order.
    public var bytes: [UInt8] {
        var copy = self
        return copy.withBigEndianBytes { Array($0) }
    }

    /// Sixty-four lower-case hexadecimal digits.
    public var hex: String { Hexadecimal.text(of: bytes) }

    /// Creates a digest by letting a function write its 32 bytes.
    init(writing write: (UnsafeMutablePointer<UInt8>) -> Void) {
        var raw: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
        withUnsafeMutableBytes(of: &raw) { buffer in
            if let base = buffer.bindMemory(to: UInt8.self).baseAddress { write(base) }
        }
        words = (
            UInt64(bigEndian: raw.0), UInt64(bigEndian: raw.1),
            UInt64(bigEndian: raw.2), UInt64(bigEndian: raw.3)
        )
    }

    private mutating func withBigEndianBytes<Result>(
        _ read: (UnsafeRawBufferPointer) -> Result
    ) -> Result {
        let raw = (
            words.0.bigEndian, words.1.bigEndian, words.2.bigEndian, words.3.bigEndian
        )
        return withUnsafeBytes(of: raw, read)
    }
}
