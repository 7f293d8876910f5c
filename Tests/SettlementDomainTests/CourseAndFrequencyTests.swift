import SettlementDomain
import Testing

@Suite("Course and frequency limits")
struct CourseAndFrequencyTests {
    private struct Part: Equatable {
        var reason: SortingReason
        var thousandths: Int64
        var fen: Int64
        var days: Int64

        init(_ reason: SortingReason, _ thousandths: Int64, _ fen: Int64, _ days: Int64 = 1) {
            self.reason = reason
            self.thousandths = thousandths
            self.fen = fen
            self.days = days
        }
    }

    private func sort(
        _ restrictions: [Restriction], _ lines: [(thousandths: Int64, fen: Int64, days: UInt32?)],
        history: [UsageRecord] = []
    ) throws -> [Part] {
        let entry = try Fixtures.entry(restrictions: restrictions)
        let past = UsageHistory(history)
        let sorted = Sorting.sort(
            lines.map {
                Fixtures.line(
                    entry.code, fen: $0.fen, thousandths: $0.thousandths, courseDays: $0.days)
            },
            visit: try Fixtures.visit(),
            catalog: Catalog(version: CatalogVersion(rawValue: 1), entries: [entry]),
            policy: try Fixtures.policy(), history: { $0 == entry.code ? past : nil })
        for part in sorted {
            #expect(part.needsHistory == (part.itemClass == .catalog))
        }
        return sorted.map {
            Part($0.reason, $0.quantity.thousandths, $0.amount.fen, $0.courseDays)
        }
    }

    private func given(_ day: Int32, _ thousandths: Int64, days: Int64 = 1) -> UsageRecord {
        UsageRecord(
            date: Fixtures.date(day), quantity: Quantity(thousandths: thousandths), days: days)
    }

    @Test("a line within the limit is one part; at the limit too; beyond it two; past it one")
    func boundary() throws {
        let limit = Restriction.maxQuantity(Quantity(thousandths: 2000), perDays: 1)
        #expect(try sort([limit], [(1000, 99, nil)]) == [Part(.levelA, 1000, 99)])
        #expect(try sort([limit], [(2000, 99, nil)]) == [Part(.levelA, 2000, 99)])
        #expect(
            try sort([limit], [(2001, 99, nil)])
                == [Part(.levelA, 2000, 99), Part(.restrictedFrequency, 1, 0, 0)])
        #expect(
            try sort([limit], [(1000, 99, nil)], history: [given(2026_11_23, 2000)])
                == [Part(.restrictedFrequency, 1000, 99)])
    }

    @Test("the parts' amounts sum to the line's, the first rounded half away from zero")
    func amounts() throws {
        let limit = Restriction.maxQuantity(Quantity(thousandths: 1000), perDays: 7)
        #expect(
            try sort([limit], [(2000, 101, nil)])
                == [Part(.levelA, 1000, 51), Part(.restrictedFrequency, 1000, 50, 0)])
        #expect(
            try sort([limit], [(3000, 100, nil)])
                == [Part(.levelA, 1000, 33), Part(.restrictedFrequency, 2000, 67, 0)])
    }

    @Test(
        "a window of seven days holds the service date and the six before it",
        arguments: [
            (2026_11_23, false), (2026_11_17, false), (2026_11_16, true), (2025_01_01, true),
        ] as [(Int32, Bool)])
    func window(_ day: Int32, _ free: Bool) throws {
        let limit = Restriction.maxQuantity(.one, perDays: 7)
        let parts = try sort([limit], [(1000, 50, nil)], history: [given(day, 1000)])
        #expect(parts == [Part(free ? .levelA : .restrictedFrequency, 1000, 50)])
    }

    @Test("a back-dated service counts the fullest window around it, not all of both sides")
    func backDated() throws {
        let limit = Restriction.maxQuantity(Quantity(thousandths: 2000), perDays: 7)
        let apart = [given(2026_11_18, 1000), given(2026_11_28, 1000)]
        #expect(try sort([limit], [(1000, 50, nil)], history: apart) == [Part(.levelA, 1000, 50)])
        let after = [given(2026_11_24, 1000), given(2026_11_30, 1000)]
        #expect(try sort([limit], [(1000, 50, nil)], history: after) == [Part(.levelA, 1000, 50)])
        let close = [given(2026_11_20, 1000), given(2026_11_26, 1000)]
        #expect(
            try sort([limit], [(1000, 50, nil)], history: close)
                == [Part(.restrictedFrequency, 1000, 50)])
    }

    @Test("earlier lines of the same bill count, in the bill's order")
    func sameBill() throws {
        let limit = Restriction.maxQuantity(Quantity(thousandths: 1500), perDays: 1)
        #expect(
            try sort([limit], [(1000, 100, nil), (1000, 100, nil), (1000, 100, nil)])
                == [
                    Part(.levelA, 1000, 100), Part(.levelA, 500, 50),
                    Part(.restrictedFrequency, 500, 50, 0), Part(.restrictedFrequency, 1000, 100),
                ])
    }

    @Test("hours a day are a quantity a day")
    func hours() throws {
        #expect(
            try sort([.maxHoursPerDay(24)], [(30_000, 3000, nil)])
                == [Part(.levelA, 24_000, 2400), Part(.restrictedFrequency, 6000, 600, 0)])
    }

    @Test("a course counts the line's days, one where it names none")
    func courseDays() throws {
        #expect(try sort([.maxDays(14)], [(2000, 90, 14)]) == [Part(.levelA, 2000, 90, 14)])
        #expect(
            try sort([.maxDays(14)], [(3000, 90, 15)])
                == [Part(.levelA, 2800, 84, 14), Part(.restrictedCourse, 200, 6, 1)])
        #expect(
            try sort([.maxDays(1)], [(9000, 90, nil), (9000, 90, nil)])
                == [Part(.levelA, 9000, 90), Part(.restrictedCourse, 9000, 90)])
    }

    @Test(
        "a course's days count for thirty days",
        arguments: [(2026_10_25, true), (2026_10_24, false)] as [(Int32, Bool)])
    func courseWindow(_ day: Int32, _ counts: Bool) throws {
        let parts = try sort(
            [.maxDays(14)], [(1000, 50, 7)], history: [given(day, 1000, days: 10)])
        #expect(
            parts
                == (counts
                    ? [Part(.levelA, 571, 29, 4), Part(.restrictedCourse, 429, 21, 3)]
                    : [Part(.levelA, 1000, 50, 7)]))
    }

    @Test("of two limits the tighter one divides; where both are equal the course is named")
    func tighter() throws {
        let twice = Restriction.maxQuantity(Quantity(thousandths: 2000), perDays: 1)
        for restrictions in [[Restriction.maxDays(5), twice], [twice, .maxDays(5)]] {
            #expect(
                try sort(restrictions, [(4000, 400, 8)])
                    == [Part(.levelA, 2000, 200, 4), Part(.restrictedFrequency, 2000, 200, 4)])
            #expect(
                try sort(restrictions, [(4000, 400, 10)])
                    == [Part(.levelA, 2000, 200, 5), Part(.restrictedCourse, 2000, 200, 5)])
        }
    }

    @Test("of a suspended person's stay, what falls to the account counts against no limit")
    func suspendedStay() throws {
        let limit = Restriction.maxQuantity(Quantity(thousandths: 1000), perDays: 1)
        let entry = try Fixtures.entry(restrictions: [limit])
        var person = try Fixtures.person()
        person.coverage = .suspended
        for isStay in [false, true] {
            let lines = ([300, 900, 300] as [Int64]).map { thousandths in
                var line = Fixtures.line(entry.code, fen: 90, thousandths: thousandths)
                if isStay { line.day = Fixtures.day }
                return line
            }
            let sorted = Sorting.sort(
                lines, visit: try Fixtures.visit(person: person),
                catalog: Catalog(version: CatalogVersion(rawValue: 1), entries: [entry]),
                policy: try Fixtures.policy())
            #expect(sorted.map(\.reason) == Array(repeating: .coverageSuspended, count: 3))
            #expect(sorted.map(\.quantity.thousandths) == [300, 900, 300])
        }
    }

    @Test("a refund taken off the history frees what it gave back, and nothing goes below zero")
    func refunds() {
        var history = UsageHistory([given(2026_11_20, 2000, days: 4)])
        history.add(given(2026_11_23, 1000))
        history.add(
            UsageRecord(
                date: Fixtures.date(2026_11_20), quantity: Quantity(thousandths: -1500), days: -3))
        #expect(history.records == [given(2026_11_20, 500), given(2026_11_23, 1000)])
        history.add(
            UsageRecord(
                date: Fixtures.date(2026_11_20), quantity: Quantity(thousandths: -1500), days: -3))
        #expect(history.records == [given(2026_11_23, 1000)])
        history.add(
            UsageRecord(
                date: Fixtures.date(2026_01_01), quantity: Quantity(thousandths: -1), days: 0))
        #expect(history.records.count == 1)
    }

    @Test("a history keeps the days that any window can reach, and forgets older ones")
    func pruning() {
        let oldest = Fixtures.day.adding(days: 1 - UsageHistory.longestWindowDays)
        let kept = UsageRecord(date: oldest, quantity: .one, days: 1)
        let gone = UsageRecord(date: oldest.adding(days: -1), quantity: .one, days: 1)
        var history = UsageHistory([kept, gone])
        #expect(history.records == [gone, kept])
        history.prune(on: Fixtures.day)
        #expect(history.records == [kept])
    }

    @Test("the largest quantities and days do not overflow")
    func overflow() throws {
        let limit = Restriction.maxQuantity(.one, perDays: 366)
        let history = [
            given(2026_11_22, .max, days: .max), given(2026_11_23, .max, days: .max),
        ]
        let parts = try sort([limit, .maxDays(366)], [(1000, 50, .max)], history: history)
        #expect(parts == [Part(.restrictedCourse, 1000, 50, Int64(UInt32.max))])
    }
}
