import Ledger
import SettlementDomain

/// A terminal's and a daemon's view of one day, and what comparing them must say.
struct RandomDay {
    private(set) var daemon: [DayRow] = []
    private(set) var ranges: [ReconciledRange] = []
    private(set) var expected: [Difference] = []
    private(set) var differing: [Int] = []

    init(using random: inout some RandomNumberGenerator) {
        var universe: [RequestKey] = []
        for number in 0..<60 {
            let terminal = Town.terminal("T000000\(number / 20 + 1)")
            let date = Town.today.adding(days: number / 10 % 2 - 1)
            universe.append(
                RequestKey(terminal: terminal, date: date, stan: UInt32(number % 10 + 1)))
        }
        var terminal: [DayTransaction] = []
        for key in universe {
            let row = DayReconciliationTests.row(
                key, fen: Int64.random(in: 1...3, using: &random), kind: .refund)
            let fate = Int.random(in: 0..<12, using: &random)
            if fate != 0 { daemon.append(row) }
            var said = row.transaction
            if fate == 2 { said.kind = .void }
            if fate == 3 { said.insured = Money(fen: 77) }
            if fate > 1 { terminal.append(said) }
        }
        var made: [(ReconciledRange, [Difference])] = []
        var start = 0
        while start < universe.count {
            let end = min(start + Int.random(in: 0...8, using: &random), universe.count - 1)
            // Some keys lie in no range.
            if Int.random(in: 0..<4, using: &random) > 0 {
                let keys = Set(universe[start...end])
                let said = terminal.filter { keys.contains($0.key) }.shuffled(using: &random)
                let range = DayReconciliationTests.range(
                    said, universe[start], universe[end],
                    listed: Bool.random(using: &random))
                let differences = DayReconciliationTests.model(
                    said, daemon.filter { keys.contains($0.key) })
                made.append((range, differences))
            }
            start = end + 1
        }
        made.shuffle(using: &random)
        ranges = made.map(\.0)
        for (position, (range, differences)) in made.enumerated() where !differences.isEmpty {
            if case .list = range.content {
                expected.append(contentsOf: differences)
            } else {
                differing.append(position)
            }
        }
        expected.sort { left, right in
            guard let first = left.terminal?.key ?? left.daemon?.key,
                let second = right.terminal?.key ?? right.daemon?.key
            else { return false }
            return first < second
        }
    }
}
