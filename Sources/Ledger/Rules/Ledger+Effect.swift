import SettlementDomain

/// What an approved settlement does: money that moves, rows that change.
struct SettlementEffect {
    var postings: [Posting]
    /// The individual accounts, with new balances.
    var accounts: [AccountRow]
    var changes: [RowChange]
}

extension Ledger {
    /// What an approved settlement does.
    func effect(
        of settlement: DraftSettlement, card: CardRow, request: LedgerRequest, at millis: Int64,
        on rows: WorkingSet
    ) -> SettlementEffect {
        let split = settlement.split
        let id = SettlementID(request.key)
        let basis = basis(of: settlement, on: rows)
        var changes: [RowChange] = [
            .settlement(
                row(of: settlement, id: id, card: card, basis: basis, at: millis, on: rows))
        ]
        if var used = settlement.used, split.inScope > .zero || used.key.category == .inpatient {
            used.used.add(split)
            used.used.countStay(used.key.category, was: false, is: true)
            changes.append(.accumulator(used))
        }
        changes.append(contentsOf: familyChange(of: settlement, on: rows))
        changes.append(contentsOf: traceCodeChanges(of: settlement, on: rows))
        changes.append(contentsOf: usageChanges(of: settlement, on: rows))
        if let stay = settlement.stay {
            changes.append(contentsOf: stayChanges(of: stay, settledBy: id, on: rows))
        }
        if let number = settlement.billNumber {
            let key = BillKey(code: settlement.bill.institution.id.text, number: number)
            changes.append(.bill(BillRow(key: key, holder: .settlement(id))))
        }
        return SettlementEffect(
            postings: postings(of: settlement), accounts: debited(settlement, on: rows),
            changes: changes)
    }

    /// The double entry of a settlement; empty where cash pays all.
    private func postings(of settlement: DraftSettlement) -> [Posting] {
        let split = settlement.split
        let person = settlement.person.person
        let region = settlement.policy.region
        var postings: [Posting] = []
        func take(_ amount: Money, from account: LedgerAccount) {
            guard amount > .zero else { return }
            postings.append(Posting(account: account, amount: -amount))
        }
        take(split.account, from: .individual(person.id))
        for share in split.owners { take(share.amount, from: .individual(share.owner)) }
        take(split.pooled, from: .pool(region, person.insuranceType))
        take(split.large, from: .large(region, person.insuranceType))
        for share in split.plans { take(share.amount, from: .supplement(share.plan)) }
        guard !postings.isEmpty else { return [] }
        postings.append(
            Posting(
                account: .institution(settlement.bill.institution.id), amount: split.insured))
        return postings
    }

    /// The individual accounts that pay, with their new balances.
    private func debited(_ settlement: DraftSettlement, on rows: WorkingSet) -> [AccountRow] {
        var accounts: [AccountRow] = []
        func debit(_ person: PersonID, _ amount: Money) {
            guard amount > .zero, var account = rows.accounts[person] else { return }
            account.balance -= amount
            accounts.append(account)
        }
        debit(settlement.person.person.id, settlement.split.account)
        for share in settlement.split.owners { debit(share.owner, share.amount) }
        return accounts
    }

    private func familyChange(
        of settlement: DraftSettlement, on rows: WorkingSet
    ) -> [RowChange] {
        let owners = settlement.split.owners
        guard !owners.isEmpty, var family = rows.families[settlement.person.person.id] else {
            return []
        }
        for share in owners {
            guard let index = family.links.firstIndex(where: { $0.owner == share.owner }) else {
                continue
            }
            family.links[index].draw(share.amount, on: rows.reference.businessDate)
        }
        return [.family(family)]
    }

    private func traceCodeChanges(
        of settlement: DraftSettlement, on rows: WorkingSet
    ) -> [RowChange] {
        guard settlement.bill.lines.contains(where: { !$0.traceCodes.isEmpty }) else { return [] }
        let lines = settlement.bill.lines.enumerated().map { RemainingLine(position: $0, line: $1) }
        return Self.traceCodeChanges(
            from: [], to: Self.codesHeld(by: lines, settlement.sorted), on: rows)
    }

    /// The rows of trace codes after a settlement or claim that held the first holds the second.
    static func traceCodeChanges(
        from before: Set<TraceCode>, to after: Set<TraceCode>, on rows: WorkingSet
    ) -> [RowChange] {
        before.symmetricDifference(after).sorted().map { code in
            let takings = rows.traceCodes[code]?.takings ?? 0
            return .traceCode(
                TraceCodeRow(
                    code: code, takings: after.contains(code) ? takings + 1 : max(0, takings - 1)))
        }
    }

    /// Remembers what was given of items with a course or frequency limit.
    private func usageChanges(
        of settlement: DraftSettlement, on rows: WorkingSet
    ) -> [RowChange] {
        let day = settlement.bill.serviceDate
        let uses = Self.uses(settlement.sorted, of: settlement.bill.lines, on: day)
        return Self.usageRows(adding: uses, of: settlement.person.person.id, on: rows).map { row in
            var row = row
            row.history.prune(on: day)
            return .usage(row)
        }
    }

    /// What the rules saw beside the bill.
    private func basis(of settlement: DraftSettlement, on rows: WorkingSet) -> SettlementBasis {
        let institution = settlement.bill.institution
        let person = settlement.person.person
        var usages: [UsageRow] = []
        var seen: Set<ItemCode> = []
        let limited = Set(settlement.sorted.lazy.filter(\.needsHistory).map(\.line))
        var soldCodes: [TraceCode] = []
        for (position, line) in settlement.bill.lines.enumerated() {
            let key = UsageKey(person: person.id, code: line.code)
            let known = rows.usages[key]
            if known != nil || limited.contains(position), seen.insert(line.code).inserted {
                usages.append(known ?? UsageRow(key: key, history: UsageHistory()))
            }
            for code in line.traceCodes
            where rows.traceCodes[code]?.isTaken == true && !soldCodes.contains(code) {
                soldCodes.append(code)
            }
        }
        return SettlementBasis(
            person: person, institutionKind: institution.kind, institutionLevel: institution.level,
            vaccinates: institution.vaccinates, institutionRegion: institution.region,
            used: settlement.used?.used ?? Accumulators(),
            usages: usages, soldCodes: soldCodes)
    }

    private func row(
        of settlement: DraftSettlement, id: SettlementID, card: CardRow, basis: SettlementBasis,
        at millis: Int64, on rows: WorkingSet
    ) -> SettlementRow {
        SettlementRow(
            id: id, state: .settled, card: card.number,
            institution: settlement.bill.institution.id,
            bookedDate: rows.reference.businessDate, time: millis,
            serviceDate: settlement.bill.serviceDate, visitType: settlement.visitType,
            benefitCategory: settlement.category, catalogVersion: settlement.catalog,
            policyVersion: settlement.policy.version, lines: settlement.bill.lines,
            split: settlement.split, basis: basis,
            stay: settlement.stay.map {
                SettledStay(
                    admission: $0.id, admittedOn: $0.admittedOn, revision: $0.revision)
            }, billNumber: settlement.billNumber)
    }

    /// The uses of a person after these are added, a row an item, in the order of codes.
    static func usageRows(
        adding uses: [ItemUse: UsageRecord], of person: PersonID, on rows: WorkingSet
    ) -> [UsageRow] {
        var result: [UsageRow] = []
        for (use, record) in uses.sorted(by: { $0.key < $1.key }) {
            if result.last?.key.code != use.code {
                let key = UsageKey(person: person, code: use.code)
                result.append(rows.usages[key] ?? UsageRow(key: key, history: UsageHistory()))
            }
            result[result.endIndex - 1].history.add(record)
        }
        return result
    }
}
