import SettlementDomain

extension Ledger {
    /// Decides a reversal: remembers it where the original was not seen, undoes the original where
    /// it stands.
    func reverse(
        _ command: ReversalCommand, of request: LedgerRequest, at millis: Int64,
        on rows: inout WorkingSet
    ) -> Decision {
        undo(request, at: millis, on: &rows) { rows in
            guard command.original != request.key else {
                return refusedUndo(
                    .invalidTransaction, .originalNotReversible,
                    "original_stan: is the reversal's own")
            }
            guard let answer = rows.answers[command.original] else {
                return notSeen(command.original, reversal: request.key, on: rows)
            }
            switch answer.kind {
            case .settle, .discharge, .void, .refund: break
            default:
                return refusedUndo(
                    .invalidTransaction, .originalNotReversible, "the original moved no money")
            }
            guard answer.code.isApproval else {
                return .answer(Verdict(code: .approved, reason: .originalRefused))
            }
            guard
                let row = rows.settlements[answer.settlement ?? SettlementID(command.original)]
            else { return refusedUndo(.originalNotFound, .originalUnknown) }
            guard row.card == command.card else {
                return refusedUndo(.originalDataDiffers, .dataDiffers)
            }
            return answer.kind == .settle || answer.kind == .discharge
                ? find(reversing: row, command, on: rows)
                : find(reversing: command.original, of: row, command, on: rows)
        }
    }

    /// Remembers that a request shall not be executed when it arrives.
    private func notSeen(
        _ original: RequestKey, reversal: RequestKey, on rows: WorkingSet
    ) -> UndoFinding {
        let isKnown = rows.tombstones[original] != nil
        let tombstone = TombstoneRow(original: original, reversal: reversal)
        return .answer(
            Verdict(code: .approved, reason: .originalNotSeen),
            changes: isKnown ? [] : [.tombstone(tombstone)])
    }

    /// What the reversal of a settle does.
    private func find(
        reversing row: SettlementRow, _ command: ReversalCommand, on rows: WorkingSet
    ) -> UndoFinding {
        guard command.total == row.split.total else {
            return refusedUndo(.originalAmountDiffers, .amountDiffers)
        }
        switch row.state {
        case .settled: return undoneWhole(row, as: .reversed, on: rows)
        case .reversed:
            return .answer(Verdict(code: .approved, reason: .originalReversed))
        case .voided: return refusedUndo(.alreadyUndone, .originalVoided)
        case .refunded: return refusedUndo(.alreadyUndone, .originalRefunded)
        case .partlyRefunded: return refusedUndo(.noActionTaken, .furtherActivity)
        }
    }

    /// What the reversal of a void or refund does: the settlement takes again what it took before.
    private func find(
        reversing key: RequestKey, of row: SettlementRow, _ command: ReversalCommand,
        on rows: WorkingSet
    ) -> UndoFinding {
        if row.undone.contains(where: { $0.reversed == key }) {
            return .answer(Verdict(code: .approved, reason: .originalReversed))
        }
        guard let undoing = row.lastUndoing(by: key) else {
            return refusedUndo(.noActionTaken, .furtherActivity)
        }
        guard amountFits(command, undoing, of: row) else {
            return refusedUndo(.originalAmountDiffers, .amountDiffers)
        }
        var earlier = row
        earlier.undone.removeLast()
        let state = earlier.undone.last?.state ?? .settled
        earlier.state = state
        guard let before = standing(of: row, on: rows), let after = standing(of: earlier, on: rows)
        else { return refusedUndo(.invalidTransaction, .noPolicyForRegion) }
        if let verdict = stayObstacle(row, to: state, on: rows) ?? billObstacle(row, on: rows) {
            return .answer(verdict)
        }
        if let verdict = obstacle(row, before: before, after: after, on: rows) {
            return .answer(verdict)
        }
        return .carryOut(
            UndoPlan(row: row, before: before, after: after, state: state, reversed: key))
    }

    private func amountFits(
        _ command: ReversalCommand, _ undoing: Undoing, of row: SettlementRow
    ) -> Bool {
        guard undoing.kind == .refund else { return command.total == row.split.total }
        let sum = undoing.lines.reduce(Money.zero) { $0 + $1.amount }
        return command.total == sum || command.total == .zero
    }

    /// Why a settlement cannot take again what was given back; nil where it can.
    private func obstacle(
        _ row: SettlementRow, before: Standing, after: Standing, on rows: WorkingSet
    ) -> Verdict? {
        let givenBack = before.split.less(after.split)
        let own = FamilyShare(owner: row.person, amount: givenBack.account)
        for share in [own] + givenBack.owners where share.amount < .zero {
            let balance = rows.accounts[share.owner]?.balance ?? .zero
            guard balance + share.amount >= .zero else {
                return refusal(
                    .insufficientFunds, .insufficientFunds,
                    "what was given back has been spent since")
            }
        }
        // What was sold before this settlement was made is no obstacle: then it was none either.
        let held = after.codes.subtracting(before.codes).subtracting(row.basis.soldCodes)
        if held.contains(where: { rows.traceCodes[$0]?.isTaken == true }) {
            return refusal(.noActionTaken, .traceCodeUsed, "a package was sold again since")
        }
        if let family = family(after: givenBack, of: row, on: rows),
            let drawn = rows.families[row.person]
        {
            let today = rows.reference.businessDate
            // The same links, in the same order.
            for (link, earlier) in zip(family.links, drawn.links)
            where link.isOverdrawn(on: today, beyond: earlier) {
                return refusal(.amountLimit, .familyLimit)
            }
        }
        return exceedsCaps(row, before: before, after: after, on: rows)
            ? refusal(.amountLimit, .annualCap, "the year's limits have been used since") : nil
    }

    /// Whether the year's caps, of the funds or of a plan, would be passed.
    private func exceedsCaps(
        _ row: SettlementRow, before: Standing, after: Standing, on rows: WorkingSet
    ) -> Bool {
        guard let key = row.accumulatorKey, let category = row.benefitCategory,
            let policy = rows.reference.policy(of: row.policyRegion, version: row.policyVersion),
            let terms = policy.terms(
                category, row.insuranceType, row.basis.person.category, row.basis.institutionLevel)
        else { return false }
        let used = rows.accumulators[key]?.used ?? Accumulators()
        let taken = after.split.less(before.split)
        return taken.pooled > terms.pooledCap.remaining(after: used.pooledUsed)
            || taken.large > terms.largeCap.remaining(after: used.largeUsed)
            || policy.plans.contains { plan in
                let share = taken.plans.first { $0.plan == plan.id }?.amount ?? .zero
                return share > plan.annualCap.remaining(after: used.used(by: plan.id))
            }
    }
}
