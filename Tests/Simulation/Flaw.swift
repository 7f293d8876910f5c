import Ledger
import SettlementDomain

/// A defect that a simulated store is given on purpose, to see that it is found.
public enum Flaw: String, Sendable, CaseIterable {
    /// One commit in a hundred is acknowledged and not kept.
    case forgetsCommits
    /// What another daemon committed in between is not noticed.
    case overlooksOthers
    /// A commit whose outcome is not known is said not to have happened.
    case callsTheUnknownUndone
    /// A sync of a file returns and has done nothing.
    case forgetsSyncs
    /// The reversal of a request that was never seen is answered and not remembered.
    case forgetsReversals
    /// The last line of a date's books is not read.
    case losesLinesOfBooks
    /// A card keeps its old PIN.
    case keepsOldPINs
    /// What a relative has drawn is not counted.
    case forgetsDraws
    /// A contribution is booked, and not that its period is paid for.
    case forgetsPeriods
    /// The fees of a stay are summed and not kept.
    case losesFees
    /// A step of a claim's review is answered and not kept.
    case forgetsReviews
    /// The oldest line of a person's history is not read.
    case losesHistory
}

extension Flaw {
    /// An entry as a store with this flaw keeps it.
    func spoiled(_ entry: JournalEntry) -> JournalEntry {
        var entry = entry
        entry.changes = entry.changes.compactMap { change in
            switch (self, change) {
            case (.forgetsReversals, .tombstone), (.forgetsPeriods, .contribution),
                (.losesFees, .feeUpload):
                return nil
            case (.forgetsReviews, .claim) where entry.kind == .claimReview: return nil
            case (.keepsOldPINs, .card) where entry.kind == .pinChange: return nil
            case (.forgetsDraws, .family(var row)):
                for index in row.links.indices {
                    row.links[index].used = .zero
                    row.links[index].usedToday = .zero
                }
                return .family(row)
            default: return change
            }
        }
        return entry
    }

    /// A page as a store with this flaw reads it.
    func spoiled(_ page: StorePage) -> StorePage {
        switch (self, page) {
        case (.losesLinesOfBooks, .day(let rows)): .day(rows.dropLast())
        case (.losesHistory, .entries(let entries)): .entries(entries.dropLast())
        default: page
        }
    }
}
