import SettlementDomain

extension Ledger {
    /// Decides that nothing is paid.
    func refuse(_ id: ClaimID, _ event: ClaimEvent, on rows: WorkingSet) -> Guarded<ClaimStep> {
        var claim: ClaimRow
        switch undecided(id, event, on: rows) {
        case .refused(let verdict, let recorded, let card):
            return .refused(verdict, recorded: recorded, card: card)
        case .passed(let found): claim = found
        }
        claim.state = .refused
        claim.due = nil
        return .passed(ClaimStep(claim: claim, changes: freedBills(of: claim, on: rows)))
    }

    /// Sorts and splits every bill by the rules of its service date, and owes the person what the
    /// funds pay.
    func approve(
        _ id: ClaimID, _ event: ClaimEvent, _ person: PersonRow, _ share: Ratio,
        _ disallowed: [Disallowance], on rows: WorkingSet
    ) -> Guarded<ClaimStep> {
        var claim: ClaimRow
        switch undecided(id, event, on: rows) {
        case .refused(let verdict, let recorded, let card):
            return .refused(verdict, recorded: recorded, card: card)
        case .passed(let found): claim = found
        }
        if person.frozen { return refused(.notPermittedToPerson, .benefitFrozen) }
        if let verdict = guardDisallowed(disallowed, of: claim) {
            return .refused(verdict, recorded: true, card: nil)
        }
        // Each bill sees what those before it have used.
        var trial = rows
        var step = ClaimStep(claim: claim)
        var awards: [Int: ClaimAward] = [:]
        let inOrder = claim.bills.indices.sorted {
            (claim.bills[$0].serviceDate, $0) < (claim.bills[$1].serviceDate, $1)
        }
        for index in inOrder {
            let bill = claim.bills[index]
            let path = "bills[\(index)]"
            if let verdict = settled(bill, of: claim.person, path, on: rows) {
                return .refused(verdict, recorded: true, card: nil)
            }
            let mine = disallowed.filter { $0.bill == index }
            switch award(bill, of: claim, person, share, mine, on: trial) {
            case .refused(var verdict, let recorded, let card):
                verdict.detail = "\(path): \(verdict.detail)"
                return .refused(verdict, recorded: recorded, card: card)
            case .passed(let (award, changes)):
                awards[index] = award
                for change in changes { trial.apply(change) }
                step.changes += changes
            }
        }
        claim.awards = claim.bills.indices.compactMap { awards[$0] }
        claim.state = .approved
        claim.due = nil
        step.postings = Self.postings(of: claim)
        step.changes = Self.lastOfEachRow(step.changes)
        step.claim = claim
        return .passed(step)
    }

    /// The changes without those that a later one of the same row takes the place of.
    private static func lastOfEachRow(_ changes: [RowChange]) -> [RowChange] {
        var seen: Set<AnyHashable> = []
        return changes.reversed().filter { change in
            switch change {
            case .accumulator(let row): seen.insert(row.key).inserted
            case .usage(let row): seen.insert(row.key).inserted
            case .traceCode(let row): seen.insert(row.code).inserted
            default: true
            }
        }.reversed()
    }

    /// Pays what was approved.
    func pay(_ id: ClaimID, _ event: ClaimEvent, on rows: WorkingSet) -> Guarded<ClaimStep> {
        var claim: ClaimRow
        switch self.claim(id, event, from: [.approved], on: rows) {
        case .refused(let verdict, let recorded, let card):
            return .refused(verdict, recorded: recorded, card: card)
        case .passed(let found): claim = found
        }
        guard claim.approved > .zero else {
            return refused(.invalidTransaction, .nothingToPay, "the funds pay nothing of it")
        }
        claim.state = .paid
        return .passed(ClaimStep(claim: claim, postings: Self.payment(of: claim)))
    }

    /// The double entry of a payment.
    static func payment(of claim: ClaimRow) -> [Posting] {
        [
            Posting(account: .reimbursement(claim.person), amount: -claim.approved),
            Posting(account: .bank, amount: claim.approved),
        ]
    }

    /// A claim that may be decided, by another clerk than took it in.
    private func undecided(
        _ id: ClaimID, _ event: ClaimEvent, on rows: WorkingSet
    ) -> Guarded<ClaimRow> {
        let found = claim(id, event, from: [.inReview], on: rows)
        if case .passed(let claim) = found, claim.events.first?.clerk == event.clerk {
            return refused(
                .notPermittedToTerminal, .clerkNotIndependent,
                "clerk \(event.clerk) took the claim in")
        }
        return found
    }

    /// The double entry of an approval; empty where the funds pay nothing.
    static func postings(of claim: ClaimRow) -> [Posting] {
        var postings: [Posting] = []
        func take(_ amount: Money, from account: LedgerAccount) {
            guard amount > .zero else { return }
            postings.append(Posting(account: account, amount: -amount))
        }
        for award in claim.awards {
            take(award.split.pooled, from: .pool(award.policyRegion, award.insuranceType))
            take(award.split.large, from: .large(award.policyRegion, award.insuranceType))
            for plan in award.split.plans { take(plan.amount, from: .supplement(plan.plan)) }
        }
        guard !postings.isEmpty else { return [] }
        return postings + [
            Posting(account: .reimbursement(claim.person), amount: claim.approved)
        ]
    }

    /// What is disallowed must be of a line, once, and no more than its amount.
    private func guardDisallowed(_ disallowed: [Disallowance], of claim: ClaimRow) -> Verdict? {
        var seen: Set<[Int]> = []
        for (index, item) in disallowed.enumerated() {
            let path = "disallowed[\(index)]"
            guard claim.bills.indices.contains(item.bill),
                claim.bills[item.bill].lines.indices.contains(item.line)
            else {
                return refusal(
                    .invalidAmount, .fieldOutOfRange, "\(path): there is no such bill and line")
            }
            guard seen.insert([item.bill, item.line]).inserted else {
                return refusal(
                    .invalidAmount, .fieldOutOfRange, "\(path): the line is named twice")
            }
            let amount = claim.bills[item.bill].lines[item.line].amount
            if let wanted = item.amount, wanted <= .zero || wanted > amount {
                return refusal(
                    .invalidAmount, .fieldOutOfRange,
                    "\(path).amount: not 1...\(amount.fen), the line's amount")
            }
        }
        return nil
    }

    // MARK: One bill

    /// The rules of a claimed bill.
    func rules(
        of bill: ClaimBill, _ person: PersonRow, takenInBy agency: InstitutionID,
        on rows: WorkingSet
    ) -> Guarded<VisitRules> {
        let known = bill.place.institution.flatMap { rows.reference.institutions[$0]?.institution }
        let institution = Institution(
            id: known?.id ?? agency, name: bill.place.name, kind: bill.place.kind,
            level: bill.place.level, vaccinates: known?.vaccinates ?? false,
            region: known?.region ?? person.person.region)
        return rules(
            for: person, at: institution, bill.visitType, bill.diagnosis, on: bill.serviceDate,
            rows)
    }

    /// What a bill gives, and the rows that this changes.
    private func award(
        _ bill: ClaimBill, of claim: ClaimRow, _ person: PersonRow, _ share: Ratio,
        _ disallowed: [Disallowance], on rows: WorkingSet
    ) -> Guarded<(ClaimAward, [RowChange])> {
        let rules: VisitRules
        switch self.rules(of: bill, person, takenInBy: claim.agency, on: rows) {
        case .refused(let verdict, let recorded, let card):
            return .refused(verdict, recorded: recorded, card: card)
        case .passed(let passed): rules = passed
        }
        let sorted = sort(bill, without: disallowed, by: rules, on: rows)
        guard
            let split = Splitter.split(
                sorted, visit: rules.visit, policy: rules.policy,
                used: rules.used?.used ?? Accumulators(), account: AccountFunds(balance: .zero),
                share: share),
            split.brokenIdentity() == nil
        else { return refused(.invalidAmount, .amountOverflow) }
        let award = ClaimAward(
            catalogVersion: rules.catalog.version, policyRegion: rules.policy.region,
            policyVersion: rules.policy.version,
            insuranceType: rules.visit.person.insuranceType, benefitCategory: rules.category,
            share: share, split: split, disallowed: disallowed)
        return .passed(
            (award, changes(by: bill, of: claim, sorted, split, rules, on: rows)))
    }

    /// Sorts what is accepted of a bill; the rest is `notAccepted`.
    private func sort(
        _ bill: ClaimBill, without disallowed: [Disallowance], by rules: VisitRules,
        on rows: WorkingSet
    ) -> [SortedLine] {
        var accepted: [BillLine] = []
        var positions: [Int] = []
        var parts: [[SortedLine]] = Array(repeating: [], count: bill.lines.count)
        for (position, line) in bill.lines.enumerated() {
            let item = disallowed.first { $0.line == position }
            let off = item.map { $0.amount ?? line.amount } ?? .zero
            if off > .zero {
                parts[position] = [
                    SortedLine(
                        line: position, quantity: off == line.amount ? line.quantity : .zero,
                        amount: off, reason: .notAccepted)
                ]
            }
            guard off < line.amount else { continue }
            var rest = line
            rest.amount -= off
            accepted.append(rest)
            positions.append(position)
        }
        for part in sort(accepted, by: rules, on: rows).reversed() {
            var part = part
            part.line = positions[part.line]
            parts[part.line].insert(part, at: 0)
        }
        return parts.flatMap { $0 }
    }

    /// The year's use, past uses and trace codes after a bill is approved.
    private func changes(
        by bill: ClaimBill, of claim: ClaimRow, _ sorted: [SortedLine], _ split: Split,
        _ rules: VisitRules, on rows: WorkingSet
    ) -> [RowChange] {
        var changes: [RowChange] = []
        if var used = rules.used, split.inScope > .zero || used.key.category == .inpatient {
            used.used.add(split)
            used.used.countStay(used.key.category, was: false, is: true)
            changes.append(.accumulator(used))
        }
        let paid = Set(sorted.lazy.filter { $0.itemClass != .excluded }.map(\.line))
        let codes = Set(paid.flatMap { bill.lines[$0].traceCodes })
        changes += Self.traceCodeChanges(from: [], to: codes, on: rows)
        let uses = Self.uses(sorted, of: bill.lines, on: bill.serviceDate)
        return changes
            + Self.usageRows(adding: uses, of: claim.person, on: rows).map { row in
                var row = row
                row.history.prune(on: bill.serviceDate)
                return .usage(row)
            }
    }
}
