/// The requests that the connections of one role on one loop share among themselves.
struct Lane {
    private var source: WorkSource
    private var schedule: Schedule
    private let budget: Budget
    private(set) var isExhausted = false

    init(source: WorkSource, schedule: Schedule, budget: Budget) {
        self.source = source
        self.schedule = schedule
        self.budget = budget
    }

    /// When the next request is due; nil: at once, or never.
    var nextDue: UInt64? { isExhausted ? nil : schedule.next }

    /// The next request with its intended start, where one is due now.
    mutating func take(at now: UInt64) -> (item: WorkItem, intended: UInt64)? {
        guard !isExhausted else { return nil }
        guard !budget.isOver(at: now) else {
            isExhausted = true
            return nil
        }
        guard let intended = schedule.take(at: now) else {
            // A recording without further offsets has no further requests either.
            if case .recorded = schedule, schedule.next == nil { isExhausted = true }
            return nil
        }
        guard budget.takeOne(), let item = source.next() else {
            isExhausted = true
            return nil
        }
        return (item, intended)
    }
}
