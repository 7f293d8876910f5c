import Ledger
import SettlementDomain

/// What was found, before an entry is taken over, of the rows that it changes.
struct Antecedents {
    /// Whether each changed row exists already, in the order of the changes; nil: not looked up, or a
    /// settlement, of which `created` tells.
    var existed: [Bool?] = []
    /// The entry that made each changed settlement.
    var created: [UInt64] = []
}

extension Projections {
    /// Looks up what taking over entries needs to know; may read tables.
    ///
    /// Without `lookingUpRows` whether a row exists is left to the sweep that comes to its place in the
    /// table anyway. A start has many entries to take over, and perhaps nothing of the tables in the
    /// system's memory.
    func antecedents(
        of entries: [JournalEntry], lookingUpRows: Bool = true
    ) throws -> [Antecedents] {
        try entries.map { entry in
            var found = Antecedents()
            found.existed.reserveCapacity(entry.changes.count)
            for change in entry.changes {
                if case .settlement(let row) = change {
                    found.created.append(
                        try maker(of: row.id, changedBy: entry, among: entries))
                    found.existed.append(nil)
                } else {
                    found.existed.append(lookingUpRows ? try exists(change) : nil)
                }
            }
            return found
        }
    }

    /// The entry that made a settlement: this one, one of those that come with it, or an older one.
    private func maker(
        of id: SettlementID, changedBy entry: JournalEntry, among entries: [JournalEntry]
    ) throws -> UInt64 {
        if entry.answer?.key == id.key { return entry.sequence }
        if let made = try settlementMark(id) { return made.row.created }
        guard let made = entries.first(where: { $0.answer?.key == id.key }),
            made.sequence < entry.sequence
        else { throw StoreFault.corrupt("no entry made the settlement \(id) that one changes") }
        return made.sequence
    }

    private func exists(_ change: RowChange) throws -> Bool {
        switch change {
        case .card(let row): return try cards.exists(seal.token(of: row.number))
        case .person(let row): return try persons.exists(row.person.id)
        case .account(let row): return try accounts.exists(row.person)
        case .accumulator(let row): return try accumulators.exists(row.key)
        case .traceCode(let row): return try traceCodes.exists(row.code)
        case .usage(let row): return try usages.exists(row.key)
        case .family(let row): return try families.exists(row.member)
        case .owner(let row): return try owners.exists(row.owner)
        case .credit(let row): return try credits.exists(row.key)
        case .clearing(let row): return try clearings.exists(row.key)
        case .contribution(let row): return try contributions.exists(row.key)
        case .declarationLine(let row): return try declarationLines.exists(row.key)
        case .admission(let row): return try admissions.exists(row.id)
        case .feeUpload(let row): return try feeUploads.exists(row.key)
        case .openStays(let row): return try openStays.exists(row.person)
        case .claim(let row): return try claims.exists(row.id)
        case .bill(let row): return try bills.exists(row.key)
        case .institution(let row): return try institutions.exists(row.institution.id)
        case .terminal(let row): return try terminals.exists(row.id)
        case .catalog(let row): return try catalogs.exists(row.catalog.version)
        case .policy(let row): return try policies.exists(PolicyMark(row).key)
        case .businessDate, .settlement, .tombstone, .access: return true
        }
    }

    /// Takes over a committed entry: its rows are what is read from now on.
    func take(_ entry: JournalEntry, _ found: Antecedents) {
        let sequence = entry.sequence
        sums.count(.entries)
        if let answer = entry.answer {
            answers.take(AnswerMark(answer), sequence: sequence)
            sums.count(.answers)
        }
        for posting in entry.postings { sums.add(posting) }
        var settlement: UInt64?
        var owner: PersonID?
        var created = found.created.makeIterator()
        for (change, existed) in zip(entry.changes, found.existed) {
            if case .settlement(let row) = change {
                let made = created.next() ?? sequence
                settlement = made
                owner = row.person
                take(
                    SettlementMark(row, created: made), sequence: sequence,
                    existed: made != sequence)
            } else {
                take(change, sequence: sequence, existed: existed)
            }
        }
        takeHistory(of: entry, settlement: settlement, owner: owner)
        if let row = entry.dayRow { days.take(row) }
        last = sequence
    }

    private func take(_ mark: SettlementMark, sequence: UInt64, existed: Bool) {
        settlements.take(mark, sequence: sequence, existed: existed)
        if !existed { sums.count(.settlements) }
    }

    private func take(_ change: RowChange, sequence: UInt64, existed: Bool?) {
        switch change {
        case .card(let row):
            let mark = CardMark(row, token: seal.token(of: row.number))
            cards.take(mark, sequence: sequence, existed: existed)
        case .person(let row): persons.take(row, sequence: sequence, existed: existed)
        case .account(let row): accounts.take(row, sequence: sequence, existed: existed)
        case .accumulator(let row): accumulators.take(row, sequence: sequence, existed: existed)
        case .traceCode(let row): traceCodes.take(row, sequence: sequence, existed: existed)
        case .usage(let row): usages.take(row, sequence: sequence, existed: existed)
        case .family(let row): families.take(row, sequence: sequence, existed: existed)
        case .owner(let row): owners.take(row, sequence: sequence, existed: existed)
        case .credit(let row): credits.take(row, sequence: sequence, existed: existed)
        case .clearing(let row): clearings.take(row, sequence: sequence, existed: existed)
        case .contribution(let row):
            contributions.take(row, sequence: sequence, existed: existed)
        case .declarationLine(let row):
            declarationLines.take(row, sequence: sequence, existed: existed)
        case .admission(let row): admissions.take(row, sequence: sequence, existed: existed)
        case .feeUpload(let row):
            feeUploads.take(FeeUploadMark(row), sequence: sequence, existed: existed)
        case .openStays(let row): openStays.take(row, sequence: sequence, existed: existed)
        case .claim(let row):
            claims.take(ClaimMark(row), sequence: sequence, existed: existed)
        case .bill(let row): bills.take(row, sequence: sequence, existed: existed)
        case .institution(let row): institutions.take(row, sequence: sequence, existed: existed)
        case .terminal(let row): terminals.take(row, sequence: sequence, existed: existed)
        case .catalog(let row):
            catalogs.take(CatalogMark(row), sequence: sequence, existed: existed)
        case .policy(let row):
            policies.take(PolicyMark(row), sequence: sequence, existed: existed)
        case .businessDate(let date):
            businessDate.take(BusinessDateMark(date), sequence: sequence, existed: existed)
        case .tombstone(let row): answers.take(AnswerMark(row), sequence: sequence)
        case .settlement, .access: break
        }
    }

    private func takeHistory(of entry: JournalEntry, settlement: UInt64?, owner: PersonID?) {
        for mark in marks(of: entry, settlement: settlement, owner: owner) {
            history.add(mark, sequence: mark.key.sequence)
            if mark.move != nil { sums.count(.movements) }
        }
    }

    /// A settlement as lists need it, and the entry that last changed it.
    func settlementMark(
        _ id: SettlementID
    ) throws -> (row: SettlementMark, sequence: UInt64)? {
        if let remembered = settlements.remembered(id.key) { return remembered }
        // A request that was never answered has made no settlement.
        guard try answers.find(id.key) != nil else { return nil }
        return try settlements.find(id.key)
    }
}

extension HistoryMark {
    /// What an entry did to each person: to those whose accounts it posted to, to the one whose
    /// settlement it changed, and to those whose records it looked at.
    static func marks(
        of entry: JournalEntry, in era: UInt64, settlement: UInt64?, owner: PersonID?
    ) -> [HistoryMark] {
        var result: [HistoryMark] = []
        var looked: [PersonID] = []
        for case .access(let row) in entry.changes { looked.append(row.person) }
        func add(_ person: PersonID, _ move: Move?) {
            result.append(
                HistoryMark(
                    key: Key(era: era, person: person, sequence: entry.sequence), move: move,
                    entry: entry, settlement: settlement, isOwnSettlement: person == owner,
                    isAccess: looked.contains(person)))
        }
        for movement in entry.movements {
            add(movement.person, Move(amount: movement.amount, balance: movement.balance))
        }
        let others = owner.map { [$0] + looked } ?? looked
        for person in others where !result.contains(where: { $0.key.person == person }) {
            add(person, nil)
        }
        return result
    }
}
