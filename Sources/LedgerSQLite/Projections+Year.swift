import Ledger
import SettlementDomain

extension Projections {
    func balances(
        of person: PersonID, in year: Int
    ) throws(StoreFault) -> DailyBalances {
        try mappingFaults {
            let first = CivilDate(year: year, month: 1, day: 1) ?? .first
            let next = CivilDate(year: year + 1, month: 1, day: 1) ?? .last
            var marks: [UInt64: HistoryMark] = [:]
            if let moves {
                // Dates never go back: the first before the year has its opening balance.
                try eachMark(of: person, before: UInt64(Int64.max), moves) { mark in
                    if mark.bookedDate < next { marks[mark.key.sequence] = mark }
                    return mark.bookedDate >= first
                }
            }
            for mark in history.newestFirst(of: person)
            where mark.move != nil && mark.bookedDate < next {
                marks[mark.key.sequence] = mark
            }
            let inOrder = marks.values.sorted { $0.key.sequence < $1.key.sequence }
            let opening = inOrder.last { $0.bookedDate < first }?.move?.balance ?? .zero
            var days = DailyBalances(year: year, opening: opening)
            for mark in inOrder where mark.bookedDate >= first {
                if let move = mark.move { days.change(to: move.balance, on: mark.bookedDate) }
            }
            return days
        }
    }
}
