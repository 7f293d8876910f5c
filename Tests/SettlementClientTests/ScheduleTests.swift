import Testing

@testable import settle_replay

@Suite("Open-loop scheduling")
struct ScheduleTests {
    /// One server that takes `service` nanoseconds a request, but stands still for a while once.
    private struct Server {
        let service: UInt64
        let stall: Range<UInt64>

        func end(from start: UInt64) -> UInt64 {
            stall.contains(start) ? stall.upperBound + service : start + service
        }
    }

    /// Latencies of one connection that works off a schedule on a fake clock.
    private func latencies(
        _ schedule: Schedule, _ server: Server, until end: UInt64
    ) -> [UInt64] {
        var schedule = schedule
        var now: UInt64 = 0
        var latencies: [UInt64] = []
        while now < end {
            guard let intended = schedule.take(at: now) else {
                guard let next = schedule.next else { break }
                now = next
                continue
            }
            now = server.end(from: now)
            latencies.append(now - intended)
        }
        return latencies
    }

    private static let millisecond: UInt64 = 1_000_000

    @Test("a stall of the daemon is charged to every request that was due in it")
    func noCoordinatedOmission() {
        let ms = Self.millisecond
        let server = Server(service: ms / 10, stall: 1000 * ms..<2000 * ms)
        let open = latencies(
            .paced(PacedStarts(start: 0, rate: 1000)), server, until: 10_000 * ms)
        let closed = latencies(.immediate, server, until: 10_000 * ms)
        // A thousand requests were due while the daemon stood still; they waited half a second on
        // the average, and those behind them some more until the backlog was worked off.
        #expect(open.count { $0 > 10 * ms } >= 1000)
        #expect(open.count == 10_000)
        #expect(closed.count { $0 > 10 * ms } == 1)
        let stalled = open.filter { $0 > 10 * ms }.max() ?? 0
        #expect(stalled > 990 * ms)
    }

    @Test("starts are given once each, in order, and never before they are due")
    func paced() {
        var starts = PacedStarts(start: 500, rate: 1_000_000)
        #expect(starts.take(at: 499) == nil)
        #expect(starts.take(at: 500) == 500)
        #expect(starts.take(at: 1499) == nil)
        #expect(starts.next == 1500)
        // Late: those that were due meanwhile come one after the other with their own times.
        #expect(starts.take(at: 10_000) == 1500)
        #expect(starts.take(at: 10_000) == 2500)
    }

    @Test("a rate holds over a long time: no error adds up")
    func noDrift() {
        var starts = PacedStarts(start: 0, rate: 7)
        var last: UInt64 = 0
        for _ in 0..<70_001 { last = starts.take(at: .max) ?? 0 }
        #expect(last == 10_000_000_000_000)
    }

    @Test("recorded offsets are due at their times divided by the speed, and end")
    func recorded() {
        var schedule = Schedule.recorded(
            RecordedStarts(start: 1000, speed: 2, offsets: [0, 10, 10, 400]))
        #expect(schedule.take(at: 1000) == 1000)
        #expect(schedule.take(at: 1000) == nil)
        #expect(schedule.next == 6000)
        #expect(schedule.take(at: 1_000_000) == 6000)
        #expect(schedule.take(at: 1_000_000) == 6000)
        #expect(schedule.take(at: 1_000_000) == 201_000)
        #expect(schedule.take(at: 1_000_000) == nil)
        #expect(schedule.next == nil)
    }

    @Test("lanes share a budget of requests and end when it or the time is used up")
    func budget() {
        let budget = Budget(count: 5, deadline: 100)
        func lane() -> Lane {
            Lane(
                source: .generated(
                    GeneratedWork(mix: .settles, templates: 1, cards: 1, seed: 1, part: 1)),
                schedule: .immediate, budget: budget)
        }
        var (first, second) = (lane(), lane())
        var taken = 0
        for _ in 0..<4 {
            if first.take(at: 1) != nil { taken += 1 }
            if second.take(at: 1) != nil { taken += 1 }
        }
        #expect(taken == 5)
        #expect(first.isExhausted && second.isExhausted)
        var late = Lane(
            source: .generated(
                GeneratedWork(mix: .settles, templates: 1, cards: 1, seed: 1, part: 1)),
            schedule: .immediate, budget: Budget(count: nil, deadline: 100))
        #expect(late.take(at: 99) != nil)
        #expect(late.take(at: 100) == nil)
        #expect(late.isExhausted)
    }

    @Test("figures count codes and time from the intended start, outside the warm-up only")
    func figures() {
        var figures = Figures()
        figures.record(
            .settle, code: 0, intended: 0, sent: 0, now: 9_000_000, isMeasured: false)
        for step in UInt64(1)...100 {
            figures.record(
                .settle, code: step == 100 ? 51 : 0, intended: 1_000_000, sent: 1_000_000 * step,
                now: 1_000_000 * (step + 1), isMeasured: true)
        }
        #expect(figures.answers == 101)
        #expect(figures.measured == 100)
        #expect(figures.answers(code: 0) == 99)
        #expect(figures.answers(code: 51) == 1)
        let report = RunReport(figures, connections: 1, depth: 1, rate: 1000, from: 1_000_000)
        let median = report.latency["settle"]?.p50 ?? 0
        #expect((50_000...50_100).contains(median))
        #expect((report.latency["all"]?.max ?? 0) >= 100_000)
        #expect(report.service.p99 < 1010)
        #expect(report.seconds == 0.1)
        #expect(report.codes == ["00": 99, "51": 1])
        #expect(report.isGood)
    }
}
