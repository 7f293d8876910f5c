/// Finds the places of rows in an array by the hashes of their keys.
///
/// Open addressing with linear probing, at most half full. A place and 32 bits of the hash lie in one
/// word, so that a look costs one cache line here and, but for one in some thousands, only the row
/// that is looked for there. Those bits also say where a word belongs, so that growing looks at no row;
/// the other bits choose one of 64 segments, each of which grows for itself: a table of a million
/// rows never grows in one stroke.
struct SlotIndex {
    fileprivate struct Segment {
        /// The upper half of the hash, and the place plus one; 0: empty.
        var words: [UInt64] = []
        var count = 0
    }

    private static let segmentCount = 64
    private var segments = [Segment](repeating: Segment(), count: segmentCount)

    /// Creates an empty index.
    init() {}

    /// The place whose hash is this and that `fits`; nil where there is none.
    @inline(__always)
    func find(_ hash: UInt64, where fits: (Int) -> Bool) -> Int? {
        segments.withUnsafeBufferPointer { segments in
            segments[Self.segment(of: hash)].words.withUnsafeBufferPointer { words -> Int? in
                guard !words.isEmpty else { return nil }
                let mask = words.count - 1
                var position = Self.home(of: hash) & mask
                while words[position] != 0 {
                    let word = words[position]
                    if word >> 32 == hash >> 32, fits(Self.place(word)) { return Self.place(word) }
                    position = (position + 1) & mask
                }
                return nil
            }
        }
    }

    /// The word at which looking for a hash begins.
    @inline(__always)
    func word(at hash: UInt64) -> UInt64 {
        segments.withUnsafeBufferPointer { segments in
            segments[Self.segment(of: hash)].words.withUnsafeBufferPointer { words in
                words.isEmpty ? 0 : words[Self.home(of: hash) & (words.count - 1)]
            }
        }
    }

    /// Adds a place that is not in the index.
    mutating func insert(_ hash: UInt64, _ place: Int) {
        segments[Self.segment(of: hash)].insert(Self.word(hash, place))
    }

    /// Puts a place in the stead of one that is in the index under the same hash.
    mutating func replace(_ hash: UInt64, _ place: Int, by new: Int) {
        segments[Self.segment(of: hash)].replace(Self.word(hash, place), by: Self.word(hash, new))
    }

    /// Takes a place out that is in the index; those behind it move up.
    mutating func remove(_ hash: UInt64, _ place: Int) {
        segments[Self.segment(of: hash)].remove(Self.word(hash, place))
    }

    @inline(__always)
    private static func segment(of hash: UInt64) -> Int {
        Int(truncatingIfNeeded: hash) & (segmentCount - 1)
    }

    /// Where a hash, or a word, belongs, but for the mask.
    @inline(__always)
    fileprivate static func home(of hash: UInt64) -> Int {
        Int(truncatingIfNeeded: hash >> 32)
    }

    private static func word(_ hash: UInt64, _ place: Int) -> UInt64 {
        hash & ~UInt64(UInt32.max) | UInt64(place + 1)
    }

    private static func place(_ word: UInt64) -> Int {
        Int(UInt32(truncatingIfNeeded: word)) - 1
    }
}

extension SlotIndex.Segment {
    mutating func insert(_ word: UInt64) {
        if 2 * (count + 1) > words.count {
            let old = words
            words = [UInt64](repeating: 0, count: max(16, 2 * old.count))
            for word in old where word != 0 { put(word) }
        }
        put(word)
        count += 1
    }

    mutating func replace(_ word: UInt64, by new: UInt64) {
        guard let position = position(of: word) else { return }
        words[position] = new
    }

    mutating func remove(_ word: UInt64) {
        guard var hole = position(of: word) else { return }
        words[hole] = 0
        count -= 1
        let mask = words.count - 1
        var position = hole
        while true {
            position = (position + 1) & mask
            let next = words[position]
            guard next != 0 else { return }
            let home = SlotIndex.home(of: next) & mask
            // It may move to the hole unless its home lies behind the hole.
            guard (position - home) & mask >= (position - hole) & mask else { continue }
            words[hole] = next
            words[position] = 0
            hole = position
        }
    }

    private func position(of word: UInt64) -> Int? {
        guard !words.isEmpty else { return nil }
        let mask = words.count - 1
        var position = SlotIndex.home(of: word) & mask
        while words[position] != word {
            guard words[position] != 0 else { return nil }
            position = (position + 1) & mask
        }
        return position
    }

    private mutating func put(_ word: UInt64) {
        let mask = words.count - 1
        var position = SlotIndex.home(of: word) & mask
        while words[position] != 0 { position = (position + 1) & mask }
        words[position] = word
    }
}

/// Hashes of keys that are numbers: two multiplications, seeded anew in every process.
///
/// - Source: the multiply-and-fold step of wyhash.
enum KeyHash {
    private static let seed = UInt64.random(in: .min ... .max)

    /// The hash of one number, or of two.
    @inline(__always)
    static func of(_ high: UInt64, _ low: UInt64 = 0) -> UInt64 {
        fold(fold(high ^ seed, 0xa076_1d64_78bd_642f) ^ low, 0xe703_7ed1_a0b4_28db)
    }

    @inline(__always)
    private static func fold(_ left: UInt64, _ right: UInt64) -> UInt64 {
        let product = left.multipliedFullWidth(by: right)
        return product.high ^ product.low
    }
}
