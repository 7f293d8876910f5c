/// A SHA-256 digest, 32 bytes, kept as four big-endian words.
public struct Digest: Sendable, Hashable {
    /// The words, most significant first.
    public var words: (UInt64, UInt64, UInt64, UInt64)

    /// Thirty-two zero bytes: what a hash chain starts from.
    public static let zero = Digest(words: (0, 0, 0, 0))

    /// Creates a digest of its four words.
    public init(words: (UInt64, UInt64, UInt64, UInt64)) {
        self.words = words
    }

    /// Whether all 32 bytes are equal.
    public static func == (left: Digest, right: Digest) -> Bool {
        left.words.0 == right.words.0 && left.words.1 == right.words.1
            && left.words.2 == right.words.2 && left.words.3 == right.words.3
    }

    /// Feeds the first word, which is random enough.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(words.0)
    }

    /// The digest whose bits are those in which two differ.
    func exclusiveOr(_ other: Digest) -> Digest {
        Digest(
            words: (
                words.0 ^ other.words.0, words.1 ^ other.words.1, words.2 ^ other.words.2,
                words.3 ^ other.words.3
            ))
    }

    /// Sixty-four lower-case hexadecimal digits.
    public var hex: String {
        [words.0, words.1, words.2, words.3].map { word in
            let text = String(word, radix: 16)
            return String(repeating: "0", count: 16 - text.utf8.count) + text
        }.joined()
    }
}

/// SHA-256 of a run of bytes, given to the ledger from outside: the ledger has no cryptography.
public typealias SHA256Function = @Sendable (UnsafeRawBufferPointer) -> Digest
