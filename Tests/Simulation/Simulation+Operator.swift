import Ledger
import SettlementDomain
import SettlementProtocol

// The operator.
extension Simulation {
    func nextCredit() -> Int {
        credits += 1
        return credits
    }

    func operate(inTrouble: Bool) throws {
        let roll = inTrouble ? chance.below(14) : .max
        guard roll > 13 || has(roll == 9 ? .dayCloses : .registrations) else { return }
        switch roll {
        case 0...4:
            let owners = town.persons.indices.filter { town.persons[$0].hasAccount }
            try act(
                .credit(
                    person: chance.among(Array(owners)), amount: 1 + chance.below(40_000),
                    number: nextCredit()))
        case 5: if has(.contributions) { try act(.arrears(person: person())) }
        case 6:
            let number = chance.below(town.institutions.count)
            try act(.suspend(institution: number, !witness.model.institutions[number].isSuspended))
        case 7:
            let number = chance.below(town.terminals.count)
            try act(.block(terminal: number, !witness.model.blocked.contains(number)))
        case 8:
            // Whoever is registered anew is registered as covered.
            let frozen = town.persons.indices.filter { witness.model.persons[$0].isFrozen }
            let number = frozen.isEmpty || chance.one(in: 3) ? person() : chance.among(frozen)
            if witness.model.persons[number].suspension == nil {
                try act(.freeze(person: number, !witness.model.persons[number].isFrozen))
            }
        case 9: if witness.model.today < 12 { try act(.closeDay(witness.model.today)) }
        case 10: try payClearing()
        default: try heal()
        }
    }

    private func person() -> Int { chance.below(town.persons.count) }

    private func payClearing() throws {
        let day = Town.firstDay + chance.below(witness.model.today - Town.firstDay + 1)
        let institution = chance.below(4)
        let amount = witness.model.owed(institution, for: day)
        guard day < witness.model.today, amount != 0 else { return }
        try act(.clearing(ModelClearing(institution: institution, day: day, amount: amount)))
    }

    /// Nobody stays suspended for ever.
    func heal() throws {
        for number in town.institutions.indices where witness.model.institutions[number].isSuspended
        {
            try act(.suspend(institution: number, false))
        }
        for number in witness.model.blocked.sorted() { try act(.block(terminal: number, false)) }
    }

    /// Sends an action over the operator's socket of a daemon.
    func act(_ action: OperatorAction) throws {
        guard let daemon = daemons.first(where: { $0.server != nil }),
            let line = try daemon.operatorLine()
        else { return }
        operatorSTAN += 1
        witness.expectedActions.append(action)
        let header = RequestHeader(
            businessDate: Town.date(witness.model.today), stan: operatorSTAN, terminalTime: 0)
        let registration: Registration
        switch action {
        case .credit(let person, let amount, let number):
            registration = .credit(town.credit(person, amount, number: number))
        case .suspend(let number, let isSuspended):
            var institution = town.institutions[number]
            institution.isSuspended = isSuspended
            registration = .institution(town.institutionRow(number, institution))
        case .freeze(let number, let isFrozen):
            var person = town.persons[number]
            person.isFrozen = isFrozen
            person.suspension = nil
            person.employer = nil
            registration = .person(town.personRow(number, person))
        case .block(let number, let isBlocked):
            registration = .terminal(town.terminalRow(number, isBlocked: isBlocked))
        case .arrears(let number):
            registration = .periodic(PeriodicRow(person: Town.person(number), run: .arrears))
        case .clearing(let clearing):
            registration = .clearing(
                ClearingRow(
                    key: ClearingKey(
                        institution: Town.institution(clearing.institution),
                        date: Town.date(clearing.day)),
                    amount: Money(fen: Int64(clearing.amount))))
        case .closeDay(let day):
            _ = line.send(
                .dayClose,
                RequestEncoder.dayClose(
                    DayCloseRequest(header: header, date: Town.date(day), next: Town.date(day + 1)))
            )
            return line.carryToDaemon(atMost: .max)
        }
        _ = line.send(
            .operatorApply,
            RequestEncoder.operatorApply(
                OperatorApplyRequest(header: header, registrations: [registration], isDryRun: false)
            ))
        line.carryToDaemon(atMost: .max)
    }
}

// The end, when everything works.
extension Simulation {
    /// Nothing that was seen is gone, every request is known for what it is, the books agree.
    func lookAtTheEnd() throws {
        for _ in 0..<20 {
            let isHealed =
                witness.model.blocked.isEmpty
                && !witness.model.institutions.contains(where: \.isSuspended)
            if isHealed { break }
            try heal()
            for _ in 0..<20 { turnDaemons() }
            try witness.look()
        }
        if has(.status) {
            for terminal in terminals where options.terminals.contains(terminal.number) {
                try terminal.askForEverything()
            }
        }
        try witness.lookBack()
        try witness.checkState(ofAll: true)
        try witness.checkBooks()
        for task in tasks.all { try checkEnd(of: task) }
    }
}
