/// Numbers journal entries so that no two writers give the same number, without asking each other.
///
/// A number is, from its highest bits on: 41 bits of milliseconds since 2020-01-01 UTC, 8 bits of
/// the writer, 14 bits that count on. It is larger than every number that the entry's decision has
/// seen: of entries that depend on each other, the later one has the larger number, whatever the
/// machines' clocks say.
struct SequenceClock {
    /// As many writers may be at work at once.
    static let writersMax = 256
    /// 2020-01-01T00:00:00Z, milliseconds since 1970.
    static let epoch: Int64 = 1_577_836_800_000

    private static let counterBits: UInt64 = 14
    private static let writerBits: UInt64 = 8
    private static let millisMax: Int64 = 1 << 41 - 1

    let writer: UInt64
    private var last: UInt64

    /// Begins after a number that the writer gave before.
    init(writer: UInt64, after last: UInt64) {
        self.writer = writer
        self.last = last
    }

    /// The writer that gave a number.
    static func writer(of number: UInt64) -> UInt64 {
        number >> counterBits & (1 << writerBits - 1)
    }

    /// The first number of a millisecond since 1970.
    static func first(at millis: Int64) -> UInt64 {
        UInt64(min(max(0, millis - epoch), millisMax)) << (counterBits + writerBits)
    }

    /// The numbers given so far do not come again, nor any before this one.
    mutating func pass(_ number: UInt64) { last = max(last, number) }

    /// The next number, of a time in milliseconds since 1970.
    mutating func next(at millis: Int64) -> UInt64 {
        let earliest = max(last + 1, Self.first(at: millis))
        var tick = earliest >> (Self.counterBits + Self.writerBits)
        var number = Self.number(tick, writer, 0)
        if number < earliest {
            // Within this writer's range of the tick, or past it.
            let end = Self.number(tick, writer, 1 << Self.counterBits - 1)
            if earliest <= end {
                number = earliest
            } else {
                tick += 1
                number = Self.number(tick, writer, 0)
            }
        }
        last = number
        return number
    }

    private static func number(_ tick: UInt64, _ writer: UInt64, _ count: UInt64) -> UInt64 {
        tick << (counterBits + writerBits) | writer << counterBits | count
    }
}
