import SettlementDomain

/// What a settlement takes from everyone at one time of its life.
struct Standing {
    /// Who pays what.
    var split: Split
    /// What was given of items with a course or frequency limit, by item.
    var uses: [ItemCode: UsageRecord]
    /// The trace codes that it holds.
    var codes: Set<TraceCode>

    /// Of a settlement that was undone: nothing.
    static let nothing = Standing(split: Split(), uses: [:], codes: [])
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
            uses: Self.uses(sorted, on: row.serviceDate) { row.lines[$0].code },
            codes: Self.codesHeld(by: remaining, sorted, sold: sold))
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

    /// What is given as `catalog` of items with a course or frequency limit, a record an item.
    static func uses(
        _ sorted: [SortedLine], on day: CivilDate, codeOfLine: (Int) -> ItemCode
    ) -> [ItemCode: UsageRecord] {
        var uses: [ItemCode: UsageRecord] = [:]
        for part in sorted where part.needsHistory && part.itemClass == .catalog {
            let code = codeOfLine(part.line)
            var record = uses[code] ?? UsageRecord(date: day, quantity: .zero, days: 0)
            record.quantity = Quantity(
                thousandths: record.quantity.thousandths + part.quantity.thousandths)
            record.days += part.courseDays
            uses[code] = record
        }
        return uses
    }

    /// The trace codes that a settlement holds: those of every line that insurance money may pay,
    /// but for codes that another settlement held before.
    static func codesHeld(
        by lines: [RemainingLine], _ sorted: [SortedLine], sold: Set<TraceCode>
    ) -> Set<TraceCode> {
        var codes: Set<TraceCode> = []
        for line in lines where !line.line.traceCodes.isEmpty {
            let isExcluded = sorted.contains {
                $0.line == line.position && $0.itemClass == .excluded
            }
            if !isExcluded { codes.formUnion(line.line.traceCodes) }
        }
        return codes.subtracting(sold)
    }
}
