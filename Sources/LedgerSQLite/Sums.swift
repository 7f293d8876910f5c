import Ledger

/// Sums of postings by ledger account and counts of rows that are only added: what entries added.
struct Sums {
    private(set) var accounts: [LedgerAccount: Int64] = [:]
    private var individual: Int64?
    private(set) var counts = [Int64](repeating: 0, count: StoreCount.allCases.count)

    mutating func add(_ posting: Posting) {
        if case .individual = posting.account {
            individual = (individual ?? 0) &+ posting.amount.fen
        } else {
            accounts[posting.account, default: 0] &+= posting.amount.fen
        }
    }

    mutating func count(_ what: StoreCount) {
        counts[what.ordinal] += 1
    }

    /// The sums by the names under which they are stored.
    var byName: [String: Int64] {
        var result: [String: Int64] = [:]
        for (account, amount) in accounts { result[account.sumName] = amount }
        if let individual { result["individual"] = individual }
        return result
    }
}

extension StoreCount {
    var ordinal: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}

/// Sums as stored, and what was added since: by the pass under way, and after it.
final class SumTable {
    private var totals: [String: Int64] = [:]
    private var counts = [Int64](repeating: 0, count: StoreCount.allCases.count)
    private var pass = Sums()
    private var current = Sums()
    private var putTotal: Statement?
    private var putTally: Statement?

    func attach(to handle: OpaquePointer) throws {
        putTotal = try Statement("INSERT OR REPLACE INTO total VALUES (?, ?)", on: handle)
        putTally = try Statement("INSERT OR REPLACE INTO tally VALUES (?, ?)", on: handle)
    }

    func detach() {
        putTotal = nil
        putTally = nil
    }

    func forget() {
        totals = [:]
        counts = [Int64](repeating: 0, count: StoreCount.allCases.count)
        pass = Sums()
        current = Sums()
    }

    /// Reads what is stored; what was added since is kept.
    func load(from handle: OpaquePointer) throws {
        totals = [:]
        let rows = try Statement("SELECT account, balance FROM total", on: handle).all {
            ($0.text(), $0.integer())
        }
        for (name, amount) in rows { totals[name] = amount }
        let tallies = try Statement("SELECT name, count FROM tally", on: handle).all {
            ($0.text(), $0.integer())
        }
        for (name, count) in tallies {
            guard let what = StoreCount(rawValue: name) else { continue }
            counts[what.ordinal] = count
        }
    }

    func add(_ posting: Posting) {
        current.add(posting)
    }

    func count(_ what: StoreCount) {
        current.count(what)
    }

    func beginPass() {
        pass = current
        current = Sums()
    }

    /// Writes the sums as of the pass's beginning.
    func write() throws {
        guard let putTotal, let putTally else { return }
        for (name, amount) in pass.byName {
            putTotal.bind { binder in
                binder.text(name)
                binder.integer(totals[name, default: 0] &+ amount)
            }
            try putTotal.run()
        }
        for what in StoreCount.allCases where pass.counts[what.ordinal] != 0 {
            putTally.bind { binder in
                binder.text(what.rawValue)
                binder.integer(counts[what.ordinal] + pass.counts[what.ordinal])
            }
            try putTally.run()
        }
    }

    /// What was written is committed.
    func confirm() {
        for (name, amount) in pass.byName { totals[name, default: 0] &+= amount }
        for index in counts.indices { counts[index] += pass.counts[index] }
        pass = Sums()
    }

    /// All sums as of the last commit, by name.
    var allTotals: [String: Int64] {
        var result = totals
        for sums in [pass, current] {
            for (name, amount) in sums.byName { result[name, default: 0] &+= amount }
        }
        return result
    }

    func total(of what: StoreCount) -> Int64 {
        let index = what.ordinal
        return counts[index] + pass.counts[index] + current.counts[index]
    }
}
