/// Numbers that look random and are the same for the same seed, stream and index everywhere.
///
/// - Source: SplitMix64, as in Steele, Lea and Flood, "Fast Splittable Pseudorandom Number
///   Generators" (2014).
struct DemoDraw {
    private var state: UInt64

    /// Starts the numbers of one thing: `stream` says what kind, `index` which.
    init(seed: UInt64, stream: Stream, index: Int) {
        state = seed &+ UInt64(stream.rawValue) &* 0xd1b5_4a32_d192_ed03
        state = Self.mixed(state) &+ UInt64(truncatingIfNeeded: index)
        state = Self.mixed(state)
    }

    enum Stream: UInt8 {
        case person = 1
        case card = 2
        case oldCard = 3
        case balance = 4
        case pin = 5
    }

    /// The next number of 0..<bound; the bound is positive and far below 2^64.
    mutating func next(_ bound: Int) -> Int {
        state &+= 0x9e37_79b9_7f4a_7c15
        return Int(Self.mixed(state) % UInt64(bound))
    }

    /// Whether a thing is so that is so once in `count`.
    mutating func isOne(in count: Int) -> Bool { next(count) == 0 }

    /// One of some things.
    mutating func one<Element>(of elements: [Element]) -> Element {
        elements[next(elements.count)]
    }

    private static func mixed(_ value: UInt64) -> UInt64 {
        var value = value
        value = (value ^ value >> 30) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ value >> 27) &* 0x94d0_49bb_1331_11eb
        return value ^ value >> 31
    }
}
