import SettlementDomain

extension Ledger {
    /// Does what a run does to one person; `unchanged` where nothing is due or it was done before.
    func apply(
        _ row: PeriodicRow, at millis: Int64, on rows: inout WorkingSet
    ) -> RegistrationResult {
        guard let person = rows.persons[row.person] else {
            return .refused("person \(row.person) is not registered")
        }
        if let key = row.creditKey, rows.credits[key] != nil { return .unchanged }
        switch row.run {
        case .arrears: return suspend(person, at: millis, on: &rows)
        case .retireeCredit(let month):
            guard !month.isYear, month.firstDay <= rows.reference.businessDate else {
                return .refused("\(month) is no month that has begun")
            }
            guard person.person.category == .retired,
                let terms = terms(of: person, on: month.firstDay, in: rows)
            else { return .unchanged }
            let amount = terms.retireeCredit(born: person.person.birthDate, month: month)
            return credit(amount, to: person, for: row, as: .retireeCredit, at: millis, on: &rows)
        case .interest(let year):
            guard rows.reference.businessDate.year > Int(year) else {
                return .refused(
                    "\(year) has not ended: the business date is \(rows.reference.businessDate)")
            }
            guard rows.accounts[row.person] != nil,
                let last = CivilDate(year: Int(year), month: 12, day: 31),
                let terms = terms(of: person, on: last, in: rows)
            else { return .unchanged }
            guard let balances = rows.yearBalances[row] else {
                return .refused("\(year) is only just ending; ask again")
            }
            return credit(
                balances.interest(terms.interest), to: person, for: row, as: .annualInterest,
                at: millis, on: &rows)
        }
    }

    private func terms(
        of row: PersonRow, on day: CivilDate, in rows: WorkingSet
    ) -> ContributionTerms? {
        rows.reference.policy(of: row.person.region, on: day)?.contributions
    }

    private func suspend(
        _ old: PersonRow, at millis: Int64, on rows: inout WorkingSet
    ) -> RegistrationResult {
        let today = rows.reference.businessDate
        var row = old.covered(on: today)
        if row.person.coverage == .active,
            let terms = terms(of: row, on: today, in: rows),
            terms.isInArrears(
                payingCategory(of: row.person, on: today, in: rows),
                paidThrough: row.standing.paidThrough, on: today)
        {
            row.person.coverage = .suspended
            row.standing.suspendedFrom = today
            row.standing.coveredFrom = nil
        } else if let from = old.standing.coveredFrom,
            from.days(to: today) > limits.serviceDaysMax
        {
            // No service of the suspension can be settled any more.
            row.standing.suspendedFrom = nil
            row.standing.coveredFrom = nil
        } else {
            row = old
        }
        guard row != old else { return .unchanged }
        rows.append(
            JournalEntry(
                sequence: 0, time: millis, bookedDate: today, kind: .operatorApply, voucher: [],
                answer: nil, postings: [], changes: [.person(row)]))
        return .changed
    }

    private func credit(
        _ amount: Money, to row: PersonRow, for periodic: PeriodicRow, as kind: RequestKind,
        at millis: Int64, on rows: inout WorkingSet
    ) -> RegistrationResult {
        let person = row.person
        guard amount > .zero, let key = periodic.creditKey, var account = rows.accounts[person.id]
        else { return .unchanged }
        guard let balance = account.balance.checkedAdding(amount), balance.isInRange else {
            return .refused("the account of \(person.id) would pass \(Money.limit)")
        }
        account.balance = balance
        let pool = LedgerAccount.pool(person.region, person.insuranceType)
        var entry = JournalEntry(
            sequence: 0, time: millis, bookedDate: rows.reference.businessDate, kind: kind,
            voucher: [], answer: nil,
            postings: [
                Posting(account: pool, amount: -amount),
                Posting(account: .individual(person.id), amount: amount),
            ],
            changes: [
                .credit(CreditRow(key: key, amount: amount, collector: pool.description))
            ])
        chain([account], into: &entry)
        rows.append(entry)
        return .added
    }
}
