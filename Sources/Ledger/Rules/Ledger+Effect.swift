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
        var changes: [RowChange] = [
            .settlement(row(of: settlement, id: id, card: card, at: millis, on: rows))
        ]
        if var used = settlement.used, split.inScope > .zero {
            used.used.add(split)
            changes.append(.accumulator(used))
        }
        changes.append(contentsOf: familyChange(of: settlement, on: rows))
        changes.append(contentsOf: traceCodeChanges(of: settlement, id: id, on: rows))
        changes.append(contentsOf: usageChanges(of: settlement, on: rows))
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
        let year = UInt16(clamping: rows.reference.businessDate.year)
        for share in owners {
            guard let index = family.links.firstIndex(where: { $0.owner == share.owner }) else {
                continue
            }
            if family.links[index].usedYear != year {
                family.links[index].usedYear = year
                family.links[index].used = .zero
            }
            family.links[index].used += share.amount
        }
        return [.family(family)]
    }

    /// Takes the trace codes of every line that insurance money may pay, each once however often
    /// the bill names it.
    private func traceCodeChanges(
        of settlement: DraftSettlement, id: SettlementID, on rows: WorkingSet
    ) -> [RowChange] {
        var changes: [RowChange] = []
        var taken: Set<TraceCode> = []
        for (index, line) in settlement.bill.lines.enumerated() where !line.traceCodes.isEmpty {
            let isExcluded = settlement.sorted.contains {
                $0.line == index && $0.itemClass == .excluded
            }
            guard !isExcluded else { continue }
            for code in line.traceCodes
            where rows.traceCodes[code]?.takenBy == nil && taken.insert(code).inserted {
                changes.append(.traceCode(TraceCodeRow(code: code, takenBy: id)))
            }
        }
        return changes
    }

    /// Remembers what was given of items with a course or frequency limit.
    private func usageChanges(
        of settlement: DraftSettlement, on rows: WorkingSet
    ) -> [RowChange] {
        var usages: [UsageRow] = []
        for part in settlement.sorted where part.needsHistory && part.itemClass == .catalog {
            let key = UsageKey(
                person: settlement.person.person.id, code: settlement.bill.lines[part.line].code)
            let index =
                usages.firstIndex { $0.key == key }
                ?? {
                    usages.append(rows.usages[key] ?? UsageRow(key: key, history: UsageHistory()))
                    return usages.count - 1
                }()
            usages[index].history.add(
                UsageRecord(
                    date: settlement.bill.serviceDate, quantity: part.quantity,
                    days: part.courseDays))
            usages[index].history.prune(on: settlement.bill.serviceDate)
        }
        return usages.map { .usage($0) }
    }

    private func row(
        of settlement: DraftSettlement, id: SettlementID, card: CardRow, at millis: Int64,
        on rows: WorkingSet
    ) -> SettlementRow {
        SettlementRow(
            id: id, state: .settled, card: card.number, person: card.person,
            institution: settlement.bill.institution.id,
            bookedDate: rows.reference.businessDate, time: millis,
            serviceDate: settlement.bill.serviceDate, visitType: settlement.visitType,
            benefitCategory: settlement.category, catalogVersion: settlement.catalog,
            policyRegion: settlement.policy.region, policyVersion: settlement.policy.version,
            insuranceType: settlement.person.person.insuranceType, lines: settlement.bill.lines,
            split: settlement.split)
    }
}
