import SettlementDomain

/// Follows each claim from step to step and each bill from holder to holder.
struct ClaimCheck {
    private struct Known {
        var state: ClaimRow.State
        var events: Int
    }

    private var claims: [ClaimID: Known] = [:]
    private var holders: [BillKey: BillRow.Holder] = [:]

    /// Takes over what an entry does to claims and bills; gives what is wrong with it.
    mutating func take(_ entry: JournalEntry) -> [String] {
        var problems: [String] = []
        for change in entry.changes {
            switch change {
            case .claim(let row): problems += take(row, of: entry)
            case .bill(let row):
                if let before = holders[row.key], let after = row.holder, before != after {
                    problems.append("gives bill \(row.key.number), which is held, to another")
                }
                holders[row.key] = row.holder
            default: break
            }
        }
        return problems
    }

    private mutating func take(_ row: ClaimRow, of entry: JournalEntry) -> [String] {
        var problems: [String] = []
        let before = claims[row.id]
        claims[row.id] = Known(state: row.state, events: row.events.count)
        if row.events.count != (before?.events ?? 0) + 1 {
            problems.append("claim \(row.id) is not one step further")
        }
        guard let step = row.events.last?.step, step.leads(from: before?.state, to: row.state)
        else {
            problems.append(
                "claim \(row.id) cannot go from \(before?.state.name ?? "nothing") to "
                    + row.state.name)
            return problems
        }
        for award in row.awards {
            if let identity = award.split.brokenIdentity() {
                problems.append("claim \(row.id) breaks \(identity)")
            }
        }
        let expected: [Posting] =
            switch step {
            case .approve: Ledger.postings(of: row)
            case .pay: Ledger.payment(of: row)
            default: []
            }
        if Self.sums(expected) != Self.sums(entry.postings) {
            problems.append("its postings are not those of claim \(row.id)")
        }
        return problems
    }

    private static func sums(_ postings: [Posting]) -> [LedgerAccount: Int64] {
        var sums: [LedgerAccount: Int64] = [:]
        for posting in postings { sums[posting.account, default: 0] &+= posting.amount.fen }
        return sums.filter { $0.value != 0 }
    }
}

extension ClaimEvent.Step {
    /// Whether this step leads from one state to another; from nil where the claim begins.
    func leads(from before: ClaimRow.State?, to after: ClaimRow.State) -> Bool {
        guard let before else { return self == .submit && after == .submitted }
        return switch self {
        case .submit: false
        case .takeUp: before == .submitted && after == .inReview
        case .wantDocuments: before == .inReview && after == .documentsWanted
        case .supplement:
            before == .documentsWanted ? after == .inReview : before.isOpen && after == before
        case .withdraw: before.isOpen && after == .withdrawn
        case .approve: before == .inReview && after == .approved
        case .refuse: before == .inReview && after == .refused
        case .pay: before == .approved && after == .paid
        case .lapse: before == .documentsWanted && after == .lapsed
        }
    }
}
