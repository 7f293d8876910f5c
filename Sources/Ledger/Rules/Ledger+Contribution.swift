import SettlementDomain

/// What one accepted contribution changes.
struct ContributionEffect {
    var answer: ContributionAnswer
    var postings: [Posting]
    /// With its new balance and the head of before; nil where nothing is credited.
    var account: AccountRow?
    var changes: [RowChange]
}

extension Ledger {
    /// Decides a request about contributions.
    func contribute(
        _ command: ContributionCommand, of request: LedgerRequest, at millis: Int64,
        on rows: inout WorkingSet
    ) -> Decision {
        if let verdict = guardKey(request.key, on: rows) {
            return respond(verdict, to: request, at: millis, on: rows)
        }
        if let verdict = guardTerminal(request, on: rows) {
            return record(verdict, of: request, at: millis, on: &rows)
        }
        guard let terminal = rows.reference.terminals[request.key.terminal] else {
            return record(
                refusal(.notPermittedToTerminal, .terminalUnknown), of: request, at: millis,
                on: &rows)
        }
        switch command {
        case .declare(let page):
            return declare(page, of: request, at: terminal, at: millis, on: &rows)
        case .pay(let line):
            switch contribution(line, at: terminal, on: rows) {
            case .refused(let verdict, _, _):
                return record(verdict, of: request, at: millis, on: &rows)
            case .passed(let effect):
                return record(
                    Verdict(
                        code: .approved, reason: .none, payload: .contribution(effect.answer)),
                    of: request, at: millis, on: &rows, postings: effect.postings,
                    accounts: effect.account.map { [$0] } ?? [], changes: effect.changes)
            }
        }
    }

    /// Adds the rows that a request about contributions reads.
    func add(
        _ command: ContributionCommand, of terminal: TerminalID, reference: Reference,
        to keys: inout LoadKeys
    ) {
        switch command {
        case .pay(let line): add(line, to: &keys)
        case .declare(let page):
            guard let institution = reference.terminals[terminal]?.institution else { return }
            for (index, line) in page.lines.enumerated() {
                add(line, to: &keys)
                keys.declarationLines.append(
                    DeclarationLineKey(
                        institution: institution, declaration: page.declaration,
                        line: page.firstLine + UInt32(index)))
            }
        }
    }

    private func add(_ line: ContributionLine, to keys: inout LoadKeys) {
        guard let number = line.idNumber else { return }
        keys.subjects.append(LoadKeys.Holder(subject: .idNumber(number), cards: false))
        guard let period = line.period else { return }
        keys.contributions.append(LoadKeys.Contribution(idNumber: number, period: period))
    }

    /// Judges one line: the same rule for a payment and for each line of a declaration.
    ///
    /// The order of refusals is Protocol/Contributions.md's, "Refusals".
    func contribution(
        _ line: ContributionLine, at terminal: TerminalRow, on rows: WorkingSet
    ) -> Guarded<ContributionEffect> {
        guard let name = line.name else {
            return refused(.invalidTransaction, .nameInvalid, "name: not UTF-8 of 1...90 bytes")
        }
        guard let number = line.idNumber else {
            return refused(
                .invalidTransaction, .idNumberInvalid,
                "id_number: not 18 characters with their check character")
        }
        guard let period = line.period else {
            return refused(
                .invalidTransaction, .periodInvalid, "period: no month or year of 2000...2099")
        }
        let row: PersonRow
        switch find(.idNumber(number), on: rows) {
        case .refused(let verdict, let recorded, let card):
            return .refused(verdict, recorded: recorded, card: card)
        case .passed(let found): row = found.person
        }
        guard row.name == name else {
            return refused(
                .notPermittedToPerson, .nameDiffers, "name: another is registered")
        }
        let employer: InstitutionID?
        switch self.employer(of: line, row, at: terminal, on: rows) {
        case .refused(let verdict, _, _): return .refused(verdict, recorded: true, card: nil)
        case .passed(let found): employer = found
        }
        let amounts: ContributionAmounts
        switch self.amounts(of: line, for: period, row, on: rows) {
        case .refused(let verdict, _, _): return .refused(verdict, recorded: true, card: nil)
        case .passed(let found): amounts = found
        }
        let paid = ContributionRow(
            key: ContributionKey(person: row.person.id, period: period), base: line.base,
            employerPart: amounts.employer, individualPart: amounts.individual,
            credited: amounts.credited, paidDate: rows.reference.businessDate,
            collector: terminal.institution, employer: employer)
        return effect(of: paid, row, at: terminal, on: rows)
    }

    /// Who pays the employer's part: an active employee has an employer, nobody else has.
    private func employer(
        of line: ContributionLine, _ row: PersonRow, at terminal: TerminalRow,
        on rows: WorkingSet
    ) -> Guarded<InstitutionID?> {
        if terminal.role == .employer {
            guard row.standing.employer == terminal.institution else {
                return refused(
                    .notPermittedToPerson, .notOwnEmployee,
                    "id_number: not registered as an employee of \(terminal.institution)")
            }
            switch line.employer {
            case .registered: break
            case .named(let named) where named == terminal.institution: break
            case .named, .unreadable:
                return refused(
                    .notPermittedToPerson, .notOwnEmployee,
                    "employer: not \(terminal.institution)")
            }
        }
        let named: InstitutionID?
        switch line.employer {
        case .registered: named = row.standing.employer
        case .named(let institution): named = institution
        case .unreadable:
            return refused(
                .invalidTransaction, .employerUnknown, "employer: no institution's code")
        }
        guard row.person.category == .active else {
            guard case .registered = line.employer else {
                return refused(
                    .invalidTransaction, .employerUnknown,
                    "employer: a person of category \(row.person.category.name) has none")
            }
            return .passed(nil)
        }
        guard let named, rows.reference.institutions[named]?.institution.kind == .employer else {
            return refused(
                .invalidTransaction, .employerUnknown,
                named.map { "employer: \($0) is no registered employer" }
                    ?? "employer: is missing, and none is registered for the person")
        }
        return .passed(named)
    }

    /// What must be paid, where the line says just that.
    private func amounts(
        of line: ContributionLine, for period: ContributionPeriod, _ row: PersonRow,
        on rows: WorkingSet
    ) -> Guarded<ContributionAmounts> {
        let policy = rows.reference.policy(of: row.person.region, on: period.firstDay)
        guard let policy, let terms = policy.contributions else {
            return refused(
                .invalidTransaction, .contributionsNotTaken,
                "period: no policy of region \(row.person.region) takes contributions for \(period)"
            )
        }
        // A resident pays by age, whatever was registered.
        let person = row.person.asOf(period.firstDay, adultAge: policy.adultAge)
        guard terms.isPayable(period, on: rows.reference.businessDate) else {
            return refused(
                .invalidTransaction, .periodTooEarly,
                "period: \(period) cannot be paid on \(rows.reference.businessDate) yet")
        }
        if let made = rows.contributions[ContributionKey(person: person.id, period: period)] {
            return refused(
                .invalidTransaction, .periodPaid,
                "period: \(period) was paid on \(made.paidDate)")
        }
        let amounts: ContributionAmounts
        switch terms.amounts(
            for: person.category, born: person.birthDate,
            hasAccount: rows.accounts[person.id] != nil, period: period, base: line.base)
        {
        case .success(let made): amounts = made
        case .failure(.categoryPaysNothing):
            return refused(
                .notPermittedToPerson, .categoryPaysNothing,
                "id_number: a person of category \(person.category.name) pays nothing")
        case .failure(.periodOfOtherLength):
            return refused(
                .invalidTransaction, .periodInvalid,
                period.isYear
                    ? "period: an employee pays by month" : "period: a resident pays by year")
        case .failure(.baseOutOfRange(let floor, let ceiling)):
            return refused(
                .invalidAmount, .baseOutOfRange,
                "base: \(line.base) is not in \(floor)...\(ceiling)")
        }
        guard line.employerPart == amounts.employer else {
            return refused(
                .invalidAmount, .contributionAmountDiffers,
                "employer_part: \(line.employerPart), must be \(amounts.employer)")
        }
        guard line.individualPart == amounts.individual else {
            return refused(
                .invalidAmount, .contributionAmountDiffers,
                "individual_part: \(line.individualPart), must be \(amounts.individual)")
        }
        return .passed(amounts)
    }

    /// Posts what was paid, and lets the pooled fund pay again where the policy says so.
    private func effect(
        of paid: ContributionRow, _ row: PersonRow, at terminal: TerminalRow,
        on rows: WorkingSet
    ) -> Guarded<ContributionEffect> {
        let person = row.person
        var account = rows.accounts[person.id]
        if paid.credited > .zero, var credited = account {
            guard let balance = credited.balance.checkedAdding(paid.credited), balance.isInRange
            else { return refused(.invalidAmount, .amountOverflow, "base: the account is full") }
            credited.balance = balance
            account = credited
        }
        let pooled = paid.paid - paid.credited
        let postings = [
            Posting(account: .contributions(paid.collector.text), amount: -paid.paid),
            Posting(account: .individual(person.id), amount: paid.credited),
            Posting(account: .pool(person.region, person.insuranceType), amount: pooled),
        ].filter { $0.amount != .zero }
        let changed = standing(of: row, after: paid, on: rows)
        var changes: [RowChange] = [.contribution(paid)]
        if changed != row { changes.append(.person(changed)) }
        changes.append(access(to: row, at: terminal, by: .role(terminal.role)))
        return .passed(
            ContributionEffect(
                answer: ContributionAnswer(
                    nameMasked: MaskedName.of(row.name), row: paid, balance: account?.balance,
                    coverage: changed.covered(on: rows.reference.businessDate).person.coverage,
                    standing: changed.standing),
                postings: postings, account: paid.credited > .zero ? account : nil,
                changes: changes))
    }

    private func standing(
        of row: PersonRow, after paid: ContributionRow, on rows: WorkingSet
    ) -> PersonRow {
        var row = row
        let today = rows.reference.businessDate
        let month = ContributionPeriod(monthOf: paid.key.period.lastMonth)
        if let month, row.standing.paidThrough.map({ $0 < month }) ?? true {
            row.standing.paidThrough = month
            if let employer = paid.employer { row.standing.employer = employer }
        }
        guard row.person.coverage == .suspended, row.standing.coveredFrom == nil,
            let terms = rows.reference.policy(of: row.person.region, on: today)?.contributions,
            !terms.isInArrears(
                payingCategory(of: row.person, on: today, in: rows),
                paidThrough: row.standing.paidThrough, on: today)
        else { return row }
        // It stays known when the suspension was: its services may be billed later.
        row.standing.coveredFrom = terms.coveredFrom(paidOn: today)
        return row
    }

    /// As whom a person owes contributions on a day: a resident by age on the first day of the year.
    func payingCategory(
        of person: Person, on day: CivilDate, in rows: WorkingSet
    ) -> PersonCategory {
        guard let policy = rows.reference.policy(of: person.region, on: day),
            let first = CivilDate(year: day.year, month: 1, day: 1)
        else { return person.category }
        return person.asOf(first, adultAge: policy.adultAge).category
    }
}
