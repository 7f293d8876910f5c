import SettlementDomain

/// What a settlement takes from everyone at one time of its life.
struct Standing {
    /// Who pays what.
    var split: Split
    /// What was given of items with a course or frequency limit, by item and day.
    var uses: [ItemUse: UsageRecord]
    /// The trace codes that it holds.
    var codes: Set<TraceCode>

    /// Of a settlement that was undone: nothing.
    static let nothing = Standing(split: Split(), uses: [:], codes: [])
}

/// What was given of which item on which day.
struct ItemUse: Hashable, Comparable {
    var code: ItemCode
    var day: CivilDate

    /// Whether the left comes first: by item, then by day.
    static func < (left: ItemUse, right: ItemUse) -> Bool {
        left.code == right.code ? left.day < right.day : left.code < right.code
    }
}

extension Ledger {
    /// What a settlement takes now.
    func standing(of row: SettlementRow, on rows: WorkingSet) -> Standing? {
        guard row.state != .reversed, row.state != .voided else { return .nothing }
        var standing = standing(of: row, lines: row.remainingLines, on: rows)
        // To the fen what was posted.
        standing?.split = row.standing
        return standing
    }

    /// What a settlement takes for these of its lines: what a sale of them would have taken when
    /// the settlement was made, but that no account pays more than it does now.
    ///
    /// - Returns: nil where policy or catalog of that time are not known any more, or the amounts
    ///   are out of range.
    func standing(
        of row: SettlementRow, lines remaining: [RemainingLine], on rows: WorkingSet
    ) -> Standing? {
        guard !remaining.isEmpty else { return .nothing }
        guard
            let policy = rows.reference.policy(of: row.policyRegion, version: row.policyVersion),
            let catalog = rows.reference.catalog(version: row.catalogVersion),
            let visit = visit(of: row, on: rows)
        else { return nil }
        let sold = Set(row.basis.soldCodes)
        var sorted = Sorting.sort(
            remaining.map(\.line), visit: visit, catalog: catalog, policy: policy,
            history: { code in row.basis.usages.first { $0.key.code == code }?.history },
            isSold: { sold.contains($0) })
        for index in sorted.indices { sorted[index].line = remaining[sorted[index].line].position }
        let paid = row.standing
        guard
            let split = Splitter.split(
                sorted, visit: visit, policy: policy, used: row.basis.used,
                account: AccountFunds(balance: paid.account),
                family: paid.owners.map { FamilyFund(owner: $0.owner, available: $0.amount) }),
            split.brokenIdentity() == nil
        else { return nil }
        return Standing(
            split: split,
            uses: Self.uses(sorted, of: row.lines, on: row.serviceDate),
            codes: Self.codesHeld(by: remaining, sorted))
    }

    private func visit(of row: SettlementRow, on rows: WorkingSet) -> Visit? {
        guard var institution = rows.reference.institutions[row.institution]?.institution else {
            return nil
        }
        institution.kind = row.basis.institutionKind
        institution.level = row.basis.institutionLevel
        institution.vaccinates = row.basis.vaccinates
        return Visit(
            person: row.basis.person, institution: institution, type: row.visitType,
            serviceDate: row.serviceDate)
    }

    /// What is given as `catalog` of items with a course or frequency limit, a record an item and
    /// day.
    static func uses(
        _ sorted: [SortedLine], of lines: [BillLine], on serviceDate: CivilDate
    ) -> [ItemUse: UsageRecord] {
        var uses: [ItemUse: UsageRecord] = [:]
        for part in sorted where part.needsHistory && part.itemClass == .catalog {
            let line = lines[part.line]
            let use = ItemUse(code: line.code, day: line.day ?? serviceDate)
            var record = uses[use] ?? UsageRecord(date: use.day, quantity: .zero, days: 0)
            record.quantity = Quantity(
                thousandths: record.quantity.thousandths + part.quantity.thousandths)
            record.days += part.courseDays
            uses[use] = record
        }
        return uses
    }

    /// The trace codes that a settlement holds: those of every line of which insurance money may pay a part.
    static func codesHeld(by lines: [RemainingLine], _ sorted: [SortedLine]) -> Set<TraceCode> {
        var codes: Set<TraceCode> = []
        let paid = Set(sorted.lazy.filter { $0.itemClass != .excluded }.map(\.line))
        for line in lines where !line.line.traceCodes.isEmpty && paid.contains(line.position) {
            codes.formUnion(line.line.traceCodes)
        }
        return codes
    }
}
