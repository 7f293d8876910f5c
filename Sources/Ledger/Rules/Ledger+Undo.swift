import SettlementDomain

/// A settlement that is to be undone, in whole or in part, or to stand again.
struct UndoPlan {
    /// As it is before.
    var row: SettlementRow
    /// What it takes before.
    var before: Standing
    /// What it takes after.
    var after: Standing
    /// What it is after.
    var state: SettlementRow.State
    /// What came back by a refund.
    var lines: [RefundedLine] = []
    /// The void or refund that is reversed.
    var reversed: RequestKey?
}

/// What is to be done about a void, refund or reversal.
enum UndoFinding {
    case carryOut(UndoPlan)
    /// Nothing moves: the answer says why.
    case answer(Verdict, changes: [RowChange] = [])
}

extension Ledger {
    /// Decides a void, refund or reversal: finds what it undoes, and undoes it.
    func undo(
        _ request: LedgerRequest, at millis: Int64, on rows: inout WorkingSet,
        find: (WorkingSet) -> UndoFinding
    ) -> Decision {
        if let verdict = guardKey(request.key, on: rows) {
            return respond(verdict, to: request, at: millis, on: rows)
        }
        if let verdict = guardTerminal(request, on: rows) {
            return record(verdict, of: request, at: millis, on: &rows)
        }
        switch find(rows) {
        case .answer(let verdict, let changes):
            return record(verdict, of: request, at: millis, on: &rows, changes: changes)
        case .carryOut(let plan):
            return carryOut(plan, request, at: millis, on: &rows)
        }
    }

    /// Finds the settlement that a void or refund names, in the order of
    /// Protocol/ResponseCodes.md, "Precedence".
    func original(
        _ id: SettlementID, card: CardNumber?, of request: LedgerRequest, on rows: WorkingSet
    ) -> Guarded<SettlementRow> {
        guard let row = rows.settlements[id] else {
            return refusedOriginal(.originalNotFound, .originalUnknown)
        }
        guard rows.reference.terminals[request.key.terminal]?.institution == row.institution else {
            return refusedOriginal(.notPermittedToTerminal, .otherInstitution)
        }
        guard row.card == card else { return refusedOriginal(.originalDataDiffers, .dataDiffers) }
        switch row.state {
        case .settled, .partlyRefunded: return .passed(row)
        case .reversed: return refusedOriginal(.alreadyUndone, .originalReversed)
        case .voided: return refusedOriginal(.alreadyUndone, .originalVoided)
        case .refunded: return refusedOriginal(.alreadyUndone, .originalRefunded)
        }
    }

    private func refusedOriginal(
        _ code: ResponseCode, _ reason: Reason
    ) -> Guarded<SettlementRow> {
        .refused(refusal(code, reason), recorded: true, card: nil)
    }

    /// What a void does.
    func find(
        _ command: VoidCommand, of request: LedgerRequest, on rows: WorkingSet
    ) -> UndoFinding {
        let row: SettlementRow
        switch original(command.settlement, card: command.card, of: request, on: rows) {
        case .refused(let verdict, _, _): return .answer(verdict)
        case .passed(let found): row = found
        }
        guard command.total == row.split.total else {
            return refusedUndo(.originalAmountDiffers, .amountDiffers)
        }
        guard row.bookedDate == rows.reference.businessDate else {
            return refusedUndo(
                .invalidTransaction, .otherBusinessDate,
                "settled under \(row.bookedDate), it is \(rows.reference.businessDate)")
        }
        guard row.state == .settled else { return refusedUndo(.noActionTaken, .furtherActivity) }
        return isTooOften(row) ?? undoneWhole(row, as: .voided, on: rows)
    }

    /// Refuses to keep ever more steps with one settlement; reversals of steps are always taken.
    func isTooOften(_ row: SettlementRow) -> UndoFinding? {
        guard row.undone.count >= limits.undoingsMax else { return nil }
        return refusedUndo(
            .frequencyLimit, .undoneTooOften,
            "\(row.undone.count) voids, refunds and reversals of it are booked")
    }

    /// A plan by which nothing of a settlement is left.
    func undoneWhole(
        _ row: SettlementRow, as state: SettlementRow.State, on rows: WorkingSet
    ) -> UndoFinding {
        guard let before = standing(of: row, on: rows) else {
            return refusedUndo(.invalidTransaction, .noPolicyForRegion)
        }
        return .carryOut(UndoPlan(row: row, before: before, after: .nothing, state: state))
    }

    func refusedUndo(
        _ code: ResponseCode, _ reason: Reason, _ detail: String = ""
    ) -> UndoFinding {
        .answer(refusal(code, reason, detail))
    }

    /// Moves the money, changes the rows and answers.
    private func carryOut(
        _ plan: UndoPlan, _ request: LedgerRequest, at millis: Int64, on rows: inout WorkingSet
    ) -> Decision {
        let givenBack = plan.before.split.less(plan.after.split)
        var row = plan.row
        row.state = plan.state
        row.undone.append(
            Undoing(
                key: request.key, kind: request.command.kind, reversed: plan.reversed,
                bookedDate: rows.reference.businessDate, time: millis, lines: plan.lines,
                state: plan.state, standing: plan.after.split))
        let accounts = credited(givenBack, person: row.person, on: rows)
        let answer = UndoAnswer(
            settlement: row.id, state: row.state, settledDate: row.bookedDate,
            givenBack: givenBack,
            remaining: remaining(of: plan),
            balance: (accounts.first { $0.person == row.person } ?? rows.accounts[row.person])?
                .balance ?? .zero,
            accumulator: accumulator(after: plan, on: rows),
            nameMasked: rows.persons[row.person].map { MaskedName.of($0.name) } ?? "",
            ownersMasked: givenBack.owners.map { share in
                rows.persons[share.owner].map { MaskedName.of($0.name) } ?? ""
            })
        return record(
            Verdict(code: .approved, reason: .none, payload: .undone(answer)), of: request,
            at: millis, on: &rows, settlement: row.id, postings: postings(givenBack, of: row),
            accounts: accounts,
            changes: [.settlement(row)] + changes(of: plan, givenBack, on: rows))
    }

    /// What stands after a plan; of a stay without parts, which 0x1d gives page by page.
    private func remaining(of plan: UndoPlan) -> Split? {
        var split = plan.after.split
        guard !split.parts.isEmpty else { return nil }
        if plan.row.stay != nil { split.parts = [] }
        return split
    }

    /// The double entry that gives this back; empty where only cash moves.
    private func postings(_ givenBack: Split, of row: SettlementRow) -> [Posting] {
        var postings: [Posting] = []
        var sum = Money.zero
        func give(_ amount: Money, to account: LedgerAccount) {
            guard amount != .zero else { return }
            postings.append(Posting(account: account, amount: amount))
            sum += amount
        }
        give(givenBack.account, to: .individual(row.person))
        for share in givenBack.owners { give(share.amount, to: .individual(share.owner)) }
        give(givenBack.pooled, to: .pool(row.policyRegion, row.insuranceType))
        give(givenBack.large, to: .large(row.policyRegion, row.insuranceType))
        for share in givenBack.plans { give(share.amount, to: .supplement(share.plan)) }
        if sum != .zero {
            postings.append(Posting(account: .institution(row.institution), amount: -sum))
        }
        return postings
    }

    /// The individual accounts that get money back, with their new balances.
    private func credited(
        _ givenBack: Split, person: PersonID, on rows: WorkingSet
    ) -> [AccountRow] {
        let shares =
            [FamilyShare(owner: person, amount: givenBack.account)] + givenBack.owners
        return shares.compactMap { share in
            guard share.amount != .zero, var account = rows.accounts[share.owner] else {
                return nil
            }
            account.balance += share.amount
            return account
        }
    }

    private func accumulator(after plan: UndoPlan, on rows: WorkingSet) -> AccumulatorRow? {
        guard let key = plan.row.accumulatorKey else { return nil }
        var row = rows.accumulators[key] ?? AccumulatorRow(key: key, used: Accumulators())
        row.used.remove(plan.before.split)
        row.used.add(plan.after.split)
        row.used.countStay(
            key.category, was: plan.before.split.total > .zero,
            is: plan.after.split.total > .zero)
        return row
    }

    /// The year's use, the family's use, trace codes and past uses after a plan.
    private func changes(
        of plan: UndoPlan, _ givenBack: Split, on rows: WorkingSet
    ) -> [RowChange] {
        var changes: [RowChange] = []
        if let accumulator = accumulator(after: plan, on: rows),
            accumulator != rows.accumulators[accumulator.key],
            plan.row.benefitCategory == .inpatient || plan.before.split.inScope != .zero
                || plan.after.split.inScope != .zero
        {
            changes.append(.accumulator(accumulator))
        }
        if let family = family(after: givenBack, of: plan.row, on: rows) {
            changes.append(.family(family))
        }
        changes += Self.traceCodeChanges(
            from: plan.before.codes, to: plan.after.codes, on: rows)
        changes += usageChanges(of: plan, on: rows)
        return changes + stayChanges(of: plan, on: rows) + billChanges(of: plan, on: rows)
    }

    /// What the relatives have drawn after this is given back; nil where nothing changes.
    ///
    /// A link that has ended, or whose year is over, has nothing to take it off from.
    func family(after givenBack: Split, of row: SettlementRow, on rows: WorkingSet) -> FamilyRow? {
        guard !givenBack.owners.isEmpty, var family = rows.families[row.person] else { return nil }
        for share in givenBack.owners {
            guard let index = family.links.firstIndex(where: { $0.owner == share.owner }) else {
                continue
            }
            family.links[index].giveBack(share.amount, bookedOn: row.bookedDate)
        }
        return family == rows.families[row.person] ? nil : family
    }

    private func usageChanges(of plan: UndoPlan, on rows: WorkingSet) -> [RowChange] {
        var moved: [ItemUse: UsageRecord] = [:]
        for use in Set(plan.before.uses.keys).union(plan.after.uses.keys) {
            let before = plan.before.uses[use]
            let after = plan.after.uses[use]
            guard before != after else { continue }
            moved[use] = UsageRecord(
                date: use.day,
                quantity: Quantity(
                    thousandths: (after?.quantity.thousandths ?? 0)
                        - (before?.quantity.thousandths ?? 0)),
                days: (after?.days ?? 0) - (before?.days ?? 0))
        }
        return Self.usageRows(adding: moved, of: plan.row.person, on: rows).map { .usage($0) }
    }
}
