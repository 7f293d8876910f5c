/// At most 32 characters of ASCII, none of them NUL, as four numbers: what is compared, hashed and
/// copied with every request costs no reference count and no look into other memory.
struct PackedText: Sendable, Hashable, Comparable {
    /// The characters, the first in the highest byte of the first word; zero behind the end.
    let words: (UInt64, UInt64, UInt64, UInt64)

    /// Packs a text; nil where it is too long or has a byte that does not fit.
    init?(_ text: String, where fits: (UInt8) -> Bool) {
        var text = text
        let words = text.withUTF8 { bytes -> (UInt64, UInt64, UInt64, UInt64)? in
            guard bytes.count <= 32, bytes.allSatisfy({ $0 != 0 && fits($0) }) else { return nil }
            var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
            withUnsafeMutableBytes(of: &words) { packed in
                for (position, byte) in bytes.enumerated() { packed[position] = byte }
            }
            return (
                words.0.bigEndian, words.1.bigEndian, words.2.bigEndian, words.3.bigEndian
            )
        }
        guard let words else { return nil }
        self.words = words
    }

    /// A text of words that were packed before.
    init(_ first: UInt64, _ second: UInt64 = 0) {
        words = (first, second, 0, 0)
    }

    /// The first character's byte; 0 of an empty text.
    var first: UInt8 { UInt8(truncatingIfNeeded: words.0 >> 56) }

    /// How many characters.
    var count: Int {
        // Zeros stand behind the end alone.
        var zeros = words.3.trailingZeroBitCount
        if zeros == 64 { zeros += words.2.trailingZeroBitCount }
        if zeros == 128 { zeros += words.1.trailingZeroBitCount }
        if zeros == 192 { zeros += words.0.trailingZeroBitCount }
        return 32 - zeros / 8
    }

    /// The characters.
    var text: String {
        withUTF8 { bytes in
            String(unsafeUninitializedCapacity: bytes.count) { room in
                UnsafeMutableRawBufferPointer(room).copyMemory(from: bytes)
                return bytes.count
            }
        }
    }

    /// Runs the body with the characters' bytes.
    func withUTF8<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        let stored = (
            words.0.bigEndian, words.1.bigEndian, words.2.bigEndian, words.3.bigEndian
        )
        let count = count
        return withUnsafeBytes(of: stored) { body(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
    }

    static func == (left: PackedText, right: PackedText) -> Bool {
        left.words == right.words
    }

    static func < (left: PackedText, right: PackedText) -> Bool {
        left.words < right.words
    }

    func hash(into hasher: inout Hasher) {
        hasher.combine(words.0)
        hasher.combine(words.1)
        if words.2 != 0 { hasher.combine(words.2) }
        if words.3 != 0 { hasher.combine(words.3) }
    }
}
