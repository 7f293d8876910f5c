import Ledger
import SettlementDomain

/// What the operator does.
enum OperatorAction {
    case credit(person: Int, amount: Int, number: Int)
    case suspend(institution: Int, Bool)
    case freeze(person: Int, Bool)
    case block(terminal: Int, Bool)
    case closeDay(Int)
    /// Suspends coverage where contributions are in arrears.
    case arrears(person: Int)
    /// Pays an institution for a date that has ended.
    case clearing(ModelClearing)

    func isSeen(in entry: JournalEntry) -> Bool {
        entry.changes.contains { change in
            switch (self, change) {
            case (.credit(let person, _, let number), .credit(let row)):
                row.key.person == Town.person(person) && row.key.reference == "credit-\(number)"
            case (.suspend(let institution, let isSuspended), .institution(let row)):
                row.institution.id == Town.institution(institution)
                    && (row.institution.contract == .suspended) == isSuspended
            case (.freeze(let person, let isFrozen), .person(let row)):
                row.person.id == Town.person(person) && row.frozen == isFrozen
                    && row.person.coverage == .active
            case (.arrears(let person), .person(let row)):
                row.person.id == Town.person(person) && row.person.coverage == .suspended
            case (.clearing(let clearing), .clearing(let row)):
                row.key.institution == Town.institution(clearing.institution)
                    && row.key.date == Town.date(clearing.day)
                    && row.amount.fen == Int64(clearing.amount)
            case (.block(let terminal, let isBlocked), .terminal(let row)):
                row.id == Town.terminal(terminal) && row.blocked == isBlocked
            case (.closeDay(let day), .businessDate(let date)): date == Town.date(day + 1)
            default: false
            }
        }
    }

    /// - Returns: whether it may be done at all.
    func apply(to model: inout Model) -> Bool {
        switch self {
        case .credit(let person, let amount, _): model.credit(person, amount)
        case .suspend(let institution, let isSuspended):
            model.institutions[institution].isSuspended = isSuspended
        case .freeze(let person, let isFrozen):
            model.persons[person].isFrozen = isFrozen
            // Registered anew, with coverage.
            model.persons[person].suspension = nil
        case .block(let terminal, let isBlocked):
            if isBlocked { model.blocked.insert(terminal) } else { model.blocked.remove(terminal) }
        case .closeDay(let day): model.today = day + 1
        case .arrears(let person): return model.lookForArrears(of: person)
        case .clearing(let clearing):
            guard model.isOwed(clearing) else { return false }
            model.cleared.append(clearing)
        }
        return true
    }
}
