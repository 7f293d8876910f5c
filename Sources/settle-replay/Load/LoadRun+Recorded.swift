import SettlementDomain

extension LoadRun {
    /// The lanes of each loop for a recording.
    ///
    /// Requests that name each other go to one connection, in their order; the others are dealt round
    /// among the loops that have the role.
    func lanes(
        _ recorded: RecordedWorkload, _ pace: Pace, _ plan: LoadPlan, start: UInt64
    ) throws(ReplayFault) -> [LoopWork] {
        var work = rolesOfLoops.map { _ in LoopWork() }
        func lane(_ entries: [RecordedWorkload.Entry]) -> Lane {
            let schedule: Schedule
            switch pace {
            case .recorded(let speed):
                schedule = .recorded(
                    RecordedStarts(start: start, speed: speed, offsets: entries.map(\.offset)))
            case .rate(let rate):
                let share = Double(entries.count) / Double(max(1, recorded.count))
                schedule = .paced(PacedStarts(start: start, rate: max(0.001, rate * share)))
            case .closed: schedule = .immediate
            }
            return Lane(
                source: .recorded(RecordedWork(entries.map(\.item))), schedule: schedule,
                budget: plan.budget)
        }
        for (role, entries) in recorded.entries {
            let holders = rolesOfLoops.indices.filter { rolesOfLoops[$0].contains(role) }
            guard !holders.isEmpty else {
                throw ReplayFault(
                    "the recording has \(recorded.count(of: role)) requests of a \(role.name), and "
                        + "no \(role.name)'s terminal was given")
            }
            for (position, holder) in holders.enumerated() {
                work[holder].shared[role] = lane(
                    stride(from: position, to: entries.count, by: holders.count)
                        .map { entries[$0] })
            }
            let places = holders.flatMap { loop in
                rolesOfLoops[loop].indices.filter { rolesOfLoops[loop][$0] == role }
                    .map { (loop: loop, connection: $0) }
            }
            var own = places.map { _ in [RecordedWorkload.Entry]() }
            for (number, chain) in (recorded.chains[role] ?? []).enumerated() {
                own[number % places.count] += chain
            }
            for (place, entries) in zip(places, own) where !entries.isEmpty {
                // Chains are each in order; together they must be too.
                let ordered = entries.sorted { $0.position < $1.position }
                work[place.loop].own[place.connection] = lane(ordered)
            }
        }
        return work
    }
}
