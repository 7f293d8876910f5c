import Ledger
import SettlementDomain

/// Compares what terminals were told with what the ledger holds before and after a run.
///
/// Holds where nothing but the run used the ledger meanwhile.
enum ConservationCheck {
    /// One thing that must hold.
    struct Finding: Sendable, Hashable, Codable {
        /// What was compared.
        var what: String
        /// Whether it holds.
        var holds: Bool
        /// Both sides.
        var detail: String
    }

    /// Sums by kind of ledger account.
    static func sums(
        _ effects: Effects, before: LedgerView, after: LedgerView
    ) -> [Finding] {
        func growth(_ prefix: String) -> Int64 {
            sum(after.balances, prefix) - sum(before.balances, prefix)
        }
        func finding(_ what: String, _ prefix: String, _ told: Int64) -> Finding {
            let grown = growth(prefix)
            return Finding(
                what: what, holds: grown == told,
                detail: "ledger \(Money(fen: grown)), terminals were told \(Money(fen: told))")
        }
        let zero = after.balances.values.reduce(0, +)
        return [
            finding(
                "institutions are owed what others than cash paid", "institution",
                effects.insured),
            finding(
                "individual accounts paid account and family parts", "individual",
                -(effects.account + effects.family)),
            finding("the pooled fund paid the pooled parts", "pool", -effects.pooled),
            finding("large-amount assistance paid its parts", "large", -effects.large),
            finding("supplementary plans paid their parts", "supplement", -effects.supplement),
            Finding(
                what: "all ledger accounts sum to zero", holds: zero == 0,
                detail: Money(fen: zero).description),
        ]
    }

    /// Each account's opening balance less what its cards' settles took is its closing balance; of
    /// some cards only, none has kept more than that.
    ///
    /// Relatives who may draw on each other's accounts are one sum, since answers mask whose account
    /// paid.
    ///
    /// - Parameters:
    ///   - byCard: what own accounts paid, by card; the views' persons stand in the same order.
    ///   - familyPaid: what relatives paid in all; nil where not every card of the run is in `byCard`.
    ///   - before: the ledger before the run.
    ///   - after: the ledger after it.
    /// - Returns: one finding for all accounts, one for the family parts.
    static func accounts(
        _ byCard: ArraySlice<Int64>, familyPaid: Int64?, before: LedgerView, after: LedgerView
    ) -> [Finding] {
        var groups = Groups(before.accounts.keys)
        for (member, owners) in before.owners {
            for owner in owners { groups.join(member, owner) }
        }
        var told: [PersonID: Int64] = [:]
        for (paid, person) in zip(byCard, before.persons) {
            told[groups.root(person), default: 0] += paid
        }
        var opening: [PersonID: Int64] = [:]
        var closing: [PersonID: Int64] = [:]
        var shared: Set<PersonID> = []
        for (person, balance) in before.accounts {
            let root = groups.root(person)
            opening[root, default: 0] += balance
            closing[root, default: 0] += after.accounts[person] ?? 0
        }
        for (member, owners) in before.owners where !owners.isEmpty {
            shared.insert(groups.root(member))
        }
        var wrong = 0
        var familyLeft = familyPaid ?? 0
        for (root, open) in opening {
            let difference = open - (closing[root] ?? 0) - (told[root] ?? 0)
            if shared.contains(root) {
                familyLeft -= difference
                if difference < 0 { wrong += 1 }
            } else if difference < 0 || difference > 0 && familyPaid != nil {
                // Where only some cards are compared, a relative among the others may have drawn.
                wrong += 1
            }
        }
        var findings = [
            Finding(
                what: "opening balance less account parts is closing balance", holds: wrong == 0,
                detail: "\(wrong) of \(opening.count) accounts or families differ")
        ]
        if familyPaid != nil {
            findings.append(
                Finding(
                    what: "families paid the family parts", holds: familyLeft == 0,
                    detail: "\(Money(fen: familyLeft)) left over"))
        }
        return findings
    }

    private static func sum(_ balances: [String: Int64], _ prefix: String) -> Int64 {
        balances.reduce(0) { sum, entry in
            entry.key == prefix || entry.key.hasPrefix(prefix + ":") ? sum + entry.value : sum
        }
    }
}

/// Persons joined into groups.
private struct Groups {
    private var parents: [PersonID: PersonID]

    init(_ persons: some Sequence<PersonID>) {
        parents = Dictionary(uniqueKeysWithValues: persons.map { ($0, $0) })
    }

    mutating func root(_ person: PersonID) -> PersonID {
        var current = person
        while let parent = parents[current], parent != current { current = parent }
        parents[person] = current
        return current
    }

    mutating func join(_ left: PersonID, _ right: PersonID) {
        let (first, second) = (root(left), root(right))
        parents[second] = first
    }
}
