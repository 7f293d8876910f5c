import Ledger
import NIOCore
import SettlementDomain
import Synchronization
import Testing

@testable import SettlementServer

@Suite("Day close: schedule, and the moment in which nothing is taken")
struct DayCloseTests {
    private static func millis(_ text: String) throws -> Int64 {
        // 2026-11-23 00:00 UTC.
        let midnight: Int64 = 1_795_392_000
        let seconds = try #require(DaySchedule.seconds(text))
        return (midnight + Int64(seconds)) * 1_000
    }

    private static func date(_ number: Int32) throws -> CivilDate {
        try #require(CivilDate(yyyymmdd: number))
    }

    @Test(
        "a time in the evening ends the same day, one in the morning the day before",
        arguments: [
            // Shanghai is 8 hours ahead: 15:59:29 there is 23:59:29.
            ("23:59:30", "15:59:29", 2026_11_23), ("23:59:30", "15:59:30", 2026_11_24),
            ("00:00", "15:59:59", 2026_11_23), ("00:00", "16:00:00", 2026_11_24),
            ("03:30", "19:29:59", 2026_11_23), ("03:30", "19:30:00", 2026_11_24),
            ("12:00", "04:00:00", 2026_11_24), ("11:59:59", "03:59:58", 2026_11_22),
        ])
    func schedule(closeAt: String, now: String, expected: Int32) throws {
        let seconds = try #require(DaySchedule.seconds(closeAt))
        let schedule = try #require(DaySchedule(timeZone: "Asia/Shanghai", closeAt: seconds))
        #expect(schedule.businessDate(at: try Self.millis(now)) == (try Self.date(expected)))
    }

    @Test("a zone with summer time goes by its own clock on both sides of the change")
    func summerTime() throws {
        let schedule = try #require(DaySchedule(timeZone: "Europe/Berlin", closeAt: 0))
        // The clocks go back at 01:00 UTC on 2026-10-25; midnight is 22:00 UTC before it, 23:00 after.
        let before: Int64 = 1_792_879_200_000
        #expect(schedule.businessDate(at: before - 1) == (try Self.date(2026_10_24)))
        #expect(schedule.businessDate(at: before) == (try Self.date(2026_10_25)))
        let after = before + 25 * 3_600_000
        #expect(schedule.businessDate(at: after - 1) == (try Self.date(2026_10_25)))
        #expect(schedule.businessDate(at: after) == (try Self.date(2026_10_26)))
    }

    @Test(
        "what is no time of day is none",
        arguments: ["24:00", "1:00", "12", "12:60", "12:00:60", "ab:cd", "", "12:00:00:00"])
    func noTime(text: String) {
        #expect(DaySchedule.seconds(text) == nil)
    }

    @Test("while a day close is under way, who wants something booked is put off, but only once")
    func nothingBetween() throws {
        let queue = CommitQueue(bounds: .init(requestsMax: 10, bytesMax: 10_000))
        let today = try Self.date(2026_11_23)
        func pending(_ work: PendingRequest.Work) -> PendingRequest {
            PendingRequest(origin: .nobody, work: work, bytes: 1, arrived: .now())
        }
        let close = pending(
            .decide(.byOperator(.closeDay(today, next: today.adding(days: 1)), on: today)))
        let sale = pending(
            .decide(
                .byOperator(.inquire(CardInquiry(card: nil, proof: .absent)), on: today)))
        #expect(queue.offer([sale]) == .accepted)
        #expect(queue.offer([close]) == .accepted)
        #expect(queue.offer([sale]) == .closingDay)
        #expect(queue.offer([sale]) == .accepted)
        #expect(queue.offer([pending(.read(.counts))]) == .accepted)
        var batch: [PendingRequest] = []
        #expect(queue.take(into: &batch, countMax: 100))
        #expect(batch.count == 4)
        #expect(queue.offer([sale]) == .accepted)
        queue.dayClosed(1)
        #expect(queue.offer([sale, close]) == .accepted)
        #expect(queue.offer([sale]) == .closingDay)
    }

    @Test(
        "the clerk asks for the close when it is due, once, and again where it did not come about")
    func clerk() throws {
        let queue = CommitQueue(bounds: .init(requestsMax: 10, bytesMax: 10_000))
        let today = try Self.date(2026_11_23)
        let clock = HandClock(try Self.millis("15:59:59"))
        let references = ReferenceHolder(ReferenceSnapshot(Reference(businessDate: today)))
        let clerk = DayClerk(
            try #require(DaySchedule(timeZone: "Asia/Shanghai", closeAt: 0)), queue: queue,
            references: references, clock: clock)
        clerk.look()
        #expect(queue.depth == 0)
        clock.advance(1_000)
        clerk.look()
        clerk.look()
        #expect(queue.depth == 1)
        clock.advance(5_000)
        clerk.look()
        #expect(queue.depth == 2)
        var batch: [PendingRequest] = []
        #expect(queue.take(into: &batch, countMax: 10))
        guard case .decide(let request) = batch[0].work,
            case .closeDay(let date, let next) = request.command
        else {
            Issue.record("no close")
            return
        }
        #expect(date == today && next == today.adding(days: 1))
        references.publish(ReferenceSnapshot(Reference(businessDate: next)))
        clock.advance(10_000)
        clerk.look()
        #expect(queue.depth == 0)
        // Three days later, one step is enough.
        clock.advance(3 * 86_400_000)
        clerk.look()
        #expect(queue.take(into: &batch, countMax: 10))
        guard case .decide(let late) = batch[0].work, case .closeDay(_, let then) = late.command
        else {
            Issue.record("no close")
            return
        }
        #expect(then == next.adding(days: 3))
    }
}

/// A clock that a test moves.
private final class HandClock: WallClock {
    private let now: Mutex<Int64>

    init(_ now: Int64) { self.now = Mutex(now) }

    var milliseconds: Int64 { now.withLock { $0 } }

    func advance(_ milliseconds: Int64) { now.withLock { $0 += milliseconds } }
}
