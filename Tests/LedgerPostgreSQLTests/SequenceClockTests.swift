import Testing

@testable import LedgerPostgreSQL

@Suite("Numbers of journal entries")
struct SequenceClockTests {
    private static let now: Int64 = 1_790_000_000_123

    @Test("grow with every entry, though the clock stands still or goes back")
    func growing() {
        var clock = SequenceClock(writer: 7, after: 0)
        var last: UInt64 = 0
        for step in 0..<100_000 {
            let number = clock.next(at: Self.now - Int64(step % 3) * 5_000)
            #expect(number > last)
            #expect(SequenceClock.writer(of: number) == 7)
            last = number
        }
    }

    @Test("of two writers never meet, whatever they have seen of each other")
    func apart() {
        var clocks = (0..<8).map { SequenceClock(writer: UInt64($0 * 36 + 3), after: 0) }
        var random = SystemRandomNumberGenerator()
        var given: Set<UInt64> = []
        for _ in 0..<50_000 {
            let index = Int.random(in: 0..<8, using: &random)
            let number = clocks[index].next(at: Self.now + Int64.random(in: -20...20))
            #expect(given.insert(number).inserted)
            clocks[Int.random(in: 0..<8, using: &random)].pass(number)
        }
    }

    @Test("come after every number that was seen, also of a clock far ahead")
    func causal() {
        var ahead = SequenceClock(writer: 255, after: 0)
        var behind = SequenceClock(writer: 1, after: 0)
        for _ in 0..<1000 {
            let seen = ahead.next(at: Self.now + 3_600_000)
            behind.pass(seen)
            let number = behind.next(at: Self.now)
            #expect(number > seen)
            ahead.pass(number)
        }
        #expect(behind.next(at: Self.now) < SequenceClock.first(at: Self.now + 3_700_000))
    }
}
