/// Finds the places of rows in an array by the hashes of their keys.
///
/// Open addressing with linear probing, at most half full. A place and 32 bits of the hash lie in one
/// word, so that a look costs one cache line here and, but for one in four thousand million, only
/// the row that is looked for there.
struct SlotIndex {
    /// The upper half of the hash, and the place plus one; 0: empty.
    private var words: [UInt64] = []
    private(set) var count = 0

    /// Creates an empty index.
    init() {}

    /// The place whose hash is this and that `fits`; nil where there is none.
    @inline(__always)
    func find(_ hash: UInt64, where fits: (Int) -> Bool) -> Int? {
        words.withUnsafeBufferPointer { words -> Int? in
            guard !words.isEmpty else { return nil }
            let mask = words.count - 1
            var position = Int(truncatingIfNeeded: hash) & mask
            while words[position] != 0 {
                let word = words[position]
                let place = Int(UInt32(truncatingIfNeeded: word)) - 1
                if word >> 32 == hash >> 32, fits(place) { return place }
                position = (position + 1) & mask
            }
            return nil
        }
    }

    /// The word at which looking for a hash begins.
    @inline(__always)
    func word(at hash: UInt64) -> UInt64 {
        words.isEmpty ? 0 : words[Int(truncatingIfNeeded: hash) & (words.count - 1)]
    }

    /// Adds a place that is not in the index.
    mutating func insert(_ hash: UInt64, _ place: Int, hashOf: (Int) -> UInt64) {
        if 2 * (count + 1) > words.count { grow(hashOf) }
        put(hash, place)
        count += 1
    }

    /// Takes a place out that is in the index; those behind it move up.
    mutating func remove(_ hash: UInt64, _ place: Int, hashOf: (Int) -> UInt64) {
        let mask = words.count - 1
        let word = Self.word(hash, place)
        var hole = Int(truncatingIfNeeded: hash) & mask
        while words[hole] != word {
            guard words[hole] != 0 else { return }
            hole = (hole + 1) & mask
        }
        words[hole] = 0
        count -= 1
        var position = hole
        while true {
            position = (position + 1) & mask
            let next = words[position]
            guard next != 0 else { return }
            let home = Int(truncatingIfNeeded: hashOf(Self.place(next))) & mask
            // It may move to the hole unless its home lies behind the hole.
            guard (position - home) & mask >= (position - hole) & mask else { continue }
            words[hole] = next
            words[position] = 0
            hole = position
        }
    }

    private mutating func grow(_ hashOf: (Int) -> UInt64) {
        let old = words
        words = [UInt64](repeating: 0, count: max(64, 2 * old.count))
        for word in old where word != 0 {
            let place = Self.place(word)
            put(hashOf(place), place)
        }
    }

    private mutating func put(_ hash: UInt64, _ place: Int) {
        let mask = words.count - 1
        var position = Int(truncatingIfNeeded: hash) & mask
        while words[position] != 0 { position = (position + 1) & mask }
        words[position] = Self.word(hash, place)
    }

    private static func word(_ hash: UInt64, _ place: Int) -> UInt64 {
        hash & ~UInt64(UInt32.max) | UInt64(place + 1)
    }

    private static func place(_ word: UInt64) -> Int {
        Int(UInt32(truncatingIfNeeded: word)) - 1
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
