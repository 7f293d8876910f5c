import SettlementDomain

extension Verification {
    /// A contribution posts what was paid: so much from the collector, so much to the account, the
    /// rest to one pooled fund.
    mutating func check(_ row: ContributionRow, of entry: JournalEntry) {
        var collected: Int64 = 0
        var credited: Int64 = 0
        var pooled: Int64 = 0
        var others = 0
        for posting in entry.postings {
            switch posting.account {
            case .contributions(row.collector.text): collected &+= posting.amount.fen
            case .individual(row.key.person): credited &+= posting.amount.fen
            case .pool: pooled &+= posting.amount.fen
            default: others += 1
            }
        }
        let paid = row.paid.fen
        if collected != -paid || credited != row.credited.fen
            || pooled != paid &- row.credited.fen || others > 0
        {
            note(entry, "its postings are not those of the contribution for \(row.key.period)")
        }
        if row.paidDate != entry.bookedDate {
            note(entry, "its contribution is dated \(row.paidDate)")
        }
    }
}
