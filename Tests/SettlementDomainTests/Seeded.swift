/// A small generator with a printable seed (SplitMix64).
struct Seeded: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }

    /// A number in 0..<bound; the slight unevenness does not matter here.
    mutating func below(_ bound: Int64) -> Int64 {
        Int64(truncatingIfNeeded: next() >> 1) % bound
    }

    /// True once in so many times.
    mutating func once(in times: Int64) -> Bool {
        below(times) == 0
    }
}
