/// A contribution that was paid.
struct ModelContribution {
    var person: Int
    /// `yyyymm`.
    var period: Int
    var base: Int
    var employerPart: Int
    var individualPart: Int
    var credited: Int
    var paid: Int
    /// The institution whose terminal took it.
    var collector: Int
}

/// A line of a declaration, and what it was answered for ever.
struct ModelDeclaredLine {
    var institution: Int
    var declaration: Int
    var line: Int
    var content: ModelPayment
    /// Nil: it was paid.
    var refusal: ModelLineRefusal?
}

/// What an institution was paid for a business date.
struct ModelClearing: Equatable {
    var institution: Int
    var day: Int
    var amount: Int
}

/// Protocol/Contributions.md.
extension Model {
    mutating func decide(_ payment: ModelPayment, _ key: ModelKey) -> ModelAnswer {
        if let refusal = refusal(of: payment, at: key.terminal) {
            return ModelAnswer(code: refusal.code, reason: refusal.reason)
        }
        let paid = pay(payment, key)
        let person = persons[paid.person]
        let isSuspended = person.isSuspended(on: today)
        return ModelAnswer(
            code: 0, reason: 0,
            told: .payment(
                credited: paid.credited,
                pooled: paid.employerPart + paid.individualPart - paid.credited,
                balance: person.hasAccount ? balance(paid.person) : nil, isSuspended: isSuspended,
                coveredFrom: isSuspended ? person.suspension?.until : nil,
                paidThrough: person.paidThrough))
    }

    mutating func decide(_ page: ModelDeclaration, _ key: ModelKey) -> ModelAnswer {
        let institution = terminals[key.terminal]
        var refused: [ModelLineRefusal] = []
        for (place, line) in page.lines.enumerated() {
            let number = page.firstLine + place
            let known = declared.first {
                $0.institution == institution && $0.declaration == page.name && $0.line == number
            }
            if let known {
                if known.content != line {
                    refused.append(ModelLineRefusal(line: number, code: 94, reason: 712))
                } else if let refusal = known.refusal {
                    refused.append(refusal)
                }
                continue
            }
            var refusal: ModelLineRefusal?
            if let found = self.refusal(of: line, at: key.terminal) {
                refusal = ModelLineRefusal(line: number, code: found.code, reason: found.reason)
                refused += [refusal].compactMap { $0 }
            } else {
                _ = pay(line, key)
            }
            declared.append(
                ModelDeclaredLine(
                    institution: institution, declaration: page.name, line: number, content: line,
                    refusal: refusal))
        }
        return ModelAnswer(
            code: 0, reason: 0,
            told: .declaration(accepted: page.lines.count - refused.count, refused: refused))
    }

    /// What is due of a person for a month, or of a resident for a year.
    func due(
        of number: Int, base: Int, _ period: Int
    ) -> (employer: Int, individual: Int, credited: Int) {
        let person = persons[number]
        let first = Self.firstDay(of: period)
        let terms = policy(on: first).contributions
        if !person.isEmployee { return (0, terms.yearly, 0) }
        let employer = rounded(base * terms.employer, by: 10_000)
        let individual = rounded(base * terms.individual, by: 10_000)
        // Birthdays are on the first of January.
        let age = period / 100 - person.birthYear
        let share = terms.bands.last { $0.age <= age }?.share ?? 0
        let credited = person.hasAccount ? rounded(base * share, by: 10_000) : 0
        return (employer, individual, min(credited, employer + individual))
    }

    static func firstDay(of period: Int) -> Int {
        ModelCalendar.firstDay(year: period / 100, month: max(1, period % 100))
    }

    /// The table of "Refusals", from the top.
    private func refusal(of line: ModelPayment, at terminal: Int) -> (code: Int, reason: Int)? {
        if line.isNameRight == nil { return (12, 700) }
        guard let named = line.person else { return (12, 701) }
        guard let period = line.period else { return (12, 702) }
        guard case .known(let number) = named else { return (14, 720) }
        let person = persons[number]
        if line.isNameRight == false { return (57, 705) }
        if roles[terminal] == .employer {
            if person.employer != terminals[terminal] { return (57, 707) }
            guard line.employer == .registered || line.employer == .named(terminals[terminal])
            else { return (57, 707) }
        }
        switch line.employer {
        case .unreadable: return (12, 706)
        case .named(let employer):
            if !person.isEmployee || institutions[employer].kind != .employer { return (12, 706) }
        case .registered: if person.isEmployee, person.employer == nil { return (12, 706) }
        }
        let first = Self.firstDay(of: period)
        guard policies.contains(where: { $0.from <= first }) else { return (12, 708) }
        let terms = policy(on: first).contributions
        if ModelCalendar.month(of: first) > ModelCalendar.month(of: today) + terms.ahead {
            return (12, 703)
        }
        if contributions.contains(where: { $0.person == number && $0.period == period }) {
            return (12, 704)
        }
        if person.isEmployee == (period % 100 == 0) { return (12, 702) }
        let range = person.isEmployee ? terms.floor...terms.ceiling : 0...0
        guard range.contains(line.base) else { return (13, 710) }
        let due = due(of: number, base: line.base, period)
        guard line.employerPart == due.employer, line.individualPart == due.individual else {
            return (13, 711)
        }
        return nil
    }

    private mutating func pay(_ line: ModelPayment, _ key: ModelKey) -> ModelContribution {
        guard case .known(let number)? = line.person, let period = line.period else {
            preconditionFailure("was looked at before")
        }
        let due = due(of: number, base: line.base, period)
        let paid = ModelContribution(
            person: number, period: period, base: line.base, employerPart: due.employer,
            individualPart: due.individual, credited: due.credited, paid: today,
            collector: terminals[key.terminal])
        contributions.append(paid)
        note(paid.credited, to: number, kind: kind)
        noteAccess(to: number, by: key)
        // A resident's year pays for its December.
        let month = period / 100 * 12 + (period % 100 == 0 ? 11 : period % 100 - 1)
        if month > persons[number].paidThrough ?? 0 {
            persons[number].paidThrough = month
            if case .named(let employer) = line.employer { persons[number].employer = employer }
        }
        restore(number)
        return paid
    }

    private mutating func restore(_ number: Int) {
        guard persons[number].suspension != nil, persons[number].suspension?.until == nil,
            !isInArrears(number)
        else { return }
        let isLater = policy(on: today).contributions.restoresNextMonth
        persons[number].suspension?.until =
            isLater
            ? ModelCalendar.firstDay(ofMonth: ModelCalendar.month(of: today) + 1) : today
    }

    /// "Arrears", on the business date.
    private func isInArrears(_ number: Int) -> Bool {
        let terms = policy(on: today).contributions
        let paid = max(persons[number].paidThrough ?? 0, terms.countedFrom - 1)
        return ModelCalendar.month(of: today) - 1 - paid >= terms.suspendedAfter
    }

    /// What a run over all persons does to one of them.
    ///
    /// - Returns: whether coverage is suspended by it.
    mutating func lookForArrears(of number: Int) -> Bool {
        guard isInArrears(number), !persons[number].isSuspended(on: today) else { return false }
        persons[number].suspension = ModelSuspension(from: today, until: nil)
        return true
    }
}
